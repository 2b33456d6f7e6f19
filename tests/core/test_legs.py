"""The legs of a call: who is active, who is consulted, and what still counts."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.masks import read_event
from valv.core.events import Event
from valv.core.interaction import Direction
from valv.core.legs import RecordingRef, facts_of
from valv.core.recording import Facts, Said

Happened = tuple[int, str, dict[str, object]]
START = datetime(2026, 11, 23, 14, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def call(*happened: Happened) -> list[Event]:
    return [
        read_event({
            "event_id": str(number), "session_id": "s", "type": type_,
            "at": at(second).isoformat(), "data": data,
        })
        for number, (second, type_, data) in enumerate(happened)
    ]  # fmt: skip


def on(second: int, agent: str) -> Happened:
    return second, "agent.connected", {"agent": agent}


def off(second: int, agent: str) -> Happened:
    return second, "agent.disconnected", {"agent": agent}


def asked(second: int, action: str, **said: object) -> Happened:
    return second, "recording.requested", {"action": action, **said}


def queue(second: int, name: str) -> Happened:
    return second, "queue.entered", {"queue": name}


END = (90, "session.ended", dict[str, object]())
CONSULT = call(queue(0, "Support"), on(10, "a"), queue(20, "Back"), on(30, "b"),
               off(40, "a"), END)  # fmt: skip


def of(events: list[Event], n: int = 1, agent: str | None = None,
       second: int | None = None) -> Facts:  # fmt: skip
    started_at = None if second is None else at(second)
    return facts_of(events, RecordingRef(n, agent, started_at))


def test_a_leg_has_the_queue_it_came_from() -> None:
    assert (of(CONSULT).queue, of(CONSULT).agent) == ("Support", "a")
    assert (of(CONSULT, 2).queue, of(CONSULT, 2).agent) == ("Back", "b")


def test_who_comes_on_beside_another_is_consulted_until_alone() -> None:
    assert of(CONSULT, agent="b", second=35).is_consulted
    assert not of(CONSULT, agent="b", second=45).is_consulted
    assert not of(CONSULT, agent="a", second=35).is_consulted


def test_a_recording_of_nobody_in_particular_is_of_the_active_party() -> None:
    assert of(CONSULT, second=35).agent == "a"
    assert of(CONSULT, second=45).agent == "b"


def test_transfer_ends_a_leg_while_the_call_goes_on() -> None:
    going_on = CONSULT[:-1]

    assert of(going_on, 1).over
    assert not of(going_on, 2).over


def test_an_announcement_says_whose_recording_it_is_and_since_when() -> None:
    told = call(
        on(10, "a"), on(30, "b"), off(40, "a"),
        (50, "recording.started", {"n": 1, "agent": "b"}),
    )  # fmt: skip

    assert (of(told, 1).agent, of(told, 1).is_consulted) == ("b", False)


def test_the_last_word_on_saving_before_the_end_counts() -> None:
    def saved(*said: Happened) -> bool:
        return of(call(on(10, "a"), *said, off(40, "a"), END)).saved

    assert saved(asked(20, "save"))
    assert not saved(asked(20, "save"), asked(21, "unsave"))
    assert saved(asked(20, "unsave"), asked(21, "save", agent="a"))
    assert not saved(asked(41, "save"))
    assert not saved(asked(20, "save", agent="b"))


def test_a_start_by_who_is_consulted_counts_for_nothing() -> None:
    told = call(on(10, "a"), on(20, "b"), asked(25, "start", agent="b"),
                off(30, "a"), END)  # fmt: skip

    assert of(told, agent="b").manual is None


def test_a_manual_start_tells_what_the_caller_was_told_and_said() -> None:
    told = call(on(10, "a"), asked(20, "start", informed=True), asked(30, "stop"))
    manual = of(told).manual

    assert manual is not None
    assert (manual.informed, manual.accepted) == (Said.YES, Said.UNKNOWN)
    assert not manual.runs


def test_consent_that_comes_after_the_leg_comes_too_late() -> None:
    def accepted(second: int) -> bool:
        yes: Happened = (second, "consent.given", {"purpose": "recording"})
        return of(call(on(10, "a"), yes, off(40, "a"), END)).accepted

    assert accepted(5)
    assert not accepted(41)


def test_a_refusal_never_comes_too_late() -> None:
    no: Happened = (200, "variable.set", {"name": "DENY_RECORDING", "value": 1})

    assert of(call(on(10, "a"), END, no)).denied


def test_who_calls_between_agents_is_the_first_one_on() -> None:
    start: Happened = (
        0,
        "session.started",
        {"media": "phone", "direction": "internal"},
    )
    facts = of(call(start, on(1, "a"), on(5, "b")), agent="b")

    assert (facts.direction, facts.initiator) == (Direction.INTERNAL, "a")


def test_a_survey_tells_nothing_of_the_call() -> None:
    assert not of([]).told
    assert not of(call((0, "survey.answered", {"score": 3}))).told
    assert of(call(END)).told


@given(st.permutations(CONSULT), st.randoms())
def test_order_and_repetition_make_no_difference(
    shuffled: list[Event], chance: Random
) -> None:
    twice = [*shuffled, *chance.sample(shuffled, 3)]

    for n in (1, 2):
        assert of(twice, n) == of(CONSULT, n)


@pytest.mark.parametrize("agent", ["a", None])
def test_a_leg_that_is_not_told_of_yet_lasts_as_long_as_the_call(
    agent: str | None,
) -> None:
    facts = of(call(queue(0, "Support"), asked(5, "save")), agent=agent)

    assert (facts.queue, facts.agent) == ("Support", agent)
    assert (facts.saved, facts.over) == (True, False)
