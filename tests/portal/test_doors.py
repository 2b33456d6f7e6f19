"""What holds for every page: its door, its headers, and what it says of errors."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern
from django.utils import translation

from tests.portal.visiting import Visitor, text_of
from valv.core.errors import (
    BadRequest,
    Busy,
    Conflict,
    Forbidden,
    Gone,
    Malformed,
    NotFound,
    Refused,
    TooLarge,
    ValvError,
)
from valv.portal import errors
from valv.portal.urls import urlpatterns
from valv.storage.blobs.contract import BlobStoreFailed
from valv.tenants.models import User

OPEN_TO_ALL = {
    "home", "sign-in", "sign-in-at", "sign-in-code", "sign-in-passkey",
    "sign-in-passkey-options", "sign-in-provider", "sign-in-provider-back", "sign-out",
    "set-theme", "set-language",
}  # fmt: skip
# Each of these asks for the link's own visitor.
OPEN_TO_ALL |= {"shared", "shared-code", "shared-code-send", "shared-play"}
OPEN_TO_ALL |= {"shared-playing", "shared-audio", "shared-read"}
Make = Callable[[], Exception]


@pytest.fixture
def visitor(bo: User) -> Visitor:
    return Visitor().enters(bo)


def test_every_page_stands_behind_a_door() -> None:
    open_pages = {
        one.name
        for one in urlpatterns
        if isinstance(one, URLPattern) and not hasattr(one.callback, "door")
    }

    assert open_pages == OPEN_TO_ALL


@pytest.mark.parametrize("path", ["/search", "/sign-in", "/nowhere"])
def test_no_page_is_stored_framed_or_lets_others_in(
    visitor: Visitor, path: str
) -> None:
    headers = visitor.get(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy
    for lax in ("unsafe", "data:", "blob:", "*"):
        assert lax not in policy


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (BadRequest("x"), 400, "That could not be read"),
        (Malformed("x"), 422, "That could not be read"),
        (Conflict("x"), 409, "It has changed meanwhile"),
        (TooLarge("x"), 413, "That could not be read"),
        (Forbidden("x"), 403, "You may not do this"),
        (Refused("hold", "x"), 403, "You may not do this"),
        (NotFound(), 404, "nothing here"),
        (Gone("x"), 410, "nothing here"),
        (Busy("x"), 503, "Busy just now"),
        (BlobStoreFailed("x", "y"), 503, "Busy just now"),
        (ValvError("070-174 06 05"), 500, "Something went wrong"),
        (KeyError("070-174 06 05"), 500, "Something went wrong"),
    ],
)
def test_an_error_is_a_page_that_quotes_nothing(
    error: Exception, status: int, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    request = RequestFactory().get("/search")
    request.resolver_match = None

    with translation.override("en"):
        answer = errors.page_from(error, request)

    assert isinstance(answer, HttpResponse)
    assert answer.status_code == status
    assert says in text_of(answer)
    assert "070-174" not in text_of(answer) + caplog.text


def test_who_comes_while_it_is_busy_is_asked_to_come_again(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Busy("The archive is busy.")

    monkeypatch.setattr("valv.archive.queries.queues", busy)

    answer = visitor.get("/search")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"


@pytest.mark.parametrize("path", ["/nowhere", "/search/nowhere"])
def test_what_is_not_there_is_told_in_ones_own_language(
    visitor: Visitor, path: str
) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 404
    assert '<html lang="sv"' in text_of(answer)
    assert "Till arkivet" in text_of(answer)


def test_a_theme_is_chosen_and_kept(visitor: Visitor) -> None:
    answer = visitor.post("/preferences/theme", theme="dark")

    assert answer["Location"] == "/search"
    assert answer.cookies["theme"]["httponly"]
    assert 'data-theme="dark"' in text_of(visitor.get("/search"))


def test_a_language_is_chosen_and_kept_with_the_person(
    visitor: Visitor, bo: User
) -> None:
    visitor.post("/preferences/language", language="en")

    assert '<html lang="en"' in text_of(Visitor().enters(bo).get("/search"))


def test_a_stranger_may_choose_too(acme: object) -> None:
    visitor = Visitor()

    visitor.post("/preferences/language", language="sv")

    assert '<html lang="sv"' in text_of(visitor.get("/sign-in"))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/preferences/theme", {"theme": "pink"}),
        ("/preferences/theme", {}),
        ("/preferences/language", {"language": "tlh"}),
    ],
)
def test_there_is_no_other_choice(
    visitor: Visitor, path: str, fields: dict[str, str]
) -> None:
    assert visitor.post(path, **fields).status_code == 400
    assert visitor.get(path).status_code == 405


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        ("http://testserver/search/x", "http://testserver/search/x"),
        ("http://evil.example/search", "/search"),
        ("", "/search"),
    ],
)
def test_after_choosing_one_is_where_one_was(
    bo: User, referer: str, location: str
) -> None:
    answer = Client(headers={"Referer": referer}).post(
        "/preferences/theme", {"theme": "light"}
    )

    assert answer["Location"] == location


def test_the_menu_holds_what_one_may_open(visitor: Visitor, alma: User) -> None:
    few = text_of(visitor.get("/search"))
    all_of_it = text_of(Visitor().enters(alma).get("/search"))

    assert 'href="/audit-log"' not in few
    assert 'href="/storage-times"' not in few
    assert 'href="/audit-log"' in all_of_it
