"""Law 8: no sight and no change without its entry, in the same transaction.

The log is broken for real: the database itself refuses every new entry. Then each
endpoint and each command is asked; none may show anybody's data, and nothing may have
changed. Lists are the exception that the law names: over HTTP their entry follows
within a second.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from django.db import connections

from tests.cast import NOW, make_token
from tests.environment import DATABASE
from tests.intake.asking import Source
from tests.laws.entered import TOLD, last_entry, parts_in, parts_since
from tests.laws.excepted import EXCEPTED
from tests.laws.laying import (
    EMAIL,
    NAME,
    PHONE,
    SECRET,
    SOUND,
    Laid,
    ago,
    blobs,
    lay,
    living,
    rows,
)
from tests.laws.register_laid import held, requested, restricted, restrictions_of
from tests.owner import as_owner
from valv.api.urls import ENDPOINTS
from valv.audit.verify import settle
from valv.core.moments import format_moment
from valv.jobs.command import FAILED, main
from valv.storage import scope
from valv.tenants.models import Tenant, Token, User, UserGroup

pytestmark = pytest.mark.django_db(transaction=True)

START = format_moment(ago(1))
OF_THE_RUN = ("nightly_run", "api_token", "job", "job_item")
Asked = tuple[str, bytes]


def body(**fields: object) -> bytes:
    return msgspec.json.encode(fields)


def vcon() -> bytes:
    return body(
        vcon="0.0.1",
        uuid="018f0000-0000-7000-8000-000000000001",
        created_at=START,
        parties=[{"tel": PHONE, "name": NAME}],
        dialog=[{"type": "text", "start": START, "parties": [0], "body": SECRET}],
    )


def a_token() -> int:
    with scope.at_the_gate():
        return Token.objects.values_list("id", flat=True)[0]


def the_tenant() -> int:
    with scope.at_the_gate():
        return Token.objects.values_list("tenant_id", flat=True)[0]


def a_user() -> int:
    with scope.writing(the_tenant()):
        return User.objects.create(email="x@acme.example", created_at=NOW).id


def a_group() -> int:
    with scope.writing(the_tenant()):
        return UserGroup.objects.create(name="Law").id


def a_hold(laid: Laid) -> bytes:
    interactions = [laid.call]
    return body(matter="Case", owner="Cleo", reason="x", interactions=interactions)


def event_of(session: str) -> bytes:
    data = {"media": "phone", "identifiers": {"phone": "0799"}}
    common = {"event_id": "new", "session_id": session, "at": START, "data": data}
    return body(type="session.started", **common)


ASKED: dict[tuple[str, str], Callable[[Laid], Asked]] = {
    ("GET", "/interactions/{id}"): lambda laid: (f"/interactions/{laid.call}", b""),
    ("GET", "/interactions/{id}/recordings/{n}"): lambda laid: (
        f"/interactions/{laid.call}/recordings/1",
        b"",
    ),
    ("GET", "/interactions/{id}/transcripts/{n}"): lambda laid: (
        f"/interactions/{laid.call}/transcripts/1",
        b"",
    ),
    ("GET", "/interactions/{id}/chat-log"): lambda laid: (
        f"/interactions/{laid.chat}/chat-log",
        b"",
    ),
    ("DELETE", "/interactions/{id}/recordings/{n}"): lambda laid: (
        f"/interactions/{laid.call}/recordings/1",
        b"",
    ),
    ("DELETE", "/interactions/{id}/transcripts/{n}"): lambda laid: (
        f"/interactions/{laid.call}/transcripts/1",
        b"",
    ),
    ("DELETE", "/interactions/{id}/chat-log"): lambda laid: (
        f"/interactions/{laid.chat}/chat-log",
        b"",
    ),
    ("POST", "/interactions/{id}/correction"): lambda laid: (
        f"/interactions/{laid.call}/correction",
        body(kind="phone", value="+46701740635", reason="Misheard"),
    ),
    ("GET", "/interactions.xlsx"): lambda _: ("/interactions.xlsx", b""),
    ("GET", "/raw-events"): lambda _: ("/raw-events", b""),
    ("GET", "/audit"): lambda _: ("/audit", b""),
    ("GET", "/audit.xlsx"): lambda _: ("/audit.xlsx", b""),
    ("GET", "/audit/changes"): lambda _: ("/audit/changes", b""),
    ("GET", "/access-log"): lambda _: ("/access-log", b""),
    ("GET", "/audit/proof/{seq}"): lambda _: ("/audit/proof/1", b""),
    ("PUT", "/registration-topics"): lambda _: (
        "/registration-topics",
        body(categories=[{"topics": ["New"]}]),
    ),
    ("POST", "/tokens"): lambda _: ("/tokens", body(name="x", scopes=["read"])),
    ("POST", "/tokens/{token}/rotation"): lambda _: (
        f"/tokens/{a_token()}/rotation",
        b"{}",
    ),
    ("DELETE", "/tokens/{token}"): lambda _: (f"/tokens/{a_token()}", b""),
    ("POST", "/users"): lambda _: (
        "/users",
        body(email="new@acme.example", name="New", password="correct horse battery"),
    ),
    ("GET", "/users/{user}"): lambda _: (f"/users/{a_user()}", b""),
    ("PUT", "/users/{user}"): lambda _: (f"/users/{a_user()}", body(name="Other")),
    ("DELETE", "/users/{user}"): lambda _: (f"/users/{a_user()}", b""),
    ("POST", "/user-groups"): lambda _: ("/user-groups", body(name="Team")),
    ("PUT", "/user-groups/{group}"): lambda _: (
        f"/user-groups/{a_group()}",
        body(name="Team"),
    ),
    ("DELETE", "/user-groups/{group}"): lambda _: (f"/user-groups/{a_group()}", b""),
    ("PUT", "/rights"): lambda _: ("/rights", body(grant=["see"])),
    ("PUT", "/settings/tokens"): lambda _: (
        "/settings/tokens",
        body(longest_days=9),
    ),
    ("PUT", "/settings/content"): lambda _: (
        "/settings/content",
        body(social_content=True),
    ),
    ("PUT", "/settings/file-names"): lambda _: (
        "/settings/file-names",
        body(pattern="{id}_{n}"),
    ),
    ("PUT", "/settings/reasons"): lambda _: (
        "/settings/reasons",
        body(required=["play"]),
    ),
    ("PUT", "/retention"): lambda _: ("/retention", body(general=7)),
    ("PUT", "/retention/rules"): lambda _: (
        "/retention/rules",
        body(minimum={"general": 7}),
    ),
    ("PUT", "/settings/retention"): lambda _: (
        "/settings/retention",
        body(wait_days=7, two_persons=True),
    ),
    ("PUT", "/masking"): lambda _: ("/masking", body(menus=["Code"])),
    ("PUT", "/recording-policy"): lambda _: (
        "/recording-policy",
        body(rules=[{"mode": "forced", "on": "queue", "name": "Law"}]),
    ),
    ("PUT", "/interactions/{session_id}"): lambda _: (
        "/interactions/law-call",
        body(queue="Changed"),
    ),
    ("PUT", "/interactions/{session_id}/survey"): lambda _: (
        "/interactions/law-call/survey",
        body(score=1, at=START),
    ),
    ("PUT", "/interactions/{session_id}/recordings/{n}"): lambda _: (
        "/interactions/law-call/recordings/2",
        SOUND,
    ),
    ("PUT", "/interactions/{session_id}/chat-log"): lambda _: (
        "/interactions/new-chat/chat-log",
        body(messages=[{"at": START, "from": "customer", "text": "New"}]),
    ),
    ("POST", "/holds"): lambda laid: ("/holds", a_hold(laid)),
    ("POST", "/holds/{hold}/release"): lambda laid: (
        f"/holds/{held(laid)}/release",
        body(reason="Over"),
    ),
    ("GET", "/restrictions"): lambda laid: (restrictions_of(laid), b""),
    ("POST", "/restrictions"): lambda _: (
        "/restrictions",
        body(phone=[PHONE], reason="Contested"),
    ),
    ("POST", "/restrictions/{restriction}/end"): lambda laid: (
        f"/restrictions/{restricted(laid)}/end",
        body(reason="Over"),
    ),
    ("GET", "/privacy-requests"): lambda laid: (requested(laid), b""),
    ("POST", "/privacy-requests"): lambda _: (
        "/privacy-requests",
        body(kind="access", who=NAME, received_on="2026-11-01"),
    ),
    ("PUT", "/settings/holds"): lambda _: (
        "/settings/holds",
        body(grace_days=3, two_persons=True),
    ),
    ("POST", "/jobs"): lambda _: ("/jobs", body(kind="forget", phone=[PHONE])),
    ("POST", "/events"): lambda _: ("/events", event_of("new-session")),
    ("POST", "/vcons"): lambda _: ("/vcons", vcon()),
}


@pytest.fixture
def teller(acme: Tenant, source: Source) -> Source:
    """A source with every scope."""
    return Source(acme, make_token(acme), source.client)


@contextmanager
def a_log_that_cannot_be_written() -> Iterator[None]:
    if DATABASE == "postgresql":
        lay_trigger, remove = ON_POSTGRESQL, "DROP TRIGGER broken ON audit_entry"
    else:
        lay_trigger, remove = ON_SQLITE, "DROP TRIGGER broken"
    alter(lay_trigger)
    try:
        yield
    finally:
        alter(remove)


def alter(statement: str) -> None:
    if DATABASE == "postgresql":
        as_owner(statement)
    else:
        with connections["default"].cursor() as cursor:
            cursor.execute(statement)


ON_SQLITE = """
CREATE TRIGGER broken BEFORE INSERT ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the log is broken'); END
"""
ON_POSTGRESQL = """
CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'the log is broken'; END $$;
CREATE TRIGGER broken BEFORE INSERT ON audit_entry
FOR EACH ROW EXECUTE FUNCTION broken()
"""


def shown(answer: Any) -> bytes:
    content = answer.getvalue() if answer.streaming else answer.content
    assert isinstance(content, bytes)
    return content


def seen_in(said: bytes) -> list[str]:
    return [one for one in (PHONE, NAME, EMAIL, SECRET) if one.encode() in said]


def state(tenant: Tenant) -> Any:
    return rows(tenant, but=("api_token",)), blobs(tenant)


def test_every_endpoint_is_asked_or_excepted() -> None:
    declared = {(one.method, one.path) for one in ENDPOINTS}

    assert declared == ASKED.keys() | EXCEPTED.keys()


@pytest.mark.parametrize("which", ASKED, ids=" ".join)
def test_an_endpoint_shows_and_changes_nothing_unless_it_is_entered(
    teller: Source, which: tuple[str, str]
) -> None:
    laid = lay(teller, "law")
    settle(teller.tenant.id)
    path, sent = ASKED[which](laid)
    before, keys_before = state(teller.tenant), living(teller.tenant)
    last = last_entry(teller.tenant)

    with a_log_that_cannot_be_written():
        answer = teller.ask(which[0], path, sent)

    assert answer.status_code >= 500, (answer.status_code, shown(answer)[:300])
    assert not seen_in(shown(answer))
    assert state(teller.tenant) == before
    assert keys_before <= living(teller.tenant)

    answer = teller.ask(which[0], path, sent)

    assert answer.status_code < 300
    assert last_entry(teller.tenant) > last
    told = TOLD.get((which[0], f"/api/v1{which[1]}"), "–")
    assert told == "all" or parts_since(teller.tenant, last) == parts_in(told)


COMMANDS: dict[str, list[str]] = {
    "show": ["show", "law-call", "--json"],
    "search": ["search", "--json"],
    "nightly": ["nightly", "--json"],
    "export": ["export"],
    "audit": ["audit", "list", "--json"],
    "retention": ["retention", "set", "--general", "7"],
    "tenant": ["tenant", "close", "all"],
    "hold": [
        "hold",
        "place",
        "--matter",
        "A",
        "--owner",
        "B",
        "--reason",
        "C",
        "--session",
        "law-call",
    ],
    "forget": ["forget", "--phone", PHONE, "--yes", "--json"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_whose_entry_fails_shows_and_changes_nothing(
    teller: Source, name: str, capfdbinary: Any, tmp_path: Any
) -> None:
    lay(teller, "law", days=300)
    more = [str(tmp_path / "out.xlsx")] if name == "export" else []
    settle(teller.tenant.id)
    before = rows(teller.tenant, but=OF_THE_RUN), blobs(teller.tenant)
    keys_before = living(teller.tenant)
    capfdbinary.readouterr()

    with a_log_that_cannot_be_written():
        code = main([*COMMANDS[name], *more], user="root")

    said = capfdbinary.readouterr().out
    assert code == FAILED
    assert not seen_in(said)
    assert not list(tmp_path.iterdir())
    after = rows(teller.tenant, but=OF_THE_RUN), blobs(teller.tenant)
    assert (after, living(teller.tenant)) == (before, keys_before)
