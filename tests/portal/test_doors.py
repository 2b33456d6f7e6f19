"""Every door of the pages behind the search: who comes in, and what others are told."""

import re
from typing import Any

import pytest

from tests.portal.spoken import tell_call
from tests.portal.visiting import Visitor
from valv.portal.urls import MODULES
from valv.tenants.models import Tenant, User

MISSING = "3700000000000000001"
OF_ONE = [
    ("GET", "/interactions/{id}"),
    ("POST", "/interactions/{id}/recordings/1/play"),
    ("POST", "/interactions/{id}/recordings/1/mp3"),
    ("GET", "/interactions/{id}/recordings/1/delete"),
    ("POST", "/interactions/{id}/recordings/1/delete"),
    ("POST", "/interactions/{id}/chat-log/see"),
    ("POST", "/interactions/{id}/chat-log/xml"),
    ("GET", "/interactions/{id}/delete-chat-log"),
    ("POST", "/interactions/{id}/delete-chat-log"),
    ("POST", "/interactions/{id}/transcripts/1/see"),
    ("GET", "/interactions/{id}/transcripts/1/delete"),
    ("POST", "/interactions/{id}/transcripts/1/delete"),
]
OF_ALL = [
    ("GET", "/surveys"),
    ("POST", "/surveys.xlsx"),
    ("GET", "/storage-times"),
    ("POST", "/storage-times"),
    ("GET", "/tonight"),
    ("GET", "/audit-log"),
    ("POST", "/audit-log"),
    ("POST", "/audit-log/verify"),
]
YES = {"confirmed": "yes", "reason": "Kunden bad om det"}


@pytest.fixture
def call(acme: Tenant) -> str:
    return tell_call(acme)


def tokenless(answer: Any) -> bytes:
    """The page without its CSRF token, which is written anew each time."""
    return re.sub(rb'"X-CSRFToken": "[^"]+"', b"", answer.content)


def asked(visitor: Visitor, method: str, path: str) -> Any:
    fields = YES if method == "POST" else {}
    return getattr(visitor.client, method.lower())(path, fields)


@pytest.mark.parametrize(("method", "path"), OF_ONE)
def test_a_stranger_and_a_missing_one_get_the_same(
    dag: User, call: str, method: str, path: str
) -> None:
    stranger = Visitor().enters(dag)

    theirs = asked(stranger, method, path.format(id=call))
    missing = asked(stranger, method, path.format(id=MISSING))

    assert theirs.status_code == missing.status_code == 404
    assert tokenless(theirs) == tokenless(missing)


@pytest.mark.parametrize("malformed", ["x", "-1", "007", "9" * 30, "1%00"])
@pytest.mark.parametrize(("method", "path"), OF_ONE)
def test_a_malformed_id_is_not_there(
    alma: User, method: str, path: str, malformed: str
) -> None:
    answer = asked(Visitor().enters(alma), method, path.format(id=malformed))

    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path"), OF_ONE[1:] + OF_ALL)
def test_an_insider_without_the_right_is_refused_and_it_is_entered(
    bo: User, call: str, method: str, path: str
) -> None:
    visitor = Visitor().enters(bo)

    answer = asked(visitor, method, path.format(id=call))

    assert answer.status_code == 403
    assert len(visitor.entries("deny")) == 1


@pytest.mark.parametrize("path", ["/surveys", "/tonight", "/audit-log"])
def test_the_menu_names_no_page_that_is_closed(bo: User, call: str, path: str) -> None:
    html = Visitor().enters(bo).get(f"/interactions/{call}").content.decode()

    assert f'href="{path}"' not in html


@pytest.mark.parametrize(("method", "path"), [*OF_ONE, *OF_ALL, ("GET", "/s/call-1")])
def test_nobody_comes_in_without_signing_in(call: str, method: str, path: str) -> None:
    answer = asked(Visitor(), method, path.format(id=call))

    assert answer.status_code in (302, 303)
    assert answer["Location"].startswith("/sign-in")


@pytest.mark.parametrize(("_method", "path"), [*OF_ONE, *OF_ALL])
def test_another_method_is_told_so(
    alma: User, call: str, _method: str, path: str
) -> None:
    answer = Visitor().enters(alma).client.delete(path.format(id=call))

    assert answer.status_code == 405


@pytest.mark.parametrize("session", ["nothing", "%00", "a/b", "+46701740605"])
def test_a_session_that_is_not_there_is_not_found(alma: User, session: str) -> None:
    assert Visitor().enters(alma).get(f"/s/{session}").status_code == 404


def test_every_page_but_the_way_in_stands_behind_a_door() -> None:
    open_to_all = {"sign-in", "sign-in-code", "sign-out", "set-theme", "set-language"}

    unguarded = {
        route.name
        for module in MODULES
        for route in module.routes
        if not hasattr(route.callback, "door")
    }

    assert unguarded <= open_to_all
