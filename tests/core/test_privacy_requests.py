"""By when what somebody asks for must be answered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.privacy_requests import RequestState, due_on, state_of


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        (date(2026, 11, 23), date(2026, 12, 23), date(2027, 2, 23)),
        (date(2027, 1, 31), date(2027, 2, 28), date(2027, 4, 30)),
        (date(2027, 11, 30), date(2027, 12, 30), date(2028, 2, 29)),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_the_last(
    received: date, due: date, extended: date
) -> None:
    assert due_on(received) == due
    assert due_on(received, is_extended=True) == extended


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_an_answer_has_28_to_31_days(received: date) -> None:
    days = (due_on(received) - received).days

    assert 28 <= days <= 31
    assert due_on(received, is_extended=True) > due_on(received)


def test_it_is_late_from_the_day_after() -> None:
    due = date(2026, 12, 23)

    def state(today: date, *, answered: bool = False) -> RequestState:
        return state_of(is_decided=True, is_answered=answered, due=due, today=today)

    assert state(due) is RequestState.DECIDED
    assert state(due + timedelta(days=1)) is RequestState.LATE
    assert state(due + timedelta(days=1), answered=True) is RequestState.ANSWERED
