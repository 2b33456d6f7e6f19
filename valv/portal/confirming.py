"""Once more, please: before what cannot be undone one proves to be there.

Who proved it within five minutes goes on. Anyone else is asked on a page that carries
along what they had sent, so that nothing typed is lost and nothing is done before.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from valv.portal.contexts.account import ConfirmingPage
from valv.portal.doors import Request
from valv.portal.entering import LONGEST, origin_of
from valv.portal.frame import shown
from valv.tenants import passkeys, slowdown
from valv.tenants.access_log import How
from valv.tenants.factors import code_of, own_factors, password_counts
from valv.tenants.models import User
from valv.tenants.sign_ins import confirm, note_failure
from valv.tenants.signin import user_of_password

CHALLENGE = "passkey_challenge"
FIELDS = ("confirm-password", "confirm-code", "confirm-passkey")
NEVER_SENT_ON = {*FIELDS, "username", "csrfmiddlewaretoken"}
FORBIDDEN, TOO_MANY = 403, 429

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]


def recently_confirmed(
    *, when: Callable[[Request], bool] = lambda _: True
) -> Callable[[View[P]], View[P]]:
    """A decorator, inside the door: what is posted needs a recent confirmation.

    ``when`` says which requests do; all of them unless stated.
    """

    def confirming(view: View[P]) -> View[P]:
        @wraps(view)
        def confirmed(
            request: Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            needed = request.method == "POST" and when(request)
            answer = ask_unless_confirmed(request) if needed else None
            return view(request, *args, **kwargs) if answer is None else answer

        confirmed.confirms = True  # type: ignore[attr-defined]
        return confirmed

    return confirming


def ask_unless_confirmed(request: Request) -> HttpResponse | None:
    """None if the person proved to be there just now or a little while ago."""
    presence, now = request.presence, request.now
    if presence.is_confirmed(now):
        return None
    if request.htmx:
        return _lead_there(request)
    if not any(request.POST.get(name) for name in FIELDS):
        return _ask(request)
    counts = slowdown.of_codes(presence.user.email)
    left = slowdown.wait_or_take(counts, now=now)
    if left > 0:
        return _ask(request, _("Too many tries. Wait a minute."), status=TOO_MANY)
    how = _proved(request, presence.user)
    if how is not None:
        slowdown.take_back(counts)
        confirm(presence, now=now)
        return None
    note_failure(presence.user, how=_tried(request), origin=origin_of(request), now=now)
    return _ask(request, _("That was not right."))


def _proved(request: Request, user: User) -> How | None:
    """By what the person proved to be there, if they did."""
    password, code, passkey = (request.POST.get(name, "") for name in FIELDS)
    if passkey:
        state = request.session.pop(CHALLENGE, None)
        found = passkeys.user_of_passkey(state, passkey, now=request.now)
        return How.PASSKEY if found is not None and found.id == user.id else None
    if code:
        return code_of(user, code[:LONGEST], now=request.now)
    known = user_of_password(user.email, password[:LONGEST])
    return How.PASSWORD if known is not None and password_counts(known) else None


def _tried(request: Request) -> How:
    if request.POST.get("confirm-passkey"):
        return How.PASSKEY
    return How.CODE if request.POST.get("confirm-code") else How.PASSWORD


def _ask(request: Request, fault: str = "", *, status: int = FORBIDDEN) -> HttpResponse:
    factors = own_factors(request.presence.user)
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in NEVER_SENT_ON
    ]
    page = ConfirmingPage(
        action=request.get_full_path(),
        email=request.presence.user.email,
        hidden=tuple(sent),
        by_password=factors.password,
        by_code=factors.code,
        by_passkey=factors.passkey and is_their_host(request),
        by_provider=_by_provider(request) if factors.provider_only else "",
        fault=fault,
    )
    return shown(request, "confirming.html", page, status=status)


def _by_provider(request: Request) -> str:
    """Who has no proof of their own here proves it to the provider, and comes back."""
    back = urlsplit(request.headers.get("Referer", "")).path or reverse("search")
    address = reverse("sign-in-provider", args=[request.caller.tenant.slug])
    return f"{address}?{urlencode({'next': back, 'again': '1'})}"


def is_their_host(request: Request) -> bool:
    """Whether passkeys are for the host that the browser came to."""
    return request.get_host().partition(":")[0] == passkeys.host()


def _lead_there(request: Request) -> HttpResponse:
    here = urlsplit(request.htmx.current_url_abs_path or "").path
    response = HttpResponse(status=204)
    response["HX-Redirect"] = f"{reverse('confirm')}?{urlencode({'next': here})}"
    return response
