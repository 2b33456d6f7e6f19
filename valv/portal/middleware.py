"""Who is signed in, in which language and zone, and what a page may load.

Every answer of the portal may hold personal data: none is stored by a browser or on
the way, none may stand in another site's frame.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from valv.core.errors import ValvError
from valv.core.moments import zone_named
from valv.portal import errors
from valv.tenants.models import User
from valv.tenants.signin import caller_of_user

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
    """Sets ``request.caller`` (None when nobody is signed in) and the safe headers."""

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
    user = request.user
    caller = caller_of_user(user) if isinstance(user, User) else None
    request.caller = caller  # type: ignore[attr-defined]
    if caller is not None and isinstance(user, User):
        translation.activate(user.language or caller.tenant.language)
        timezone.activate(zone_named(caller.tenant.timezone))
