"""Forgetting a person, by command: found nowhere, and everybody else as before."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cast import NOW, OPERATOR
from tests.intake import importing
from tests.intake.asking import Source, event, states
from tests.intake.made import inline, vcon, written
from tests.laws.laying import EMAIL, PHONE, SECRET, ago, lay
from valv.archive.models import ChatPart, Identifier, Interaction, RawEvent
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.verify import verify
from valv.core.identifiers import Kind
from valv.core.people import SYSTEM
from valv.core.permissions import Right
from valv.jobs.command import OK, REFUSED, USAGE, main
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.models import Job, JobItem, Receipt
from valv.storage import scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent, SealingKey
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
START = "2026-11-20T09:00:00Z"
WRITTEN = ["070-123 45 67", "011 46 701234567"]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


class Teller:
    """Commands, and what they say in JSON."""

    def __init__(self, capfdbinary: Any) -> None:
        self._out = capfdbinary

    def __call__(self, *words: str) -> tuple[int, Any]:
        self._out.readouterr()
        code = main([*words, "--json"], user="root")
        said = self._out.readouterr().out
        return code, json.loads(said) if said else None

    def forget(self, *words: str) -> tuple[int, Any]:
        return self("forget", *words, "--yes")


@pytest.fixture
def tell(capfdbinary: Any) -> Teller:
    return Teller(capfdbinary)


def count(source: Source, **asked: str) -> int:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return len(source.ask("GET", f"/interactions?{query}").json()["items"])


def hold(source: Source, session: str, *, on: bool = True) -> None:
    with scope.writing(source.tenant.id):
        Interaction.objects.filter(session_id=session).update(held=on)


def everybody_in(item: Any) -> list[str]:
    parties = [item["identifiers"], *item["others"]]
    return sorted(value for party in parties for value in party.values() if value)


@pytest.mark.parametrize("written", WRITTEN)
def test_a_number_is_forgotten_however_it_is_written(
    source: Source, tell: Teller, written: str
) -> None:
    lay(source, "one")
    assert count(source, phone=PHONE.replace("+", "%2B")) == 1

    code, said = tell.forget("--phone", written)

    assert (code, said["status"], said["matched"], said["held"]) == (OK, "done", 1, 0)
    assert count(source, phone="0701234567") == count(source, phone="*34567") == 0
    item = source.item("one-call")
    assert everybody_in(item) == []
    assert (item["subject"], item["variables"], item["others"]) == (None, {}, [])
    assert (item["survey"]["comment"], item["survey"]["score"]) == (None, 4)
    assert item["anonymised_at"]
    assert states(item) == [("recording", 1, "present"), ("transcript", 1, "present")]
    assert verify(source.tenant.id).ok


def test_what_is_counted_is_told_by_place(source: Source, tell: Teller) -> None:
    lay(source, "one")

    _, said = tell.forget("--phone", PHONE, "--delete-content")

    places = said["places"]
    assert (places["archive"], places["surveys"], places["raw_data"]) == (1, 1, 6)
    assert (places["consents"], places["recordings"], places["transcripts"]) == (
        1,
        1,
        1,
    )


def test_content_goes_too_where_it_is_asked_for(source: Source, tell: Teller) -> None:
    laid = lay(source, "one")

    tell.forget("--phone", PHONE, "--email", EMAIL.upper(), "--delete-content")

    for session in ("one-call", "one-chat"):
        assert {state for _, _, state in states(source.item(session))} == {"deleted"}
        assert everybody_in(source.item(session)) == []
    assert source.ask("GET", f"/interactions/{laid.chat}/chat-log").status_code == 410
    again = [{"at": START, "from": "customer", "text": SECRET}]
    assert source.put_chat_log("one-chat", again).status_code == 410
    living = SealingKey.objects.filter(kind=KeyKind.CONTENT).count()
    assert living == 1  # of the chat that is told, and nobody's


def test_the_same_import_brings_nobody_back(
    source: Source, tell: Teller, tmp_path: Path
) -> None:
    made = vcon("E1", recording=inline())
    folder = importing.lay(tmp_path / "in", a__json=written(made))
    assert importing.run(source.tenant, folder)["imported"] == 1
    assert PHONE in everybody_in(source.item("E1"))

    tell.forget("--phone", PHONE, "--delete-content")

    for _ in range(2):
        assert importing.run(source.tenant, folder)["unchanged"] == 1
        assert everybody_in(source.item("E1")) == []
        assert {state for _, _, state in states(source.item("E1"))} == {"deleted"}
        assert count(source, phone="*34567") == 0


def test_a_chat_under_way_is_deleted_and_blanked_too(
    source: Source, tell: Teller
) -> None:
    def tells(number: int, session: str, text: str) -> None:
        said = {"from_": "customer", "text": text}
        source.tell(event(number, "chat.message", session=session, **said))

    for session in ("kept", "gone"):
        party = {"email": f"{session}@example.com"}
        source.tell(
            event(
                0, "session.started", session=session, media="chat", identifiers=party
            )
        )
        tells(1, session, f"I am {session}@example.com!")

    tell.forget("--email", "gone@example.com", "--delete-content")
    tell.forget("--email", "kept@example.com")

    assert states(source.item("gone")) == [("chat_log", 1, "deleted")]
    assert len(source.rows(ChatPart)) == 1
    source.tell(event(9, "session.ended", session="kept"))
    (line,) = source.chat_log("kept").json()["messages"]
    assert (line["text"], line["name"]) == ("I am •••!", "Anonymiserad")


def test_kept_logs_lose_what_was_entered_and_nothing_else(
    source: Source, tell: Teller
) -> None:
    said = f"Ring 070-123 45 67, {PHONE} eller 010-123 45 67"
    party = {"phone": PHONE, "name": "Anna"}
    source.put("C", started_at=START, ended_at=START, media="chat", identifiers=party)
    log = [{"at": START, "from": "customer", "text": said}]
    source.put_chat_log("C", log)

    _, answer = tell.forget("--phone", "0701234567")

    (line,) = source.chat_log("C").json()["messages"]
    assert line["text"] == "Ring •••, ••• eller 010-123 45 67"
    assert line["name"] == "Anonymiserad"
    assert "count blanked 1" in answer["receipt"]["note"]
    assert source.put_chat_log("C", log).status_code == 200
    assert source.chat_log("C").json()["messages"] == [line]


def test_text_can_be_kept_and_names_nobody(source: Source, tell: Teller) -> None:
    lay(source, "one")

    tell.forget("--phone", PHONE, "--keep-text")

    item = source.item("one-call")
    assert (item["subject"], item["survey"]["comment"]) == (SECRET, SECRET)
    assert everybody_in(item) == []
    answer = source.ask("GET", "/raw-events").getvalue()
    assert b"one-call" in answer
    assert PHONE.encode() not in answer


def test_two_of_one_name_on_one_number_are_two(source: Source, tell: Teller) -> None:
    """Both are named Anna and ring from one switchboard."""
    for session, email in (("A", "a@example.com"), ("B", "b@example.com")):
        party = {"phone": "08-123 456 78", "email": email, "name": "Anna"}
        source.put(session, started_at=START, identifiers=party)
    before = source.item("B")["identifiers"]

    code, said = tell.forget("--email", "A@EXAMPLE.com")

    assert (code, said["matched"]) == (OK, 1)
    assert source.item("B")["identifiers"] == before
    assert everybody_in(source.item("A")) == []
    assert count(source, phone="0812345678") == 1


def test_what_stood_nowhere_else_goes_with_the_person(
    source: Source, tell: Teller
) -> None:
    lay(source, "one")
    assert count(source, email=EMAIL) == 2

    tell.forget("--phone", PHONE)

    held = source.rows(Identifier)
    assert len(held) == 2  # the chat's address and name
    assert count(source, email=EMAIL) == 1
    assert {key.object_id for key in SealingKey.objects.filter(
        kind=KeyKind.IDENTIFIER)} == {row.id for row in held}  # fmt: skip


def test_a_hold_keeps_and_its_release_lets_the_rest_follow(
    source: Source, tell: Teller
) -> None:
    for session in ("free", "held"):
        source.put(session, started_at=START, identifiers={"phone": PHONE})
    hold(source, "held")

    code, said = tell.forget("--phone", PHONE)

    assert (code, said["status"], said["held"]) == (REFUSED, "partly", 1)
    assert everybody_in(source.item("free")) == []
    assert everybody_in(source.item("held")) == [PHONE]
    assert count(source, phone="0701234567") == 1
    kinds.run_waiting(source.tenant, now=ago(-1))
    kinds.run_waiting(source.tenant, now=ago(-1), at_night=True)
    assert len(source.rows(Receipt)) == 1
    hold(source, "held", on=False)
    code, said = tell.forget("--phone", PHONE)
    assert (code, said["status"], said["matched"]) == (OK, "done", 1)
    assert everybody_in(source.item("held")) == []


def test_a_hit_that_is_somebody_elses_can_be_left_out(
    source: Source, tell: Teller
) -> None:
    for session in ("mine", "theirs"):
        source.put(session, started_at=START, identifiers={"phone": PHONE})

    code, said = tell.forget("--phone", PHONE, "--leave-out", source.id_of("theirs"))

    assert (code, said["status"], said["matched"]) == (OK, "done", 1)
    assert everybody_in(source.item("mine")) == []
    assert everybody_in(source.item("theirs")) == [PHONE]


@pytest.mark.parametrize(
    ("kind", "first", "later"),
    [
        ("phone", "0709999999", PHONE),
        ("email", "first@example.com", "later@example.com"),
        ("handle", "@first", "@later"),
    ],
)
def test_whom_events_alone_tell_of_is_found(
    source: Source, tell: Teller, kind: str, first: str, later: str
) -> None:
    """A source stated somebody else later: the first stands in raw data only."""
    party = {kind: first}
    source.tell(event(0, "session.started", media="social", identifiers=party))
    source.put("S1", started_at=START, identifiers={kind: later}, subject=SECRET)

    _, said = tell.forget(f"--{kind}", first)

    assert said["matched"] == 1
    assert source.item("S1")["subject"] is None
    assert {bytes(row.body) for row in source.rows(RawEvent)} == {b""}


def test_who_comes_again_is_somebody_new(source: Source, tell: Teller) -> None:
    lay(source, "old")
    tell.forget("--phone", PHONE)

    source.put("new", started_at=START, identifiers={"phone": PHONE})
    source.put("old-call", identifiers={"phone": PHONE}, subject=SECRET)

    assert everybody_in(source.item("new")) == [PHONE]
    assert everybody_in(source.item("old-call")) == []
    assert source.item("old-call")["subject"] is None


def test_the_log_names_them_no_more(source: Source, tell: Teller) -> None:
    lay(source, "one")
    (held,) = source.rows(Identifier, kind=0)
    with scope.writing(source.tenant.id):
        record(Act(Action.SEND, identifier_id=held.id), actor=SYSTEM, now=NOW)

    tell.forget("--phone", PHONE)

    assert [e for e in source.rows(Entry) if e.identifier_id is not None] == []
    assert verify(source.tenant.id).ok


def test_a_dry_run_changes_nothing(source: Source, tell: Teller) -> None:
    lay(source, "one")

    code, said = tell("forget", "--phone", PHONE, "--dry-run")

    assert (code, said["status"], said["matched"]) == (OK, "waiting", 1)
    assert said["receipt"] == {}
    assert everybody_in(source.item("one-call")) != []
    (job,) = source.rows(Job)
    assert (job.state, job.sealed) == ("cancelled", None)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--phone", ""],
        ["--phone", "anonymous"],
        ["--phone", PHONE, "--leave-out", "x"],
    ],
)
def test_who_cannot_be_meant_is_refused(
    source: Source, tell: Teller, words: list[str]
) -> None:
    assert tell.forget(*words)[0] == USAGE
    assert tell("forget", "--phone", PHONE)[0] == USAGE
    assert source.rows(Job) == []


def test_a_done_job_knows_nobody(source: Source, tell: Teller) -> None:
    lay(source, "one")

    tell.forget("--phone", PHONE)

    (job,) = source.rows(Job)
    assert (job.state, job.sealed) == ("done", None)
    assert not SealingKey.objects.filter(kind=KeyKind.JOB).exists()
    assert source.rows(Intent) == []
    assert len(source.rows(JobItem)) == 1


def test_from_the_first_commit_on_nobody_is_found(source: Source) -> None:
    """All else is still to be done, and what was written is hidden until then."""
    lay(source, "one")
    tenant = source.tenant
    caller = Caller(tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),))
    job = planning.plan(caller, wanted, now=ago(0))
    jobs.approve(tenant, job.id, at_night=False, now=ago(0))

    begun = kinds.run(tenant, job.id, now=ago(0), most=1)

    assert (begun.state, begun.gone_at is not None) == ("waiting", True)
    (row,) = source.rows(Interaction, session_id="one-call")
    assert (row.anonymised_at, row.text is None) == (None, False)
    item = source.item("one-call")
    assert everybody_in(item) == []
    assert (item["subject"], item["survey"]["comment"]) == (None, None)
    assert item["consents"][0]["question"] is None
    assert count(source, phone="*34567") == count(source, subject=SECRET) == 0
    assert SECRET not in source.ask("GET", "/raw-events").getvalue().decode()
    assert kinds.run_waiting(tenant, now=ago(0))
    assert source.item("one-call")["anonymised_at"]


def test_a_year_later_the_row_is_gone_and_the_receipt_stays(
    source: Source, tell: Teller
) -> None:
    tenant = source.tenant
    source.put("one", started_at=START, identifiers={"phone": PHONE})
    caller = Caller(tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),))
    planning.plan(caller, wanted, now=ago(0))
    tell.forget("--phone", PHONE)

    assert kinds.drop_old(tenant, now=ago(-2)) == 1  # the plan nobody approved
    assert [job.state for job in source.rows(Job)] == ["done"]
    assert kinds.drop_old(tenant, now=ago(-366)) == 1

    assert source.rows(Job) + source.rows(JobItem) == []
    assert len(source.rows(Receipt)) == 1
    assert not SealingKey.objects.filter(kind=KeyKind.JOB).exists()
