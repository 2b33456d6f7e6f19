"""How numbers, times, durations and sizes are written, in both languages."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from valv.portal import jinja

AT = datetime(2026, 11, 23, 23, 5, 9, tzinfo=UTC)


def test_times_are_shown_in_the_tenants_zone() -> None:
    with timezone.override(ZoneInfo("Europe/Stockholm")):
        assert jinja.moment(AT) == "2026-11-24 00:05"
        assert jinja.clock(AT) == "00:05:09"
        assert jinja.day(AT) == "2026-11-24"


def test_a_date_needs_no_zone() -> None:
    assert jinja.day(date(2026, 11, 23)) == "2026-11-23"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(None, ""), (0, "0:00"), (59.6, "1:00"), (247, "4:07"), (3731, "1:02:11")],
)
def test_durations_have_hours_only_when_there_are_any(
    seconds: float | None, written: str
) -> None:
    assert jinja.duration(seconds) == written


@given(st.integers(min_value=0, max_value=10**6))
def test_a_duration_can_be_read_back(seconds: int) -> None:
    parts = [int(part) for part in jinja.duration(seconds).split(":")]

    assert sum(part * 60**i for i, part in enumerate(reversed(parts))) == seconds


@pytest.mark.parametrize(
    ("language", "written"), [("en", "10,000"), ("sv", "10\N{NO-BREAK SPACE}000")]
)
def test_numbers_are_grouped_by_the_language(language: str, written: str) -> None:
    with translation.override(language):
        assert jinja.number(10_000) == written


@pytest.mark.parametrize(
    ("octets", "written"),
    [(None, ""), (512, "512_B"), (1_290_000, "1,3_MB"), (5_400_000_000, "5,4_GB")],
)
def test_sizes_have_the_unit_that_fits(octets: int | None, written: str) -> None:
    with translation.override("sv"):
        assert jinja.size(octets) == written.replace("_", "\N{NO-BREAK SPACE}")
