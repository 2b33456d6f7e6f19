"""Exactly what is older than its days goes, and never what is held."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.core.interaction import ContentKind
from valv.core.moments import age_in_days
from valv.core.retention import (
    ALONE,
    DEFAULT_TIMES,
    FOREVER,
    Days,
    StorageTimes,
    Stored,
    parse_days,
    times_from,
)
from valv.core.storage_rules import StoragePolicy, Terms
from valv.core.verdict import Verdict, verdict

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TONIGHT = date(2026, 11, 23)
DAYS = st.integers(min_value=0, max_value=36_500) | st.just(FOREVER)
TIMES = st.builds(
    StorageTimes,
    general=DAYS,
    recordings=st.none() | DAYS,
    restricted=st.none() | DAYS,
    chat_logs=st.none() | DAYS,
    transcripts=st.none() | DAYS,
    surveys=st.none() | DAYS,
    raw_events=st.none() | DAYS,
)
HANGING = [stored for stored in Stored if stored not in ALONE]
CLASSES = st.sampled_from(HANGING)
ENDS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1900 < at.year < 2100)
RUNS = st.dates(min_value=date(2010, 1, 1), max_value=date(2090, 1, 1))


def terms(times: StorageTimes) -> Terms:
    return Terms(StoragePolicy(times=times))


def found(
    times: StorageTimes, stored: Stored, ended_at: datetime, *, on_hold: bool = False
) -> Verdict:
    return verdict(
        terms(times), stored, ended_at=ended_at, run_date=TONIGHT, zone=STOCKHOLM,
        on_hold=on_hold,
    ).verdict  # fmt: skip


def as_number(days: Days) -> float:
    return float("inf") if days is FOREVER else days


@given(TIMES, CLASSES)
def test_nothing_outlives_general_information(
    times: StorageTimes, stored: Stored
) -> None:
    assert as_number(times.effective(stored)) <= as_number(times.general)


@given(TIMES, CLASSES, ENDS)
def test_a_held_thing_is_never_due(
    times: StorageTimes, stored: Stored, ended_at: datetime
) -> None:
    assert found(times, stored, ended_at, on_hold=True) is not Verdict.DUE


@given(TIMES, ENDS)
def test_when_general_information_goes_all_goes(
    times: StorageTimes, ended_at: datetime
) -> None:
    verdicts = {stored: found(times, stored, ended_at) for stored in HANGING}

    gone = verdicts[Stored.GENERAL] is Verdict.DUE
    assert not gone or set(verdicts.values()) == {Verdict.DUE}


@given(ENDS, RUNS, st.integers(min_value=0, max_value=3650))
def test_due_is_what_is_older_than_its_days(
    ended_at: datetime, run_date: date, days: int
) -> None:
    age = age_in_days(run_date, ended_at=ended_at, zone=STOCKHOLM)

    finding = verdict(
        terms(StorageTimes(general=days)), Stored.GENERAL, ended_at=ended_at,
        run_date=run_date, zone=STOCKHOLM, on_hold=False,
    )  # fmt: skip

    assert (finding.verdict is Verdict.DUE) is (age > days)


@pytest.mark.parametrize(
    ("local_end", "expected"),
    [
        ("2026-11-09T00:00:00+01:00", Verdict.KEEP),
        ("2026-11-08T23:59:59+01:00", Verdict.DUE),
        ("2026-11-24T12:00:00+01:00", Verdict.KEEP),
    ],
)
def test_exactly_fourteen_days_old_stays(local_end: str, expected: Verdict) -> None:
    ended_at = datetime.fromisoformat(local_end)

    assert found(DEFAULT_TIMES, Stored.RECORDINGS, ended_at) is expected


def test_a_new_tenant_keeps_180_14_and_30_days() -> None:
    days = [DEFAULT_TIMES.effective(stored) for stored in HANGING]

    assert days == [180, 14, 14, 30, 180, 180, 180]


def test_content_of_0_days_is_not_stored() -> None:
    times = StorageTimes(recordings=0)

    assert not times.keeps(ContentKind.RECORDING)
    assert times.keeps(ContentKind.CHAT_LOG)
    assert not StorageTimes(general=0).keeps(ContentKind.TRANSCRIPT)


def test_for_ever_is_never_due() -> None:
    times = StorageTimes(general=FOREVER, recordings=FOREVER)
    long_ago = datetime(1990, 1, 1, tzinfo=UTC)

    assert times.due_before(Stored.GENERAL, run_date=TONIGHT, zone=STOCKHOLM) is None
    assert found(times, Stored.RECORDINGS, long_ago) is Verdict.KEEP


def test_a_finding_says_why() -> None:
    finding = verdict(
        terms(DEFAULT_TIMES), Stored.GENERAL, run_date=TONIGHT, zone=STOCKHOLM,
        ended_at=datetime(2026, 1, 1, tzinfo=UTC), on_hold=True,
    )  # fmt: skip

    assert finding.why == "Under a hold; 326 days old, stored 180 days."


def test_only_what_is_named_is_changed() -> None:
    times = times_from({"recordings": 7, "surveys": None})

    assert times == StorageTimes(recordings=7)


@given(TIMES)
def test_times_survive_being_written(times: StorageTimes) -> None:
    assert times_from(times.as_json()) == times


@pytest.mark.parametrize(
    "payload",
    [
        {"general": None},
        {"recordings": -1},
        {"recordings": 36_501},
        {"recordings": "9" * 5000},
        {"recordings": True},
        {"recordings": 1.5},
        {"recordings": "soon"},
        {"faxes": 3},
    ],
)
def test_a_bad_time_is_malformed(payload: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        times_from(payload)


def test_a_command_line_may_say_the_same() -> None:
    assert parse_days("14", field="x") == timedelta(days=14).days
    assert parse_days("forever", field="x") is FOREVER


@given(TIMES, CLASSES, ENDS)
def test_the_night_it_goes_is_the_first_on_which_it_is_due(
    times: StorageTimes, stored: Stored, ended_at: datetime
) -> None:
    night = times.goes_on(stored, ended_at=ended_at, zone=STOCKHOLM)

    def at(run_date: date) -> Verdict:
        return verdict(
            terms(times), stored, ended_at=ended_at, run_date=run_date, zone=STOCKHOLM,
            on_hold=False,
        ).verdict  # fmt: skip

    if night is None:
        assert times.effective(stored) is FOREVER
    else:
        assert at(night) is Verdict.DUE
        assert at(night - timedelta(days=1)) is Verdict.KEEP
