"""A day's figures, and when it is worse than the days before it."""

from datetime import date, datetime, timedelta

import pytest

from tests.cast import NOW
from valv.core.completeness import Gap, Patience
from valv.core.daily_figures import Figures, is_due, is_worse, share_before

TODAY = date(2026, 11, 23)


def day(age: int, missing: int, expected: int = 100, **gaps: int) -> Figures:
    named = {Gap(name): n for name, n in gaps.items()}
    on = TODAY - timedelta(days=age)
    return Figures(on, expected, expected, {Gap.RECORDING: missing, **named})


USUAL = [day(age, 2) for age in range(1, 8)]


@pytest.mark.parametrize(
    ("missing", "worse_by", "is_it"),
    [
        (2, 5, False),
        (6, 5, False),
        (7, 5, True),
        (7, 6, False),
        (100, 50, True),
    ],
)
def test_a_day_is_worse_if_its_share_rose_by_so_much(
    missing: int, worse_by: float, *, is_it: bool
) -> None:
    found = is_worse(day(0, missing), USUAL, patience=Patience(worse_by=worse_by))

    assert found is is_it


def test_a_handful_is_no_trend() -> None:
    assert not is_worse(day(0, 4, expected=4), USUAL, patience=Patience())
    assert is_worse(day(0, 5, expected=5), USUAL, patience=Patience())


def test_a_first_day_is_measured_against_nothing_missing() -> None:
    assert is_worse(day(0, 6), [], patience=Patience())


def test_only_the_week_before_counts_taken_together() -> None:
    others = [day(8, 90), day(1, 10), day(2, 0, expected=900), day(0, 50), day(-1, 99)]

    assert share_before(day(0, 6), others) == pytest.approx(0.01)


def test_a_new_queue_is_no_missing_part() -> None:
    figures = day(0, 1, queue=50)

    assert (figures.missing, figures.share) == (1, 0.01)


def test_a_day_without_anything_lacks_nothing() -> None:
    assert day(0, 0, expected=0).share == 0


@pytest.mark.parametrize(
    ("age", "ago", "is_it"),
    [
        (0, None, True),
        (0, timedelta(minutes=9), False),
        (2, timedelta(minutes=10), True),
        (3, timedelta(hours=11), False),
        (14, timedelta(hours=12), True),
        (15, None, False),
        (-1, None, False),
    ],
)
def test_today_is_counted_often_and_the_last_weeks_now_and_then(
    age: int, ago: timedelta | None, *, is_it: bool
) -> None:
    counted: datetime | None = None if ago is None else NOW - ago

    found = is_due(TODAY - timedelta(days=age), counted, today=TODAY, now=NOW)

    assert found is is_it
