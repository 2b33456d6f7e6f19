"""The providers that the page of signing in offers."""

from urllib.parse import urlencode

from django.urls import reverse

from valv.portal.contexts import Choice
from valv.tenants.models import Tenant
from valv.tenants.queries import tenants
from valv.tenants.signin_settings import rules_of


def provider_links(slug: str, following: str) -> tuple[Choice, ...]:
    """That of the tenant whose page it is; without a name, of the only one there is.

    A name that is no tenant's shows the same page as a tenant without a provider.
    """
    known = tenants()
    chosen = [one for one in known if one.slug == slug] if slug else known
    if len(chosen) != 1:
        return ()
    return tuple(_links(chosen[0], following))


def _links(tenant: Tenant, following: str) -> list[Choice]:
    provider = rules_of(tenant).provider
    if provider is None:
        return []
    address = reverse("sign-in-provider", args=[tenant.slug])
    query = f"?{urlencode({'next': following})}" if following else ""
    return [(address + query, provider.label or provider.issuer)]
