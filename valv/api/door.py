"""The API's own way in, ahead of all that pages need.

Sessions, cookies, languages and the headers of pages are no matter of machines: what
lies under ``/api`` is answered here, always as the API answers, and so is ``/metrics``;
the rest passes on.
"""

from collections.abc import Callable
from contextlib import closing, suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from valv.api import bodies, metrics
from valv.api.endpoint import nowhere
from valv.core.errors import Busy
from valv.sharing.transfers import Way, place

ABOVE, ROOT = "/api/", "/api/v1/"
ADDRESSES = "valv.api.urls"
NO_CONTENT, BAD_REQUEST = 204, 400


class ApiDoor:
    """Django's middleware, and the first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == metrics.PATH:
            response = _labelled(metrics.answer(request), request)
        elif not f"{request.path_info}/".startswith(ABOVE):
            return self.get_response(request)
        else:
            response = _labelled(_answer(request), request)
        if response.status_code >= BAD_REQUEST:
            _read_off(request)
        return _without_body(response) if request.method == "HEAD" else response


def _read_off(request: HttpRequest) -> None:
    """What is left of a refused body, unless as many as may already send slowly."""
    with suppress(Busy), closing(place(Way.IN)):
        bodies.drain(request)


def _answer(request: HttpRequest) -> HttpResponseBase:
    path = request.path_info
    if not path.startswith(ROOT):
        return nowhere(request)
    found = get_resolver(ADDRESSES).resolve("/" + path.removeprefix(ROOT))
    response: HttpResponseBase = found.func(request, *found.args)
    return response


def _labelled(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    headers = response.headers
    if settings.SECURE_HSTS_SECONDS and request.is_secure():
        age = f"max-age={settings.SECURE_HSTS_SECONDS}"
        headers["Strict-Transport-Security"] = age
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Content-Type-Options"] = "nosniff"
    if response.status_code == NO_CONTENT:
        headers.pop("Content-Type", None)
    elif isinstance(response, HttpResponse):
        headers.setdefault("Content-Length", str(len(response.content)))
    return response


def _without_body(response: HttpResponseBase) -> HttpResponse:
    """The answer to HEAD; what would have been streamed is let go of, not begun."""
    return HttpResponse(status=response.status_code, headers=dict(response.headers))
