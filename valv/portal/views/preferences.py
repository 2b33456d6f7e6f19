"""How a person likes the pages: light or dark, and in which language."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from valv.core.errors import BadRequest
from valv.portal.doors import caller_of, see_other
from valv.portal.frame import THEME_COOKIE, THEMES
from valv.tenants.operations import set_language as remember_language

A_YEAR = 365 * 24 * 3600
LANGUAGES = [code for code, _ in settings.LANGUAGES]


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    theme = _chosen(request, "theme", THEMES)
    response = _back(request)
    _keep(response, THEME_COOKIE, theme)
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remembered with the person, and by the browser for the page to sign in on."""
    language = _chosen(request, "language", LANGUAGES)
    caller = caller_of(request)
    if caller is not None and caller.actor.id is not None:
        remember_language(caller.tenant, caller.actor.id, language=language)
    response = _back(request)
    _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _chosen(request: HttpRequest, name: str, among: Sequence[str]) -> str:
    value = request.POST.get(name, "")
    if value not in among:
        raise BadRequest("There is no such choice.", field=name)
    return value


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _back(request: HttpRequest) -> HttpResponse:
    """To the page one was on, if it is one of ours."""
    before = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        before, {request.get_host()}, require_https=request.is_secure()
    )
    return see_other(before if ours else reverse("search"))


routes = [
    path("preferences/theme", set_theme, name="set-theme"),
    path("preferences/language", set_language, name="set-language"),
]
