"""Where a call was, and when it was recorded, whatever of it is told and how."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.masks import read_event
from valv.core.events import Event
from valv.core.interaction import Direction
from valv.core.journey import Journey, journey_of
from valv.core.spans import State

BEGAN = datetime(2026, 11, 23, 14, tzinfo=UTC)
AGENTS, QUEUES = ("a1", "a2, of the night", "a3"), ("q1", "q2")
Told = tuple[int, str, dict[str, object]]


def told(number: int, second: float, type_: str, data: dict[str, object]) -> Event:
    at = (BEGAN + timedelta(seconds=second)).isoformat()
    return read_event(
        {
            "event_id": f"e{number:03}",
            "session_id": "s1",
            "type": type_,
            "at": at,
            "data": data,
        }
    )


def journey(*listed: Told) -> Journey:
    return journey_of(told(number, *one) for number, one in enumerate(listed))


def of_type(type_: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Told]:
    data = st.fixed_dictionaries(dict(fields))
    return st.tuples(st.integers(0, 60), st.just(type_), data)


AN_AGENT, A_QUEUE = st.sampled_from(AGENTS), st.sampled_from(QUEUES)
A_RECORDING = {"n": st.integers(1, 3), "agent": AN_AGENT}
ANYTHING = st.lists(
    st.one_of(
        of_type(
            "session.started",
            media=st.just("phone"),
            direction=st.sampled_from(["inbound", "outbound", "internal"]),
        ),
        of_type("menu.entered", menu=st.sampled_from(["main", "language"])),
        of_type("queue.entered", queue=A_QUEUE, callback=st.booleans()),
        of_type("agent.connected", agent=AN_AGENT),
        of_type("agent.disconnected", agent=AN_AGENT),
        of_type("recording.started", **A_RECORDING),
        of_type("recording.stopped", **A_RECORDING),
        of_type("consent.given", purpose=st.just("recording")),
        of_type("session.ended"),
    ),
    min_size=1,
    max_size=25,
)


@given(ANYTHING, st.randoms(), st.lists(st.integers(0, 24)))
def test_order_and_repetition_do_not_matter(
    listed: list[Told], chance: Random, again: list[int]
) -> None:
    events = [told(number, *one) for number, one in enumerate(listed)]
    shuffled = events + [events[index % len(events)] for index in again]
    chance.shuffle(shuffled)

    assert journey_of(shuffled) == journey_of(events)


@given(ANYTHING)
def test_it_is_in_one_state_at_a_time_and_in_none_after_its_end(
    listed: list[Told],
) -> None:
    way = journey(*listed)

    for before, after in pairwise(way.spans):
        assert before.end <= after.start
        joined = (before.state, before.labels) == (after.state, after.labels)
        assert not (joined and before.end == after.start)
    assert all(span.start < span.end for span in way.spans)
    if way.ended_at is not None and way.spans:
        assert way.spans[-1].end <= max(way.ended_at, way.started_at)


@given(ANYTHING)
def test_only_a_consultation_is_with_more_than_one(listed: list[Told]) -> None:
    way = journey(*listed)
    internal = way.start is not None and way.start.direction is Direction.INTERNAL
    ends = 2 if internal else 1

    for span in way.spans:
        if span.state is State.CONVERSATION:
            assert len(span.labels) == ends
        elif span.state is State.CONSULT:
            assert len(span.labels) > ends
        else:
            assert len(span.labels) == 1


@given(ANYTHING)
def test_a_recording_ran_in_stretches_with_its_pauses_between(
    listed: list[Told],
) -> None:
    recordings = journey(*listed).recordings

    assert [one.n for one in recordings] == sorted({one.n for one in recordings})
    for one in recordings:
        edges = [edge for ran in one.ran for edge in (ran.start, ran.end)]
        assert edges == sorted(edges)
        rest = one.seconds - sum(ran.seconds for ran in one.ran)
        assert sum(pause.seconds for pause in one.pauses) == pytest.approx(rest)


@given(ANYTHING, st.integers(0, 24))
def test_what_is_not_told_makes_no_pause_shorter_by_a_second_stop(
    listed: list[Told], which: int
) -> None:
    """A stop told twice, under two ids, hides no pause."""
    stops = [one for one in listed if one[1] == "recording.stopped"]
    again = [stops[which % len(stops)]] if stops else []

    assert journey(*listed, *again).recordings == journey(*listed).recordings


def seconds(way: Journey) -> list[tuple[str, float, float]]:
    return [
        (
            span.state.value,
            (span.start - BEGAN).total_seconds(),
            (span.end - BEGAN).total_seconds(),
        )
        for span in way.spans
    ]


def test_a_recording_paused_for_a_card_number_is_one_in_two_stretches() -> None:
    way = journey(
        (0, "agent.connected", {"agent": "a1"}),
        (0, "recording.started", {"n": 1, "agent": "a1"}),
        (20, "recording.stopped", {"n": 1}),
        (35, "recording.started", {"n": 1}),
        (60, "recording.stopped", {"n": 1}),
        (60, "session.ended", {}),
    )

    (one,) = way.recordings
    assert (one.seconds, [ran.seconds for ran in one.ran]) == (60, [20, 25])
    assert [(p.start - BEGAN).total_seconds() for p in one.pauses] == [20]
    assert [(part.n, part.seconds, part.agent) for part in way.parts] == [(1, 60, "a1")]


def test_a_transfer_ends_a_recording_whose_stop_was_lost() -> None:
    way = journey(
        (0, "agent.connected", {"agent": "a1"}),
        (0, "recording.started", {"n": 1, "agent": "a1"}),
        (30, "agent.disconnected", {"agent": "a1"}),
        (30, "agent.connected", {"agent": "a2"}),
        (31, "recording.started", {"n": 2, "agent": "a2"}),
        (60, "recording.stopped", {"n": 2}),
        (61, "session.ended", {}),
    )

    assert [(r.n, r.agent, r.seconds) for r in way.recordings] == [
        (1, "a1", 30),
        (2, "a2", 29),
    ]


def test_a_consultation_leaves_the_recording_of_the_first_agent_running() -> None:
    way = journey(
        (0, "agent.connected", {"agent": "a1"}),
        (0, "recording.started", {"n": 1, "agent": "a1"}),
        (10, "agent.connected", {"agent": "a2"}),
        (20, "agent.disconnected", {"agent": "a2"}),
        (30, "agent.disconnected", {"agent": "a1"}),
        (30, "session.ended", {}),
    )

    assert [(r.n, r.agent, r.seconds) for r in way.recordings] == [(1, "a1", 30)]
    assert seconds(way) == [
        ("conversation", 0, 10), ("consult", 10, 20), ("conversation", 20, 30),
    ]  # fmt: skip


def test_what_is_answered_at_once_waits_for_nothing() -> None:
    """Both at one moment, under ids that sort the other way round."""
    way = journey_of(
        [
            told(9, 5, "queue.entered", {"queue": "q1"}),
            told(1, 5, "agent.connected", {"agent": "a1"}),
            told(0, 9, "session.ended", {}),
        ]
    )

    assert (seconds(way), way.wait_seconds) == ([("conversation", 5, 9)], 0)


def test_a_leg_of_no_length_is_left_out() -> None:
    way = journey(
        (5, "agent.disconnected", {"agent": "a1"}),
        (5, "agent.connected", {"agent": "a1"}),
        (9, "session.ended", {}),
    )

    assert (way.spans, way.talk_seconds) == ((), 0)


def test_nothing_goes_on_after_the_end() -> None:
    way = journey(
        (0, "queue.entered", {"queue": "q1"}),
        (9, "session.ended", {}),
        (12, "agent.connected", {"agent": "a1"}),
        (20, "agent.disconnected", {"agent": "a1"}),
    )

    assert seconds(way) == [("queue", 0, 9)]


def test_a_queue_entered_anew_is_the_last_one() -> None:
    told: list[Told] = [
        (n, "queue.entered", {"queue": queue}) for n, queue in enumerate("aba")
    ]
    way = journey(*told)

    assert (way.queues, way.general().queue) == (("a", "b"), "a")


def test_a_call_between_agents_is_a_conversation_once_both_are_on() -> None:
    way = journey(
        (0, "session.started", {"media": "phone", "direction": "internal"}),
        (0, "agent.connected", {"agent": "a1"}),
        (6, "agent.connected", {"agent": "a2"}),
        (20, "agent.connected", {"agent": "a3"}),
        (30, "session.ended", {}),
    )

    assert seconds(way) == [("conversation", 6, 20), ("consult", 20, 30)]
