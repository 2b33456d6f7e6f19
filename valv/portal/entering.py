"""Coming in and going out: what the pages of signing in have in common.

The cookie leads to a session of Django's, and that to a sign-in of ours, which is
looked up for each request. Whoever comes in gets a new key and an empty session.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from valv.portal.doors import clock, see_other
from valv.tenants.access_log import How, Origin
from valv.tenants.models import User
from valv.tenants.sign_ins import begin

SIGN_IN = "sign_in"
PENDING = "pending"
PENDING_SECONDS = 300
LONGEST = 300


def origin_of(request: HttpRequest) -> Origin:
    """Where someone asks from; behind a proxy that is trusted, as the proxy says."""
    network = str(request.META.get("REMOTE_ADDR", ""))
    if settings.VALV_TRUSTED_PROXY:
        said = request.headers.get("X-Forwarded-For", "")
        network = said.rpartition(",")[2].strip() or network
    return Origin(network, request.headers.get("User-Agent", "")[:LONGEST])


def enter(
    request: HttpRequest, user: User, *, how: How, following: str
) -> HttpResponseRedirect:
    """Let somebody in, and on to where they were going."""
    sign_in_id = begin(user, how=how, origin=origin_of(request), now=clock())
    request.session.flush()
    request.session[SIGN_IN] = sign_in_id
    rotate_token(request)
    return see_other(local_page(request, following) or reverse("search"))


def wait_for_second_factor(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Remember whose password was right, under a new key, for a few minutes."""
    request.session.flush()
    request.session[PENDING] = [user.id, user.tenant_id, int(now.timestamp())]
    rotate_token(request)


def pending_user(request: HttpRequest, *, now: datetime) -> tuple[int, int] | None:
    """Whose password was right: user and tenant; None for nobody, or too long ago."""
    held = request.session.get(PENDING)
    if held is None or now.timestamp() - held[2] > PENDING_SECONDS:
        return None
    return held[0], held[1]


def local_page(request: HttpRequest, following: str) -> str:
    """A page of ours to go on to; anything else is dropped."""
    ours = following.startswith("/") and url_has_allowed_host_and_scheme(
        following, {request.get_host()}, require_https=request.is_secure()
    )
    return following if ours else ""
