"""The door every page stands behind: who asks, by which method, and with what right.

A stranger is sent to sign in, and the operator's support to the tenants that let them
in. An insider without the right gets a page that says so,
and an entry in the audit log. What is not there and what is another tenant's look the
same, for the rooms below raise NotFound for both.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from valv.core.moments import to_millisecond
from valv.core.permissions import Right
from valv.sharing.transfers import Way, in_turn
from valv.tenants.access import Caller
from valv.tenants.signin import Presence
from valv.tenants.support import is_at_the_desk

SEE_OTHER = 303

P = ParamSpec("P")


class Request(HttpRequest):
    """A request that came through the door; ``now`` is when, in whole milliseconds."""

    caller: Caller
    presence: Presence
    now: datetime
    htmx: HtmxDetails


View = Callable[Concatenate[Request, P], HttpResponseBase]
Opened = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def clock() -> datetime:
    """The time of a request, in whole milliseconds as all times are kept."""
    return to_millisecond(datetime.now(UTC))


def signed_in(
    right: Right | None,
    *methods: str,
    transfers: Way | None = None,
    limited: bool = False,
) -> Callable[[View[P]], Opened[P]]:
    """Let in whoever is signed in and has the right; by GET unless stated.

    What ``transfers`` something long is answered while there is a place for it. Only
    what is ``limited`` is open to one who must set up a second factor first. Other
    errors of ``core.errors`` that the view raises become pages in the middleware.
    """
    allowed = list(methods or ("GET",))
    allowed += ["HEAD"] * ("GET" in allowed)

    def behind(view: View[P]) -> Opened[P]:
        @wraps(view)
        def opened(
            request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            let_in = cast(Request, request)
            elsewhere = _elsewhere(let_in, right, limited=limited)
            if elsewhere is not None:
                return elsewhere
            let_in.now = clock()
            if right is not None:
                let_in.caller.require(right)
            if transfers is None or request.method == "HEAD":
                return view(let_in, *args, **kwargs)
            return in_turn(transfers, lambda: view(let_in, *args, **kwargs))

        opened.door = right  # type: ignore[attr-defined]
        opened.methods = tuple(methods or ("GET",))  # type: ignore[attr-defined]
        return opened

    return behind


def _elsewhere(
    request: Request, right: Right | None, *, limited: bool
) -> HttpResponseBase | None:
    """Where one has to go first: to sign in, to one's account, to who lets one in."""
    if caller_of(request) is None:
        return _to_sign_in(request)
    if request.presence.limited and not limited:
        return _to_account(request)
    if right is not None and is_at_the_desk(request.caller):
        return see_other(reverse("support-desk"))
    return None


def caller_of(request: HttpRequest) -> Caller | None:
    """Who is signed in, as the middleware found out; None for nobody."""
    found: Caller | None = getattr(request, "caller", None)
    return found


def presence_of(request: HttpRequest) -> Presence | None:
    """The sign-in behind a request; None for nobody's."""
    found: Presence | None = getattr(request, "presence", None)
    return found


def see_other(address: str) -> HttpResponseRedirect:
    """Go on by GET, whatever the method was."""
    response = HttpResponseRedirect(address)
    response.status_code = SEE_OTHER
    return response


def _to_sign_in(request: Request) -> HttpResponse:
    """Sign in first, and come back to the page one was on."""
    if request.htmx:
        here = urlsplit(request.htmx.current_url_abs_path or "")
        response = HttpResponse(status=204)
        response["HX-Redirect"] = _sign_in_address(here.path)
        return response
    if request.method == "POST":
        return see_other(_sign_in_address(""))
    return HttpResponseRedirect(_sign_in_address(request.path))


def _to_account(request: Request) -> HttpResponse:
    """A second factor comes first."""
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("account")
        return response
    return see_other(reverse("account"))


def _sign_in_address(back: str) -> str:
    address = reverse("sign-in")
    return f"{address}?{urlencode({'next': back})}" if back else address
