"""Raw events over HTTP: a call and a chat from their events alone."""

from typing import Any

import msgspec
from django.db import connections
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.cast import NOW, OPERATOR
from tests.intake.asking import Source, accepted, event, states
from valv.archive.models import ChatPart, Interaction, RawEvent
from valv.core.interaction import decoded
from valv.core.recording_policy import Policy
from valv.tenants.operations import set_recording_policy

CALL = [
    event(
        0,
        "session.started",
        media="phone",
        direction="inbound",
        identifiers={"phone": "070-123 45 67", "name": "Anna Ek"},
        variables={"language": "sv"},
    ),
    event(5, "menu.entered", menu="Main"),
    event(10, "queue.entered", queue="Support"),
    event(30, "agent.connected", agent="a7", name="Alma"),
    event(31, "recording.started", n=1, agent="a7"),
    event(90, "recording.stopped", n=1),
    event(91, "registration.added", category="Invoice", topic="Late"),
    event(95, "agent.disconnected", agent="a7"),
    event(96, "session.ended", outcome="answered"),
]
CHAT = [
    event(
        0,
        "session.started",
        session="C1",
        media="chat",
        identifiers={"email": "kim@example.com"},
    ),
    event(1, "chat.message", session="C1", from_="customer", text="Hello", name="Kim"),
    event(2, "chat.message", session="C1", from_="agent", text="Good day"),
    event(9, "session.ended", session="C1"),
]


def test_a_call_is_built_from_its_events(source: Source) -> None:
    answer = source.tell(*CALL)

    item = source.item("S1")
    assert accepted(answer) == (9, 0, [])
    assert item["identifiers"]["phone"] == "+46701234567"
    assert item["identifiers"]["name"] == "Anna Ek"
    assert (item["queue"], item["agents"]) == ("Support", ["Alma"])
    assert (item["wait_seconds"], item["talk_seconds"]) == (20.0, 65.0)
    assert item["outcome"] == "answered"
    assert item["variables"] == {"language": "sv"}
    assert item["ended_at"] == "2026-11-20T09:01:36.000Z"
    assert [r["topic"] for r in item["registration"]] == ["Late"]
    assert states(item) == [("recording", 1, "awaiting")]


def test_a_running_number_is_kept_and_told(source: Source) -> None:
    numbered = {**event(0, "session.started", media="phone"), "sequence": 7}
    bad = {**event(1, "menu.entered", menu="Main"), "sequence": -1}

    answer = source.tell(numbered, bad, event(2, "menu.entered", menu="Main"))

    lines = source.ask("GET", "/raw-events").getvalue().splitlines()
    assert [msgspec.json.decode(line)["sequence"] for line in lines] == [7, None]
    assert accepted(answer) == (2, 0, ["malformed"])
    assert answer["refused"][0]["reason"].startswith("sequence:")


def test_events_sent_again_are_counted_as_duplicates(source: Source) -> None:
    source.tell(*CALL)
    before = source.item("S1")

    answer = source.tell(*CALL)

    assert accepted(answer) == (0, 9, [])
    assert source.item("S1") == before


def test_a_chat_becomes_a_log_at_its_end(source: Source) -> None:
    source.tell(*CHAT[:3])
    awaited = states(source.item("C1"))
    hidden = source.chat_log("C1").status_code

    source.tell(CHAT[3])

    log = source.chat_log("C1").json()
    assert awaited == [("chat_log", 1, "awaiting")]
    assert hidden == 404
    assert [m["text"] for m in log["messages"]] == ["Hello", "Good day"]
    assert source.item("C1")["identifiers"]["name"] == "Kim"
    assert source.rows(ChatPart) == []


def test_a_message_that_comes_after_the_end_finds_its_place(source: Source) -> None:
    source.tell(CHAT[0], CHAT[2], CHAT[3])

    source.tell(CHAT[1])

    log = source.chat_log("C1").json()
    assert [m["text"] for m in log["messages"]] == ["Hello", "Good day"]


def test_a_deleted_chat_log_stays_deleted_whatever_is_sent(source: Source) -> None:
    source.tell(*CHAT)
    source.ask("DELETE", f"/interactions/{source.id_of('C1')}/chat-log?reason=asked")

    source.tell(*CHAT, event(3, "chat.message", session="C1", from_="bot", text="Late"))

    assert states(source.item("C1")) == [("chat_log", 1, "deleted")]
    assert source.chat_log("C1").status_code == 410
    assert source.rows(ChatPart) == []


def test_a_log_that_is_sent_whole_wins_over_messages(source: Source) -> None:
    whole = [{"at": "2026-11-20T09:00:01Z", "from": "customer", "text": "All of it"}]
    source.tell(*CHAT[:3])
    source.put_chat_log("C1", whole)

    source.tell(CHAT[3])

    log = source.chat_log("C1").json()
    assert [m["text"] for m in log["messages"]] == ["All of it"]
    assert source.rows(ChatPart) == []


def test_a_bad_line_is_named_and_the_rest_goes_in(source: Source) -> None:
    bad = event(5, "menu.entered")
    body = [CALL[0], bad, event(6, "no.such.type"), CALL[8]]

    answer = source.tell(*body)

    assert answer["accepted"] == 2
    assert [(r["line"], r["event_id"]) for r in answer["refused"]] == [
        (2, "S1-0005"),
        (3, "S1-0006"),
    ]


def test_an_array_will_do_as_well(source: Source) -> None:
    answer = source.ask("POST", "/events", b'[{"event_id":"1"}, 7]')

    assert answer.status_code == 200
    assert [r["line"] for r in answer.json()["refused"]] == [1, 2]


def test_a_body_of_which_nothing_can_be_read_is_400(source: Source) -> None:
    for body in (b"", b"not json", b"[1, 2", "{}".encode("utf-16"), b"\xff\xfe\n{"):
        assert source.ask("POST", "/events", body).status_code == 400


def test_a_body_over_32_mib_is_413(source: Source) -> None:
    answer = source.ask("POST", "/events", b" " * (32 * 1024 * 1024 + 1))

    assert answer.status_code == 413


def short_call(n: int) -> list[object]:
    party = {"phone": f"07012345{n:02}"}
    session = f"M{n}"
    return [
        event(0, "session.started", session=session, media="phone", identifiers=party),
        event(3, "queue.entered", session=session, queue=f"Queue {n % 5}"),
        event(9, "session.ended", session=session),
    ]


def test_many_events_take_few_statements(
    source: Source, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = [one for n in range(60) for one in short_call(n)]

    with django_assert_max_num_queries(60):
        source.tell(*many)

    assert len(source.rows(Interaction)) == 60
    assert len(source.rows(RawEvent)) == 180


def running(n: int) -> list[Any]:
    session, agent = f"R{n}", f"a{n}"
    return [
        event(0, "session.started", session=session, media="phone"),
        event(3, "queue.entered", session=session, queue="Support"),
        event(9, "agent.connected", session=session, agent=agent),
        event(10, "recording.started", session=session, n=1, agent=agent),
    ]


def goes_on(n: int, at: int) -> Any:
    return event(at, "variable.set", session=f"R{n}", name="step", value=str(at))


def statements(source: Source, events: list[Any]) -> int:
    with (
        CaptureQueriesContext(connections["default"]) as data,
        CaptureQueriesContext(connections["keys"]) as keys,
    ):
        source.tell(*events)
    return len(data) + len(keys)


def test_statements_grow_neither_with_running_calls_nor_with_what_is_told_of_each(
    source: Source,
) -> None:
    rules = {"rules": [{"mode": "forced", "on": "queue", "name": "Support"}]}
    set_recording_policy(source.tenant, decoded(rules, Policy), actor=OPERATOR, now=NOW)
    source.tell(*(one for n in range(3) for one in running(n)))
    few = statements(source, [goes_on(n, 20) for n in range(3)])
    source.tell(*(one for n in range(3, 40) for one in running(n)))

    many = statements(source, [goes_on(n, at) for n in range(40) for at in (30, 40)])

    assert many <= few + 1  # calls of which an indexed column changed are another
