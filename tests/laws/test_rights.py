"""Who may do what: the tables of ``docs/rights.md``, tried at every way in over HTTP.

A way in that no table names fails, and so does a row without one.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from django.test import Client
from django.urls import URLPattern, resolve
from django.urls.exceptions import Resolver404

from tests.api.conftest import Asker
from tests.cast import NOW
from tests.portal.visiting import Visitor, text_of
from valv.api.urls import ENDPOINTS
from valv.core.permissions import (
    OF_A_PART,
    RIGHTS_OF_ROLE,
    RIGHTS_OF_SCOPE,
    Right,
    Role,
    Scope,
)
from valv.portal.urls import urlpatterns
from valv.storage import scope
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = Path("docs/rights.md").read_text(encoding="utf-8")
ROW = re.compile(r"\| `([A-Z]+) (\S+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
LINKS = re.compile(r'(?:href|formaction|hx-get|hx-post)="(/[^"]*)"')
FORMS = re.compile(r'<form[^>]*method="post"[^>]*action="([^"?]*)')
HOLE = re.compile(r"<(?:\w+:)?\w+>|{\w+}")
API = "/api/v1"


class Way(NamedTuple):
    """One row: by which method and address, and which rights it needs."""

    method: str
    path: str
    needs: frozenset[Right]
    reach: str

    @property
    def address(self) -> str:
        return HOLE.sub("1", self.path)


def _read() -> list[Way]:
    return [
        Way(method, path, _rights(needs), reach.strip())
        for method, path, _, needs, reach in ROW.findall(TABLE)
    ]


def _rights(needs: str) -> frozenset[Right]:
    named = needs.strip()
    return frozenset(Right(one.strip()) for one in named.split(",") if named != "–")


WAYS = _read()
PAGES = [way for way in WAYS if not way.path.startswith(API)]
CALLS = [way for way in WAYS if way.path.startswith(API)]


def named(way: Way) -> str:
    return f"{way.method} {way.path}"


def test_the_table_names_every_way_in() -> None:
    pages = {
        (method, f"/{one.pattern}")
        for one in urlpatterns
        if isinstance(one, URLPattern) and hasattr(one.callback, "door")
        for method in getattr(one.callback, "methods", ())
    }
    calls = {(e.method, API + e.path) for e in ENDPOINTS if not e.public}

    assert {(way.method, way.path) for way in WAYS} == pages | calls
    assert len(WAYS) == len(pages) + len(calls)


def test_a_filter_holds_or_the_right_is_of_the_whole() -> None:
    told = {way: way.reach for way in WAYS}

    assert told == {way: _reach(way) for way in WAYS}


def _reach(way: Way) -> str:
    if not way.needs:
        return "–"
    return "inside reach" if way.needs <= OF_A_PART else "whole archive"


@pytest.fixture
def person(bo: User) -> "Person":
    return Person(bo)


class Person:
    """Somebody signed in, whose rights change from one request to the next."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.visitor = Visitor().enters(user)

    def asks(self, way: Way, rights: frozenset[Right]) -> int:
        self.has(rights)
        client: Any = self.visitor.client
        status: int = client.generic(way.method, way.address).status_code
        return status

    def has(self, rights: frozenset[Right]) -> None:
        with scope.writing(self.user.tenant_id):
            kept = User.objects.filter(id=self.user.id)
            kept.update(rights=sorted(right.value for right in rights))


EVERY = frozenset(Right)


def test_a_page_is_refused_without_any_right_it_needs(person: Person) -> None:
    refused = [
        (named(way), right.value, status)
        for way in PAGES
        for right in sorted(way.needs)
        if (status := person.asks(way, EVERY - {right} - _own(right))) != 403
    ]
    tried = sum(len(way.needs) for way in PAGES)

    assert refused == []
    assert len(person.visitor.entries("deny")) == tried


def _own(right: Right) -> frozenset[Right]:
    """Own lets see as well, and narrows the rest away."""
    return frozenset({Right.OWN}) if right is Right.SEE else frozenset()


def test_a_page_opens_with_the_rights_it_needs_and_no_others(person: Person) -> None:
    shut = [
        named(way) for way in PAGES if way.needs and person.asks(way, way.needs) == 403
    ]

    assert shut == []


def test_a_call_is_refused_without_a_scope_that_has_the_right(acme: Tenant) -> None:
    askers = {right: Asker(acme, _without(right)) for right in _asked()}
    answers = [
        (named(way), askers[right](way.method, _in_api(way)).status_code)
        for way in CALLS
        for right in way.needs
    ]

    assert [one for one in answers if one[1] != 403] == []
    (entries,) = {len(one.entries("deny")) for one in askers.values()}
    assert entries == len(answers)


def _asked() -> set[Right]:
    return {right for way in CALLS for right in way.needs}


def _without(right: Right) -> list[Scope]:
    return [one for one in Scope if right not in RIGHTS_OF_SCOPE[one]]


def _in_api(way: Way) -> str:
    return way.address.removeprefix(API)


def test_who_is_not_known_is_let_in_nowhere(installation: None) -> None:
    client: Any = Client()
    pages = {client.generic(way.method, way.address).status_code for way in PAGES}
    calls = {client.generic(way.method, way.address).status_code for way in CALLS}

    assert pages == {302, 303}
    assert calls == {401}


def test_another_tenants_interaction_is_not_there(acme: Tenant, dag: User) -> None:
    body = msgspec.json.encode({"media": "phone", "started_at": NOW})
    theirs = Asker(acme)("PUT", "/interactions/S", data=body).json()["id"]
    stranger: Any = Visitor().enters(dag).client
    ways = [way for way in PAGES if "<str:interaction_id>" in way.path]

    answers = {
        named(way): stranger.generic(
            way.method, HOLE.sub("1", way.path.replace("<str:interaction_id>", theirs))
        ).status_code
        for way in ways
    }

    assert len(answers) > 10
    assert {way: status for way, status in answers.items() if status != 404} == {}


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_what_will_be_refused(person: Person, role: Role) -> None:
    rights = RIGHTS_OF_ROLE[role] | (
        {Right.SEE} if Right.OWN in RIGHTS_OF_ROLE[role] else frozenset()
    )
    body = msgspec.json.encode({"media": "phone", "started_at": NOW})
    with scope.reading(person.user.tenant_id):
        tenant = Tenant.objects.get(id=person.user.tenant_id)
    made = Asker(tenant)("PUT", "/interactions/S", data=body).json()["id"]
    person.has(RIGHTS_OF_ROLE[role])
    open_to = [
        way.path
        for way in PAGES
        if way.method == "GET" and "<" not in way.path and way.needs <= rights
    ]

    beyond = set()
    for path in [*open_to, f"/interactions/{made}", f"/users/{person.user.id}"]:
        shown = text_of(person.visitor.get(path))
        shown_ways = [("GET", at) for at in LINKS.findall(shown)]
        shown_ways += [("POST", at) for at in FORMS.findall(shown)]
        beyond |= {
            (path, method, at)
            for method, at in shown_ways
            if not _needs(method, at) <= rights
        }

    assert beyond == set()


def _needs(method: str, address: str) -> frozenset[Right]:
    """What a link or form needs; nothing if it leads to no page of ours."""
    try:
        found = resolve(address.split("?")[0].split("#")[0])
    except Resolver404:
        return frozenset()
    for way in PAGES:
        if way.path == f"/{found.route}" and way.method == method:
            return way.needs
    door = getattr(found.func, "door", None)
    return frozenset() if door is None else frozenset({door})
