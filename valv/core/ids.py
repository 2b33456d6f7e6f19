"""Interaction ids: when something began, and a little chance.

An id has 63 bits: 42 of Unix milliseconds, then 21 of noise. Ids therefore sort by
time, a month of them is one range, and they fit a signed 64-bit column. In JSON and
URLs an id is a decimal string, for it does not fit the numbers of JavaScript.

Refuses times before 1970 or after the 42 bits run out (15 May 2109).
"""

import re
from datetime import UTC, datetime, timedelta

from valv.core.errors import Malformed, NotFound

NOISE_BITS = 21
MILLISECOND_BITS = 42
NOISE_LIMIT = 1 << NOISE_BITS
MILLISECOND_LIMIT = 1 << MILLISECOND_BITS
ID_LIMIT = 1 << (NOISE_BITS + MILLISECOND_BITS)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CANONICAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def unix_ms(at: datetime) -> int:
    """Whole milliseconds since 1970, rounded down; exact, without floats."""
    return (at - _EPOCH) // _MILLISECOND


def from_unix_ms(milliseconds: int) -> datetime:
    """The moment that many milliseconds after 1970; raises Malformed out of range."""
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        raise Malformed("The time is out of range.") from None


def mint(at: datetime, *, noise: int) -> int:
    """Make an id for a moment; only the lowest 21 bits of ``noise`` count.

    Raises Malformed if the moment does not fit.
    """
    return first_id_at(at) | (noise % NOISE_LIMIT)


def first_id_at(at: datetime) -> int:
    """The lowest id of a moment's millisecond; raises Malformed if it does not fit."""
    milliseconds = unix_ms(at)
    if not 0 <= milliseconds < MILLISECOND_LIMIT:
        raise Malformed("The time is outside the years 1970 to 2109.")
    return milliseconds << NOISE_BITS


def clamped_id_at(at: datetime) -> int:
    """As ``first_id_at``, but a time out of range gives the nearest end.

    For the bounds of windows, which may reach past what can be stored.
    """
    milliseconds = min(max(unix_ms(at), 0), MILLISECOND_LIMIT)
    return min(milliseconds << NOISE_BITS, ID_LIMIT - 1)


def moment_of(interaction_id: int) -> datetime:
    """The millisecond from which an id was minted."""
    return from_unix_ms(interaction_id >> NOISE_BITS)


def month_of(interaction_id: int) -> tuple[int, int]:
    """Year and month (UTC) of an id: the partition it lies in."""
    at = moment_of(interaction_id)
    return at.year, at.month


def month_bounds(year: int, month: int) -> tuple[int, int]:
    """The ids of one month (UTC): the first included, the last one excluded."""
    try:
        start = datetime(year, month, 1, tzinfo=UTC)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    except ValueError:
        raise Malformed("There is no such month.", field="month") from None
    return first_id_at(start), first_id_at(end)


def id_text(interaction_id: int) -> str:
    return str(interaction_id)


def id_from_text(text: str) -> int:
    """Read an id out of a URL; raises NotFound, for a malformed id names nothing."""
    if not _CANONICAL.fullmatch(text) or int(text) >= ID_LIMIT:
        raise NotFound
    return int(text)
