"""The headers and cookies of every page and every endpoint, walked off their tables."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from pytest_django import Settings

from tests.cast import PASSWORD
from valv.api.endpoint import PLACEHOLDER
from valv.api.urls import ENDPOINTS
from valv.portal.urls import urlpatterns
from valv.tenants.models import User

FORM = "application/x-www-form-urlencoded"
CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")
LAX = ("unsafe-inline", "unsafe-eval", "data:", "blob:", "*", "http:", "https:")


def pages() -> Iterator[str]:
    """Every address of the portal, with something in its holes."""
    for one in urlpatterns:
        assert isinstance(one, URLPattern)
        route = str(one.pattern)
        yield "/" + CONVERTER.sub(lambda hole: "1" if hole[1] == "int" else "x", route)


PAGES = sorted(set(pages()))
CALLS = sorted({f"/api/v1{PLACEHOLDER.sub('1', one.path)}" for one in ENDPOINTS})


@pytest.fixture
def behind_tls(settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


@pytest.fixture
def visitor(behind_tls: None, alma: User) -> Client:
    client = Client(raise_request_exception=False)
    asked = {"username": alma.email, "password": PASSWORD}
    assert client.post("/sign-in", asked, secure=True).status_code == 303
    return client


def assert_safe(answer: Any) -> None:
    told = answer.headers
    assert told["Strict-Transport-Security"] == "max-age=3600"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_is_safe_to_be_shown(visitor: Client, method: str) -> None:
    for path in PAGES:
        if path == "/sign-out":
            continue
        answer = getattr(visitor, method)(path, secure=True)
        assert answer.status_code < 500, path
        assert_safe(answer)
        policy = answer["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';"), path
        assert "frame-ancestors 'none'" in policy, path
        assert not [lax for lax in LAX if lax in policy], path
        assert answer["X-Frame-Options"] == "DENY", path
        assert answer["Referrer-Policy"] == "same-origin", path


def test_every_endpoint_is_safe_to_be_asked(visitor: Client) -> None:
    for path in CALLS:
        answer = visitor.get(path, secure=True)
        assert answer.status_code in (200, 401, 404, 405), path
        assert_safe(answer)
        assert not answer.cookies, path


def test_every_cookie_is_for_tls_and_for_us_alone(visitor: Client) -> None:
    for path in PAGES:
        for answer in (visitor.get(path, secure=True), visitor.post(path, secure=True)):
            for cookie in filter(lambda one: one.value, answer.cookies.values()):
                assert cookie["secure"], (path, cookie.key)
                assert cookie["httponly"], (path, cookie.key)
                assert cookie["samesite"] in ("Lax", "Strict"), (path, cookie.key)


def test_no_page_says_how_it_is_to_be_shown_in_line(visitor: Client) -> None:
    for path in PAGES:
        if path == "/sign-out":
            continue
        answer = visitor.get(path, secure=True)
        html = b"" if answer.streaming else answer.content
        assert not re.search(rb"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)


def test_a_form_has_an_end(visitor: Client) -> None:
    long = str(33 * 1024 * 1024)
    answer = visitor.generic(
        "POST", "/sign-in", b"a=b", FORM, True, CONTENT_LENGTH=long
    )

    assert answer.status_code in (400, 413)
