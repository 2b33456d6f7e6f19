"""What the events of one interaction show to be missing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from valv.core.completeness import Gap
from valv.core.event_gaps import gaps_in
from valv.core.events import TYPES, Event
from valv.core.interaction import decoded

DATA: dict[str, dict[str, object]] = {
    "session.started": {"media": "phone"},
    "menu.entered": {"menu": "Main"},
    "queue.entered": {"queue": "Support"},
    "agent.connected": {"agent": "a7"},
    "agent.disconnected": {"agent": "a7"},
    "recording.started": {"n": 1},
    "recording.stopped": {"n": 1},
    "registration.added": {"topic": "Late"},
    "survey.answered": {"score": 4},
    "session.ended": {},
}
WHOLE = (
    "session.started", "menu.entered", "queue.entered", "agent.connected",
    "recording.started", "recording.stopped", "agent.disconnected", "session.ended",
)  # fmt: skip


def told(*types: str, **changed: object) -> list[Event]:
    return [
        Event(
            f"e{n}",
            "S1",
            type_,
            NOW + timedelta(seconds=n),
            decoded({**DATA[type_], **changed}, TYPES[type_]),
        )
        for n, type_ in enumerate(types)
    ]


def test_a_whole_call_shows_no_gap() -> None:
    assert gaps_in(told(*WHOLE)) == frozenset()


@pytest.mark.parametrize(
    ("left_out", "gap"),
    [
        ("session.started", Gap.START),
        ("agent.connected", Gap.AGENT),
        ("recording.started", Gap.RECORDING_START),
    ],
)
def test_what_lost_its_beginning_is_told(left_out: str, gap: Gap) -> None:
    assert gaps_in(told(*(t for t in WHOLE if t != left_out))) == {gap}


@pytest.mark.parametrize("left_out", ["agent.disconnected", "recording.stopped"])
def test_what_lost_its_end_is_not_told_here(left_out: str) -> None:
    assert gaps_in(told(*(t for t in WHOLE if t != left_out))) == frozenset()


def test_a_call_that_ended_before_it_started_is_told() -> None:
    assert Gap.ENDED_FIRST in gaps_in(told("session.ended", "session.started"))


@pytest.mark.parametrize("late", sorted(DATA.keys() - {"session.started"}))
def test_only_what_is_lively_may_not_come_after_the_end(late: str) -> None:
    paired = ["agent.connected", "recording.started"]
    found = gaps_in(told("session.started", *paired, "session.ended", late))

    lively = {"menu.entered", "queue.entered", *paired}
    assert (Gap.AFTER_END in found) is (late in lively)


@pytest.mark.parametrize(
    ("numbers", "lacks"),
    [
        ([1, 2, 3], False),
        ([0, 1, 2], False),
        ([3, 1, 2], False),
        ([1, 1, 2], False),
        ([1, 3], True),
        ([0, 2], True),
        ([2, 3], True),
        ([None, 1, 2], False),
        ([None, None], False),
    ],
)
def test_a_number_that_is_missing_is_told(
    numbers: list[int | None], *, lacks: bool
) -> None:
    events = [
        Event(f"e{i}", "S1", "session.started", NOW, told("session.started")[0].data, n)
        for i, n in enumerate(numbers)
    ]

    assert (Gap.NUMBERS in gaps_in(events)) is lacks


@given(st.lists(st.sampled_from(list(DATA)), max_size=12), st.randoms())
def test_the_order_in_which_events_come_makes_no_difference(
    types: list[str], random: object
) -> None:
    events = told(*types)
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert gaps_in(shuffled) == gaps_in(events)
