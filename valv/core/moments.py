"""Times: read from and written to RFC 3339, and the days of a tenant's zone.

Inside Valv a time is an aware ``datetime`` in UTC, in whole milliseconds, so that
both databases, the cursor and the printed form agree on which of two came first.
A day is the half-open stretch from the first instant of one local date to the first
instant of the next; days so defined cover all time without gap or overlap, whatever
a zone does to its clocks.

Refuses times without an offset, save where vCon's custom of UTC is asked for.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from valv.core.errors import Malformed

_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]"
    r"(?P<time>[0-9]{2}:[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,12}))?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def parse_moment(
    text: object, *, assume_utc: bool = False, field: str | None = None
) -> datetime:
    """Read an RFC 3339 time into UTC; finer than a millisecond is cut off.

    Raises Malformed, also when the offset is missing unless ``assume_utc`` is set.
    """
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Malformed("Not a time as in RFC 3339.", field=field)
    if match["offset"] is None and not assume_utc:
        raise Malformed("The time has no offset from UTC.", field=field)
    try:
        return _moment_from(match)
    except (ValueError, OverflowError):
        raise Malformed("There is no such time.", field=field) from None


def _moment_from(match: re.Match[str]) -> datetime:
    # RFC 3339 section 5.6 allows second 60; datetime does not know leap seconds, so
    # it is read as the second that follows.
    leap = match["second"] == "60"
    second = "59" if leap else match["second"]
    offset = (match["offset"] or "Z").upper()
    at = datetime.fromisoformat(f"{match['date']}T{match['time']}:{second}{offset}")
    fraction = (match["fraction"] or "0")[:3].ljust(3, "0")
    at = at.astimezone(UTC) + timedelta(milliseconds=int(fraction))
    return at + _SECOND if leap else at


def format_moment(at: datetime) -> str:
    """Write a time as UTC with milliseconds and ``Z``."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def to_millisecond(at: datetime) -> datetime:
    """The same time in UTC, cut to the millisecond in which all times are kept.

    Raises Malformed at the ends of the calendar, where UTC has no such time.
    """
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise Malformed("The time is out of range.") from None
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def zone_named(name: str) -> ZoneInfo:
    """Find a time zone by its IANA name; raises Malformed if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Malformed("There is no such time zone.", field="timezone") from None


@cache
def zone_names() -> frozenset[str]:
    """What time zones are called; found once, by opening each file there is of one."""
    return frozenset(available_timezones())


def parse_date(text: str, *, field: str | None = None) -> date:
    if not _DATE.fullmatch(text):
        raise Malformed("Not a date as in 2026-11-23.", field=field)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed("There is no such date.", field=field) from None


def parse_from(text: str, *, zone: ZoneInfo, field: str = "from") -> datetime:
    """Read the start of a window, inclusive; a bare date is the tenant's local day."""
    if _DATE.fullmatch(text):
        return local_day_bounds(parse_date(text, field=field), zone=zone)[0]
    return parse_moment(text, field=field)


def parse_to(text: str, *, zone: ZoneInfo, field: str = "to") -> datetime:
    """Read the end of a window, exclusive; a bare date takes in its whole day."""
    if _DATE.fullmatch(text):
        return local_day_bounds(parse_date(text, field=field), zone=zone)[1]
    return parse_moment(text, field=field)


def local_date(at: datetime, *, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def age_in_days(run_date: date, *, ended_at: datetime, zone: ZoneInfo) -> int:
    """Local date of the run minus local date of the end; negative if yet to come."""
    return (run_date - local_date(ended_at, zone=zone)).days


def local_day_bounds(day: date, *, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First instant of a local date, and of the next; in UTC."""
    try:
        return night_starts_at(day, zone=zone), night_starts_at(day + _DAY, zone=zone)
    except OverflowError:
        raise Malformed("The date is out of range.") from None


def night_starts_at(day: date, *, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which a zone's calendar shows this date or later.

    Where clocks jump over 00:00 that is the moment of the jump; a date that a zone
    left out altogether begins, and ends, where the next one begins.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    first = midnight.astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return first
    return _jump_between(
        midnight.replace(fold=1).astimezone(UTC), first, day=day, zone=zone
    )


def _jump_between(
    before: datetime, after: datetime, *, day: date, zone: ZoneInfo
) -> datetime:
    # A midnight that never was lies, read with the offset after the jump, before the
    # jump, and read with the offset before it, at or after the jump.
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if local_date(middle, zone=zone) < day:
            before = middle
        else:
            after = middle
    return after
