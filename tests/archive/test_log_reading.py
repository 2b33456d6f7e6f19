"""The audit log as it is asked: by person, user, act, reason and period."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.archive.factories import Made, make
from tests.archive.test_search_walls import forget
from tests.cast import NOW
from valv.archive.log_reading import Line, read_log, take_out
from valv.audit.actions import Action
from valv.audit.asked import read_asked
from valv.audit.operations import Act, record
from valv.audit.queries import Key
from valv.audit.verify import settle
from valv.core.errors import Malformed
from valv.core.moments import zone_named
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.sharing.log_sheet import COLUMNS, log_sheet
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

OFFICER = Actor(ActorType.INTERNAL, "Cleo", 7)
EVA = Actor(ActorType.SUPPORT, "Eva Åkesson", 77)
ZONE = zone_named("Europe/Stockholm")


@pytest.fixture
def caller(acme: Tenant) -> Caller:
    return Caller(acme, OFFICER, frozenset({Right.AUDIT}))


def call_of(tenant: Tenant, **identifiers: str) -> int:
    return make(tenant, Made(NOW, identifiers=identifiers), now=NOW)


def enter(tenant: Tenant, *acts: Act, actor: Actor = EVA, minutes: int = 0) -> None:
    with scope.writing(tenant.id):
        record(acts, actor=actor, now=NOW + timedelta(minutes=minutes))


def asked_for(caller: Caller, *pairs: tuple[str, str]) -> list[Line]:
    return pages_of(caller, *pairs)[0]


def pages_of(
    caller: Caller, *pairs: tuple[str, str], limit: int = 50
) -> list[list[Line]]:
    """All pages, by the key that each leads to the next with."""
    asked = read_asked(pairs, zone=ZONE, region="SE")
    found: list[list[Line]] = []
    after: Key | None = None
    while True:
        page = read_log(caller, asked, after=after, limit=limit, now=NOW)
        found.append(page.lines)
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("phone", "070-123 45 67"),
        ("phone", "*4567"),
        ("email", "anna@example.com"),
        ("email", "*@example.com"),
        ("name", "anna*"),
    ],
)
def test_entries_are_found_by_whom_they_are_about(
    acme: Tenant, caller: Caller, name: str, text: str
) -> None:
    hers = call_of(acme, phone="0701234567", email="anna@example.com", name="Anna Ek")
    other = call_of(acme, phone="0709999999", email="bo@example.org", name="Bo Ek")
    enter(acme, Act(Action.PLAY, hers, "recording:1"), Act(Action.PLAY, other))

    (line,) = asked_for(caller, (name, text), ("action", "play"))

    assert line.entry.interaction_id == hers


def test_whoever_is_forgotten_is_found_in_the_log_no_more(
    acme: Tenant, caller: Caller
) -> None:
    hers = call_of(acme, phone="0701234567")
    enter(acme, Act(Action.PLAY, hers))
    assert asked_for(caller, ("phone", "*4567"))

    forget(acme, hers)

    assert asked_for(caller, ("phone", "*4567")) == []
    assert asked_for(caller, ("phone", "0701234567")) == []


def test_a_reading_enters_what_was_asked_by_and_no_value(
    acme: Tenant, caller: Caller
) -> None:
    asked_for(caller, ("phone", "0701234567"), ("reason", "*anna*"))

    (line,) = asked_for(caller, ("action", "log"))

    assert line.entry.details == {"by": ["phone", "reason"], "found": 0}


def test_what_fits_too_many_is_refused(
    acme: Tenant, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valv.archive.log_reading.MOST_ABOUT", 1)
    call_of(acme, phone="0701234567")
    call_of(acme, phone="0701234568")

    with pytest.raises(Malformed):
        asked_for(caller, ("phone", "070*"))


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([("actor", "eva*")], 2),
        ([("actor", "EVA ÅKESSON")], 2),
        ([("actor", "eva")], 0),
        ([("actor", "cleo"), ("actor", "*kesson")], 3),
        ([("action", "play"), ("action", "delete")], 2),
        ([("content", "chat_log")], 1),
        ([("actor_type", "internal"), ("content", "recording")], 1),
        ([("reason", "*")], 1),
        ([("reason", "*ÄRENDE*")], 1),
        ([("reason", ".*")], 0),
        ([("from", "2026-11-24")], 0),
        ([("to", "2026-11-23")], 3),
    ],
)
def test_the_log_is_narrowed(
    acme: Tenant, caller: Caller, pairs: list[tuple[str, str]], found: int
) -> None:
    enter(acme, Act(Action.PLAY, 5, "recording:2"), actor=OFFICER)
    enter(acme, Act(Action.SEE, 5, "chat_log:1"))
    enter(acme, Act(Action.DELETE, 6, "recording:1", reason="Kundens ärende"))

    lines = asked_for(caller, *pairs)

    acts = [one for one in lines if one.entry.interaction_id in (5, 6)]
    assert len(acts) == found


def test_pages_hold_every_entry_once_also_by_several_ways(
    acme: Tenant, caller: Caller
) -> None:
    for minute in range(20):
        enter(acme, Act(Action.PLAY, minute), Act(Action.SEE, minute), minutes=minute)

    pages = pages_of(caller, ("action", "play"), ("action", "see"), limit=7)

    listed = [line.entry for page in pages for line in page]
    keys = [(one.at, one.id) for one in listed]
    assert len(set(keys)) == 40
    assert keys == sorted(keys, reverse=True)


def test_the_sheet_holds_the_same_and_is_entered(acme: Tenant, caller: Caller) -> None:
    hers = make(acme, Made(NOW, session_id="their-call"), now=NOW)
    enter(acme, Act(Action.DELETE, hers, "recording:1", reason="=1+1"))
    asked = read_asked([("action", "delete")], zone=ZONE, region="SE")

    lines = take_out(caller, asked, form="xlsx", now=NOW)
    sheet = b"".join(log_sheet(lines, zone=ZONE))

    book = CalamineWorkbook.from_filelike(BytesIO(sheet))
    head, row = book.get_sheet_by_index(0).to_python()
    assert head == [column.heading for column, _ in COLUMNS]
    assert row[2:9] == [
        *("delete", "support", "Eva Åkesson"),
        *(str(hers), "their-call", "recording:1", "=1+1"),
    ]
    (line,) = asked_for(caller, ("action", "export"))
    assert line.entry.content == "audit_log"


WAYS = {
    "audit_at": [("from", "2026-11-01")],
    "audit_action": [("action", "forget"), ("from", "2026-11-01")],
    "audit_actor": [("actor", "eva*")],
    "audit_actor_type": [("actor_type", "support")],
    "audit_content": [("content", "transcript")],
    "audit_reason": [("reason", "*kund*")],
    "audit_interaction": [("phone", "0701234567")],
}


@pytest.mark.sqlite
@pytest.mark.parametrize("index", WAYS)
def test_each_question_is_put_to_its_index(
    acme: Tenant, caller: Caller, index: str
) -> None:
    hers = call_of(acme, phone="0701234567")
    enter(acme, Act(Action.SEE, hers, "transcript:1"))
    asked_for(caller)

    with CaptureQueriesContext(connection) as asked:
        asked_for(caller, *WAYS[index])

    plans = list(plans_of(asked))
    assert plans
    assert all(f"INDEX {index} " in f"{plan} " for plan in plans), plans


def plans_of(asked: CaptureQueriesContext) -> Iterator[str]:
    """How each page of entries is come by."""
    for query in asked.captured_queries:
        sql = str(query["sql"])
        if "audit_entry" in sql and "LIMIT 51" in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                yield " ".join(str(row[-1]) for row in cursor.fetchall())


def test_all_are_read_though_they_are_many(acme: Tenant, caller: Caller) -> None:
    with scope.writing(acme.id):
        record([Act(Action.PLAY, 1)] * 1100, actor=EVA, now=NOW)
    settle(acme.id)
    asked = read_asked([("action", "play")], zone=ZONE, region="SE")

    lines = list(take_out(caller, asked, form="xlsx", now=NOW))

    assert len({line.entry.seq for line in lines}) == 1100
