"""A journey is the same in whatever order its events come."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.core.masks import read_event
from valv.core.events import Event
from valv.core.interaction import AgentRef, Media, Sender
from valv.core.journey import Journey, journey_of

BEGAN = datetime(2026, 11, 23, 14, tzinfo=UTC)
Told = tuple[int, str, dict[str, object]]


def events(*told: Told) -> list[Event]:
    return [
        read_event(
            {
                "event_id": f"e{number:03}",
                "session_id": "s1",
                "type": type_,
                "at": (BEGAN + timedelta(seconds=second)).isoformat(),
                "data": data,
            }
        )
        for number, (second, type_, data) in enumerate(told)
    ]


def journey(*told: Told) -> Journey:
    return journey_of(events(*told))


def drawn(way: Journey) -> list[tuple[str, int, int, str]]:
    return [
        (
            span.state.value,
            int((span.start - BEGAN).total_seconds()),
            int((span.end - BEGAN).total_seconds()),
            ", ".join(span.labels),
        )
        for span in way.spans
    ]


STARTED: Told = (
    0,
    "session.started",
    {"media": "phone", "direction": "inbound", "identifiers": {"phone": "0701234567"}},
)
CALL: tuple[Told, ...] = (
    STARTED,
    (0, "menu.entered", {"menu": "main"}),
    (5, "consent.given", {"purpose": "recording", "how": "1"}),
    (10, "queue.entered", {"queue": "support"}),
    (40, "agent.connected", {"agent": "a1", "name": "Bo"}),
    (40, "recording.started", {"n": 1, "agent": "a1"}),
    (60, "queue.entered", {"queue": "experts"}),
    (80, "agent.connected", {"agent": "a2"}),
    (100, "agent.disconnected", {"agent": "a2"}),
    (120, "recording.stopped", {"n": 1}),
    (120, "agent.disconnected", {"agent": "a1"}),
    (120, "session.ended", {}),
    (500, "registration.added", {"category": "c", "topic": "t"}),
    (900, "survey.answered", {"score": 9}),
)


def test_a_call_with_a_consultation() -> None:
    assert drawn(journey(*CALL)) == [
        ("menu", 0, 10, "main"),
        ("queue", 10, 40, "support"),
        ("conversation", 40, 60, "a1"),
        ("consult_queue", 60, 80, "experts"),
        ("consult", 80, 100, "a1, a2"),
        ("conversation", 100, 120, "a1"),
    ]


def test_what_a_call_says_of_itself() -> None:
    way = journey(*CALL)

    assert (way.wait_seconds, way.talk_seconds) == (30, 80)
    assert way.queues == ("support", "experts")
    assert way.agents == (AgentRef("a1", "Bo"), AgentRef("a2"))
    assert way.outcome == "answered"
    assert way.ended_at == BEGAN + timedelta(seconds=120)
    assert [(m.given, m.purpose) for m in way.marks] == [(True, "recording")]
    assert [(p.n, p.seconds, p.agent) for p in way.parts] == [(1, 80, "a1")]
    assert [r.topic for r in way.registration] == ["t"]
    assert way.survey is not None
    assert (way.survey.score, way.survey.at) == (9, BEGAN + timedelta(seconds=900))


@given(st.randoms(), st.lists(st.sampled_from(CALL)))
def test_order_and_duplicates_do_not_matter(chance: Random, again: list[Told]) -> None:
    told = events(*CALL)
    shuffled = told + [event for event in told if chance.random() < len(again)]
    chance.shuffle(shuffled)

    assert journey_of(shuffled) == journey_of(told)


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(CALL)), min_size=1))
def test_states_follow_one_another_without_overlap(
    told: list[tuple[int, Told]],
) -> None:
    way = journey(*((second, type_, data) for second, (_, type_, data) in told))

    edges = [moment for span in way.spans for moment in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(span.start < span.end for span in way.spans)


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(CALL)), min_size=1))
def test_any_events_give_general_information(told: list[tuple[int, Told]]) -> None:
    way = journey(*((second, type_, data) for second, (_, type_, data) in told))

    assert way.general().started_at == way.started_at


def test_a_transfer_waits_again() -> None:
    way = journey(
        STARTED,
        (0, "queue.entered", {"queue": "q1"}),
        (10, "agent.connected", {"agent": "a1"}),
        (20, "agent.disconnected", {"agent": "a1"}),
        (20, "queue.entered", {"queue": "q2"}),
        (50, "agent.connected", {"agent": "a2"}),
        (60, "session.ended", {"outcome": "solved"}),
    )

    assert (way.wait_seconds, way.talk_seconds, way.outcome) == (40, 20, "solved")
    assert way.general().queue == "q2"


def test_nobody_answered() -> None:
    way = journey(
        STARTED, (5, "queue.entered", {"queue": "q"}), (9, "session.ended", {})
    )

    assert (way.outcome, way.wait_seconds, way.talk_seconds) == ("abandoned", 4, 0)
    assert way.general().talk_seconds is UNSET


@pytest.mark.parametrize(
    ("direction", "callback"), [("outbound", None), ("inbound", "true")]
)
def test_waiting_without_holding_the_line_is_a_callback(
    direction: str, callback: object
) -> None:
    way = journey(
        (0, "session.started", {"media": "phone", "direction": direction}),
        (0, "queue.entered", {"queue": "q", "callback": callback}),
        (9, "agent.connected", {"agent": "a"}),
    )

    assert drawn(way) == [("callback", 0, 9, "q")]


def test_a_call_still_going_on_has_no_end() -> None:
    way = journey(
        STARTED, (0, "recording.started", {"n": 1}), (7, "menu.entered", {"menu": "m"})
    )

    assert (way.ended_at, way.outcome) == (None, None)
    assert way.recordings[0].seconds == 7


def test_general_information_says_only_what_is_known() -> None:
    general = journey((3, "menu.entered", {"menu": "m"})).general()

    assert general.started_at == BEGAN + timedelta(seconds=3)
    assert (general.media, general.queue, general.ended_at) == (UNSET, UNSET, UNSET)


def test_the_start_gives_medium_and_identifiers() -> None:
    general = journey(*CALL).general()

    assert general.media is Media.PHONE
    assert general.identifiers
    assert general.identifiers.typed() == {"phone": "0701234567"}


def test_the_last_value_of_a_variable_counts() -> None:
    way = journey(
        (0, "session.started", {"media": "phone", "variables": {"a": "1", "b": 2}}),
        (1, "variable.set", {"name": "a", "value": True}),
        (2, "variable.set", {"name": "SET_RESTRICTED", "value": "true"}),
    )

    assert way.variables == {"a": "true", "b": "2", "SET_RESTRICTED": "true"}
    assert way.restricted


def test_a_chat_gives_its_log() -> None:
    way = journey(
        (0, "session.started", {"media": "chat"}),
        (2, "chat.message", {"from": "agent", "text": "Hello"}),
        (1, "chat.message", {"from": "customer", "name": "Anna", "text": "Hi"}),
    )

    assert way.chat_log
    assert [(m.sender, m.text) for m in way.chat_log.messages] == [
        (Sender.CUSTOMER, "Hi"),
        (Sender.AGENT, "Hello"),
    ]


def test_no_events_are_no_journey() -> None:
    with pytest.raises(ValueError, match="at least one"):
        journey_of([])
