"""Who is signed in, in which language, and what a page may load."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from valv.tenants.models import User
from valv.tenants.signin import caller_of_user

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; media-src 'self' blob:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


class PortalMiddleware:
    """Sets ``request.caller`` (None when nobody is signed in) and the safe headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            self._recognise(request)
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY
        )
        return response

    def _recognise(self, request: HttpRequest) -> None:
        user = request.user
        caller = caller_of_user(user) if isinstance(user, User) else None
        request.caller = caller  # type: ignore[attr-defined]
        if caller is not None and isinstance(user, User):
            translation.activate(user.language or caller.tenant.language)
