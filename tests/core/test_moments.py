"""Times are read strictly, written one way, and days follow the tenant's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core import moments
from valv.core.errors import Malformed

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Stockholm",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "America/St_Johns",
        "America/Toronto",
        "Asia/Beirut",
        "Australia/Lord_Howe",
    ]
).map(ZoneInfo)
DATES = st.dates(min_value=date(1900, 1, 2), max_value=date(2100, 1, 1))


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_time_is_read_back_to_the_millisecond(at: datetime) -> None:
    read = moments.parse_moment(moments.format_moment(at))

    assert read == moments.to_millisecond(at)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-23T14:05:00+01:00", "2026-11-23T13:05:00.000Z"),
        ("2026-11-23t14:05:00.1239z", "2026-11-23T14:05:00.123Z"),
        ("2026-11-23 14:05:00-00:30", "2026-11-23T14:35:00.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_read_as_rfc_3339_says(text: str, written: str) -> None:
    assert moments.format_moment(moments.parse_moment(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-23",
        "2026-11-23T14:05:00",
        "2026-11-23T14:05Z",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T14:05:00+25:00",
        "0001-01-01T00:00:00+12:00",
        "9999-12-31T23:59:60Z",
        "\u0662\u0660\u0662\u0666-11-23T14:05:00Z",
        "2026-11-23T14:05:00Z\n",
        None,
        1763900000,
    ],
)
def test_anything_else_is_malformed(text: object) -> None:
    with pytest.raises(Malformed) as caught:
        moments.parse_moment(text, field="at")

    assert caught.value.field == "at"


def test_a_vcon_time_without_offset_is_utc() -> None:
    read = moments.parse_moment("2024-03-16T16:09:20.701736", assume_utc=True)

    assert read == datetime(2024, 3, 16, 16, 9, 20, 701000, tzinfo=UTC)


def test_to_takes_in_the_whole_day() -> None:
    start = moments.parse_from("2026-11-23", zone=STOCKHOLM)
    end = moments.parse_to("2026-11-23", zone=STOCKHOLM)

    assert moments.format_moment(start) == "2026-11-22T23:00:00.000Z"
    assert end - start == timedelta(days=1)


def test_a_window_may_be_given_to_the_second() -> None:
    text = "2026-11-23T14:05:00Z"

    assert moments.parse_from(text, zone=STOCKHOLM) == moments.parse_moment(text)
    assert moments.parse_to(text, zone=STOCKHOLM) == moments.parse_moment(text)


@pytest.mark.parametrize("text", ["2026-02-30", "9999-12-31", "20261123", "idag"])
def test_a_window_that_ends_nowhere_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        moments.parse_to(text, zone=STOCKHOLM)


def test_a_date_is_strict() -> None:
    with pytest.raises(Malformed):
        moments.parse_date("20261123")


def test_a_day_with_a_clock_change_has_its_own_length() -> None:
    start, end = moments.local_day_bounds(date(2026, 3, 29), zone=STOCKHOLM)

    assert end - start == timedelta(hours=23)


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00.000Z"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00.000Z"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00.000Z"),
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00.000Z"),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00.000Z"),
    ],
)
def test_a_night_starts_where_the_date_does(zone: str, day: date, starts: str) -> None:
    start = moments.night_starts_at(day, zone=ZoneInfo(zone))

    assert moments.format_moment(start) == starts


@given(DATES, ZONES)
def test_no_instant_before_the_night_shows_its_date(day: date, zone: ZoneInfo) -> None:
    start = moments.night_starts_at(day, zone=zone)

    assert moments.local_date(start, zone=zone) >= day
    assert moments.local_date(start - timedelta(seconds=1), zone=zone) < day


@given(DATES, ZONES)
def test_days_meet_without_gap_or_overlap(day: date, zone: ZoneInfo) -> None:
    start, end = moments.local_day_bounds(day, zone=zone)

    assert start <= end
    assert end == moments.local_day_bounds(day + timedelta(days=1), zone=zone)[0]


def test_age_counts_local_dates_and_not_hours() -> None:
    ended_at = moments.parse_moment("2026-11-22T23:30:00+01:00")

    assert (
        moments.age_in_days(date(2026, 11, 23), ended_at=ended_at, zone=STOCKHOLM) == 1
    )
    tokyo = ZoneInfo("Asia/Tokyo")
    assert moments.age_in_days(date(2026, 11, 23), ended_at=ended_at, zone=tokyo) == 0


@pytest.mark.parametrize("name", ["Europe/Narnia", "../etc/passwd", "", "Europe", "\0"])
def test_an_unknown_zone_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        moments.zone_named(name)


def test_a_zone_is_found_by_name() -> None:
    assert moments.zone_named("Europe/Stockholm").key == "Europe/Stockholm"
