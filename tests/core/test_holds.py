"""What a hold's rule covers, and how far a hold has come."""

from datetime import UTC, datetime, timedelta

import pytest

from valv.core.errors import Malformed, Refused
from valv.core.holds import (
    Covered,
    HoldRule,
    HoldState,
    checked_grace,
    checked_rule,
    state_of,
)
from valv.core.verdict import Verdict, at_night, raise_if_held, when_asked

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
DAY = timedelta(days=1)
CALL = {"queue": 1, "agents": [7, 8], "media": 0, "people": [None, 5]}


@pytest.mark.parametrize(
    ("rule", "covers"),
    [
        (Covered(), True),
        (Covered(queues=frozenset({1, 2})), True),
        (Covered(queues=frozenset()), False),
        (Covered(agents=frozenset({8})), True),
        (Covered(people=frozenset({5})), True),
        (Covered(queues=frozenset({1}), people=frozenset({6})), False),
        (Covered(media=frozenset({1})), False),
    ],
)
def test_all_that_a_rule_names_must_fit(rule: Covered, *, covers: bool) -> None:
    assert rule.covers(**CALL) is covers  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", [HoldRule(), HoldRule(queue=("q",) * 101)])
def test_a_rule_names_something_and_not_too_much(rule: HoldRule) -> None:
    with pytest.raises(Malformed):
        checked_rule(rule)


@pytest.mark.parametrize("days", [-1, 366])
def test_grace_is_a_year_at_most(days: int) -> None:
    with pytest.raises(Malformed):
        checked_grace(days)


@pytest.mark.parametrize(
    ("asked_at", "lifts_at", "complete", "state"),
    [
        (None, None, False, HoldState.PLACING),
        (None, None, True, HoldState.PLACED),
        (NOW, None, True, HoldState.ASKED),
        (NOW, NOW + DAY, True, HoldState.GRACE),
        (None, NOW, True, HoldState.LIFTED),
    ],
)
def test_how_far_a_hold_has_come(
    asked_at: datetime | None,
    lifts_at: datetime | None,
    *,
    complete: bool,
    state: HoldState,
) -> None:
    found = state_of(
        is_complete=complete, asked_at=asked_at, lifts_at=lifts_at, now=NOW
    )

    assert found is state


def test_a_hold_outranks_age_and_wishes() -> None:
    old = NOW - DAY

    assert at_night(old, before=NOW, on_hold=False) is Verdict.DUE
    assert at_night(old, before=NOW, on_hold=True) is Verdict.HELD
    assert at_night(NOW, before=NOW, on_hold=True) is Verdict.KEEP
    assert at_night(old, before=None, on_hold=False) is Verdict.KEEP
    assert when_asked(on_hold=False) is Verdict.DUE
    with pytest.raises(Refused):
        raise_if_held(on_hold=True)
