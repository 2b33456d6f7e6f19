"""Ids sort by time, keep their moment, and fall into months."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from valv.core import ids
from valv.core.errors import Malformed, NotFound

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 hypothesis wants naive bounds
    max_value=datetime(2109, 4, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(MOMENTS, st.integers())
def test_an_id_keeps_its_millisecond(at: datetime, noise: int) -> None:
    minted = ids.mint(at, noise=noise)

    assert 0 <= minted < 2**63
    assert timedelta(0) <= at - ids.moment_of(minted) < timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS, st.integers(), st.integers())
def test_ids_sort_by_time(a: datetime, b: datetime, x: int, y: int) -> None:
    assume(ids.unix_ms(a) < ids.unix_ms(b))

    assert ids.mint(a, noise=x) < ids.mint(b, noise=y)


@given(MOMENTS, st.integers())
def test_an_id_lies_in_its_own_month_only(at: datetime, noise: int) -> None:
    minted = ids.mint(at, noise=noise)

    low, high = ids.month_bounds(at.year, at.month)

    assert low <= minted < high
    assert ids.month_of(minted) == (at.year, at.month)


def test_months_meet_without_a_gap() -> None:
    assert ids.month_bounds(2025, 12)[1] == ids.month_bounds(2026, 1)[0]


@pytest.mark.parametrize(
    "at", [datetime(1969, 12, 31, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
)
def test_a_time_that_does_not_fit_is_refused(at: datetime) -> None:
    with pytest.raises(Malformed):
        ids.mint(at, noise=0)


@pytest.mark.parametrize(("year", "month"), [(2026, 13), (2026, 0), (0, 1), (9999, 12)])
def test_a_month_that_is_not_is_refused(year: int, month: int) -> None:
    with pytest.raises(Malformed):
        ids.month_bounds(year, month)


def test_the_bounds_of_a_window_may_reach_past_what_fits() -> None:
    assert ids.clamped_id_at(datetime(1, 1, 1, tzinfo=UTC)) == 0
    assert ids.clamped_id_at(datetime(9999, 1, 1, tzinfo=UTC)) == 2**63 - 1


def test_milliseconds_out_of_range_are_refused() -> None:
    with pytest.raises(Malformed):
        ids.from_unix_ms(10**18)


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_an_id_survives_being_written(minted: int) -> None:
    assert ids.id_from_text(ids.id_text(minted)) == minted


@pytest.mark.parametrize(
    "text", ["", "-1", "01", "x", "\u0661", str(2**63), "1" * 400, " 1"]
)
def test_a_malformed_id_names_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        ids.id_from_text(text)
