"""What is expected of an interaction, and what counts as missing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from valv.core.completeness import SLOW, SLOW_END, Facts, Gap, Patience, parts_of
from valv.core.interaction import ContentKind, ContentState, Media

PATIENCE = Patience()
HOUR = timedelta(hours=1)
AWAITING, PRESENT = ContentState.AWAITING, ContentState.PRESENT
CALL = Facts(
    media=Media.PHONE,
    started_at=NOW - 6 * HOUR,
    ended_at=NOW - 5 * HOUR,
    last_at=NOW - 5 * HOUR,
    is_told=True,
    was_answered=True,
    expects_content=True,
    expects_log=True,
    is_queue_known=True,
)
LIVE = replace(CALL, ended_at=None)
CHAT = replace(CALL, media=Media.CHAT)


def gaps(facts: Facts, **patience: float) -> set[tuple[str, int]]:
    found = parts_of(facts, patience=Patience(**patience), now=NOW)  # type: ignore[arg-type]
    return {(gap.value, n) for gap, n in found.gaps}


def recording(n: int, state: ContentState) -> tuple[ContentKind, int, ContentState]:
    return ContentKind.RECORDING, n, state


def test_a_whole_call_lacks_nothing() -> None:
    whole = replace(CALL, contents=[recording(1, PRESENT), recording(2, PRESENT)])

    assert gaps(whole) == set()
    assert parts_of(whole, patience=PATIENCE, now=NOW).expected == 4


@pytest.mark.parametrize("state", [s for s in ContentState if s is not AWAITING])
def test_a_recording_that_came_or_may_not_come_is_not_missing(
    state: ContentState,
) -> None:
    assert gaps(replace(CALL, contents=[recording(1, state)])) == set()


def test_each_announced_recording_is_missing_by_its_number() -> None:
    lacking = replace(CALL, contents=[recording(1, PRESENT), recording(2, AWAITING)])

    assert gaps(lacking) == {("recording", 2)}
    assert gaps(lacking, content_hours=6) == set()


def test_of_a_person_who_was_cut_no_content_is_expected() -> None:
    cut = replace(CALL, contents=[recording(1, AWAITING)], expects_content=False)

    assert gaps(cut) == set()


def test_an_end_is_missing_once_patience_is_over() -> None:
    assert gaps(LIVE) == set()
    assert gaps(LIVE, end_hours=5) == {("end", 0)}
    assert parts_of(LIVE, patience=PATIENCE, now=NOW).expected == 1


def test_no_end_is_expected_of_what_no_event_told() -> None:
    stated = replace(LIVE, is_told=False, last_at=NOW - timedelta(days=300))

    assert parts_of(stated, patience=PATIENCE, now=NOW).expected == 0


@pytest.mark.parametrize("media", sorted(SLOW))
def test_an_email_may_wait_for_months(media: Media) -> None:
    waiting = replace(LIVE, media=media, last_at=NOW - SLOW_END + HOUR)

    assert gaps(waiting) == set()
    assert gaps(replace(waiting, last_at=NOW - SLOW_END)) == {("end", 0)}


@pytest.mark.parametrize(
    ("changed", "is_missing"),
    [
        ({}, True),
        ({"contents": [(ContentKind.CHAT_LOG, 1, AWAITING)]}, True),
        ({"contents": [(ContentKind.CHAT_LOG, 1, PRESENT)]}, False),
        ({"contents": [(ContentKind.CHAT_LOG, 1, ContentState.REFUSED)]}, False),
        ({"was_answered": False}, False),
        ({"expects_log": False}, False),
        ({"expects_content": False}, False),
        ({"ended_at": NOW - HOUR}, False),
        ({"media": Media.PHONE}, False),
        ({"media": Media.SOCIAL}, False),
    ],
)
def test_an_answered_chat_has_a_log(
    changed: dict[str, object], *, is_missing: bool
) -> None:
    facts = replace(CHAT, **changed)  # type: ignore[arg-type]

    assert (("chat_log", 0) in gaps(facts)) is is_missing


def test_a_queue_that_is_not_confirmed_is_told_but_is_no_part() -> None:
    new = replace(CALL, is_queue_known=False)

    assert gaps(new) == {("queue", 0)}
    assert parts_of(new, patience=PATIENCE, now=NOW).expected == 2


def test_what_the_events_showed_is_missing_at_once() -> None:
    seen = replace(CALL, seen=frozenset({Gap.START, Gap.AGENT}), ended_at=NOW)

    found = parts_of(seen, patience=PATIENCE, now=NOW)

    assert {gap for gap, _ in found.gaps} == {Gap.START, Gap.AGENT}
    assert found.expected == 3


FACTS = st.builds(
    Facts,
    media=st.sampled_from(Media),
    started_at=st.just(NOW - 9 * HOUR),
    ended_at=st.none() | st.integers(0, 9).map(lambda h: NOW - h * HOUR),
    last_at=st.integers(0, 200).map(lambda h: NOW - h * HOUR),
    is_told=st.booleans(),
    was_answered=st.booleans(),
    expects_content=st.booleans(),
    expects_log=st.booleans(),
    is_queue_known=st.booleans(),
    contents=st.lists(
        st.tuples(
            st.sampled_from(ContentKind),
            st.integers(1, 4),
            st.sampled_from(ContentState),
        ),
        unique_by=lambda one: one[:2],
    ),
    seen=st.frozensets(st.sampled_from([Gap.START, Gap.AGENT, Gap.NUMBERS])),
)


@given(facts=FACTS, hours=st.integers(0, 300))
def test_never_more_is_missing_than_was_expected(facts: Facts, hours: int) -> None:
    now = NOW + hours * HOUR

    found = parts_of(facts, patience=PATIENCE, now=now)
    missing = {gap for gap in found.gaps if gap[0] is not Gap.QUEUE}

    assert len(missing) <= found.expected


@given(facts=FACTS, hours=st.integers(0, 300))
def test_waiting_alone_mends_nothing(facts: Facts, hours: int) -> None:
    before = parts_of(facts, patience=PATIENCE, now=NOW)
    after = parts_of(facts, patience=PATIENCE, now=NOW + hours * HOUR)

    assert before.gaps <= after.gaps
    assert before.expected <= after.expected
