"""Who is signed in, in which language and zone, and what a page may load.

Every answer of the portal may hold personal data: none is stored by a browser or on
the way, none may stand in another site's frame.
"""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from valv.core.errors import Busy, ValvError
from valv.core.moments import zone_named
from valv.portal import errors
from valv.portal.doors import clock
from valv.portal.entering import SIGN_IN
from valv.portal.supporting import supporting
from valv.tenants.sign_ins import touch
from valv.tenants.signin import Presence, caller_of_user, present
from valv.tenants.support import is_at_the_desk

API = "/api/"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " font-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = (
    "browsing-topics=(), camera=(), display-capture=(), geolocation=(), hid=(),"
    " microphone=(), midi=(), payment=(), screen-wake-lock=(), serial=(), usb=()"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class PortalMiddleware:
    """Sets ``request.caller`` and ``request.presence``, and the safe headers.

    Both are None when nobody is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(API):
            return self.get_response(request)
        try:
            _recognise(request)
            return self.get_response(request)
        except ValvError as error:
            return errors.page_from(error, request) or errors.busy(request)
        finally:
            timezone.deactivate()

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """What a page raised becomes a page."""
        if request.path.startswith(API):
            return None
        return errors.page_from(exception, request)


def _recognise(request: HttpRequest) -> None:
    """Look the sign-in up anew, so that one that was ended is at an end everywhere."""
    presence = _present(request)
    request.presence = presence  # type: ignore[attr-defined]
    caller = None if presence is None else caller_of_user(presence.user)
    if presence is not None and caller is not None and is_at_the_desk(caller):
        caller = supporting(request, caller, presence.user)
    request.caller = caller  # type: ignore[attr-defined]
    if presence is not None and caller is not None:
        translation.activate(presence.user.language or caller.tenant.language)
        timezone.activate(zone_named(caller.tenant.timezone))


def _present(request: HttpRequest) -> Presence | None:
    sign_in_id = request.session.get(SIGN_IN)
    if sign_in_id is None:
        return None
    now = clock()
    found = present(sign_in_id, now=now)
    if found is not None:
        with suppress(Busy):
            touch(found, now=now)
    return found
