"""Signing in with a tenant's OpenID provider."""

import logging
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from valv.core.errors import NotFound
from valv.portal.contexts.frame import SignInPage
from valv.portal.doors import clock
from valv.portal.entering import enter, local_page, origin_of
from valv.portal.frame import shown
from valv.portal.providers import provider_links
from valv.portal.views.sign_in import TOO_MANY, wait_words
from valv.storage import scope
from valv.tenants import openid, slowdown
from valv.tenants.access_log import How
from valv.tenants.models import Tenant, User
from valv.tenants.queries import tenants
from valv.tenants.sign_ins import note_unknown
from valv.tenants.signin_settings import provider_secret, rules_of
from valv.tenants.vouched import user_vouched_for

BEGUN = "provider_sign_in"
NOT_TAKEN = 403
log = logging.getLogger("valv.sign_in")


def callback_address() -> str:
    """Where the provider sends people back to; its administrator enters it there."""
    return f"{settings.VALV_PUBLIC_URL.rstrip('/')}{reverse('sign-in-provider-back')}"


@require_safe
def to_provider(request: HttpRequest, tenant: str) -> HttpResponse:
    """Off to the provider. That a browser is sent there harms nobody: no form."""
    chosen = _tenant(tenant)
    provider = rules_of(chosen).provider
    if provider is None:
        raise NotFound
    following = local_page(request, request.GET.get("next", ""))
    counts, now = slowdown.of_place(origin_of(request).network), clock()
    left = slowdown.wait_or_take(counts, now=now)
    if left > 0:
        return _wait(request, chosen, left)
    try:
        begun = openid.begin(
            provider, back=callback_address(), again="again" in request.GET
        )
    except openid.NotVouched as error:
        return _refused(request, chosen, error)
    request.session[BEGUN] = {**begun.kept, "tenant": tenant, "next": following}
    return HttpResponseRedirect(begun.address)


@require_safe
def from_provider(request: HttpRequest) -> HttpResponse:
    """Back from the provider, with what it says, once."""
    kept = request.session.pop(BEGUN, None)
    if kept is None:
        raise NotFound
    tenant, following = _tenant(kept.pop("tenant")), kept.pop("next")
    counts, now = slowdown.of_place(origin_of(request).network), clock()
    try:
        user = _vouched(request, tenant, kept, now)
    except openid.NotVouched as error:
        return _refused(request, tenant, error)
    if user is None:
        return _refused(request, tenant, None)
    slowdown.lessen(counts)
    return enter(request, user, how=How.PROVIDER, following=following)


def _vouched(
    request: HttpRequest, tenant: Tenant, kept: dict[str, str], now: datetime
) -> User | None:
    provider = rules_of(tenant).provider
    if provider is None:
        raise openid.NotVouched("The provider was taken away meanwhile.")
    claims = openid.finish(
        provider,
        {name: request.GET.get(name, "") for name in request.GET},
        kept,
        secret=provider_secret(tenant),
        back=callback_address(),
        now=now,
    )
    return user_vouched_for(tenant, provider, claims, now=now)


def _tenant(slug: str) -> Tenant:
    """Raises NotFound."""
    found = next((one for one in tenants() if one.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def _refused(
    request: HttpRequest, tenant: Tenant, error: openid.NotVouched | None
) -> HttpResponse:
    if error is not None:
        log.warning("tenant %s: %s", tenant.id, error)
    with scope.writing(tenant.id):
        origin, now = origin_of(request), clock()
        note_unknown(tenant.id, how=How.PROVIDER, origin=origin, now=now)
    fault = _("The provider did not let you in here. Ask your administrator.")
    return _page(request, tenant, fault, status=NOT_TAKEN)


def _wait(request: HttpRequest, tenant: Tenant, left: float) -> HttpResponse:
    seconds = round(left + 0.5)
    answer = _page(request, tenant, wait_words(seconds), status=TOO_MANY)
    answer["Retry-After"] = str(seconds)
    return answer


def _page(
    request: HttpRequest, tenant: Tenant, fault: str, *, status: int
) -> HttpResponse:
    page = SignInPage(
        fault=fault,
        action=reverse("sign-in"),
        providers=provider_links(tenant.slug, ""),
    )
    return shown(request, "sign_in.html", page, status=status)


routes = [
    path("sign-in/with/<slug:tenant>", to_provider, name="sign-in-provider"),
    path("sign-in/provider", from_provider, name="sign-in-provider-back"),
]
