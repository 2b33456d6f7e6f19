"""How long each class of data is kept, and what is due tonight.

Age is counted in local dates: the date of the run minus the date on which the
interaction ended. Due is what is older than its days; exactly that old stays; what
becomes of it is for ``core.verdict`` to say. Nothing that hangs on an interaction
outlives its general information, whatever its own time says (law 6).

Refuses a tenant without a time for general information: *for ever* must be said.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from valv.core.errors import Malformed
from valv.core.interaction import ContentKind
from valv.core.moments import local_date, night_starts_at

LONGEST: Final = 36_500


class Forever(Enum):
    """The explicit wish never to remove."""

    FOREVER = "forever"


FOREVER: Final = Forever.FOREVER
Days: TypeAlias = int | Literal[Forever.FOREVER]


class Stored(StrEnum):
    """The classes of data that have a storage time."""

    GENERAL = "general"
    RECORDINGS = "recordings"
    RESTRICTED = "restricted"  # recordings of restricted interactions
    CHAT_LOGS = "chat_logs"
    TRANSCRIPTS = "transcripts"
    SURVEYS = "surveys"
    RAW_EVENTS = "raw_events"
    LOG_ENTRIES = "log_entries"  # entries of the audit log that are of no interaction
    SCORES = "scores"  # of surveys that went: how many, by day and queue


# What hangs on no interaction: it has a time of its own alone, and no rule.
ALONE: Final = frozenset({Stored.LOG_ENTRIES, Stored.SCORES})
KIND_OF: Final = {
    Stored.RECORDINGS: ContentKind.RECORDING,
    Stored.RESTRICTED: ContentKind.RECORDING,
    Stored.CHAT_LOGS: ContentKind.CHAT_LOG,
    Stored.TRANSCRIPTS: ContentKind.TRANSCRIPT,
}


def stored_as(kind: ContentKind, *, restricted: bool) -> Stored:
    """The class that content of a kind is of, in an interaction of this sort."""
    if kind is ContentKind.RECORDING:
        return Stored.RESTRICTED if restricted else Stored.RECORDINGS
    return next(stored for stored, of in KIND_OF.items() if of is kind)


def cutoff(days: Days, *, run_date: date, zone: ZoneInfo) -> datetime | None:
    """What ended before this instant is older than so many days on that night."""
    if days is FOREVER:
        return None
    return night_starts_at(run_date - timedelta(days=days), zone=zone)


def first_night(days: Days, *, ended_at: datetime, zone: ZoneInfo) -> date | None:
    """The first local date on which what ended then is older than so many days."""
    if days is FOREVER:
        return None
    return local_date(ended_at, zone=zone) + timedelta(days=days + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageTimes:
    """Days by class; ``None`` is unset and means as long as general information.

    Restricted recordings without a time of their own go as other recordings do. Scores
    of 0 days are not kept when their surveys go.
    """

    general: Days = 180
    recordings: Days | None = 14
    restricted: Days | None = None
    chat_logs: Days | None = 30
    transcripts: Days | None = None
    surveys: Days | None = None
    raw_events: Days | None = None
    log_entries: Days | None = 92
    scores: Days | None = 0

    def effective(self, stored: Stored) -> Days:
        """The shorter of its own time and that of general information.

        What hangs on no interaction has its own time alone.
        """
        own: Days | None = getattr(self, stored.value)
        if own is not None and stored in ALONE:
            return own
        if own is None and stored is Stored.RESTRICTED:
            own = self.recordings
        if own is None or own is FOREVER:
            return self.general
        return own if self.general is FOREVER else min(own, self.general)

    def keeps(self, kind: ContentKind, *, restricted: bool = False) -> bool:
        """Whether content of a kind is stored at all: 0 days is not stored."""
        return self.effective(stored_as(kind, restricted=restricted)) != 0

    def due_before(
        self, stored: Stored, *, run_date: date, zone: ZoneInfo
    ) -> datetime | None:
        """What ended before this instant is due; None if nothing ever is.

        The same answer as ``core.verdict`` gives, in the form a database can search by.
        """
        return cutoff(self.effective(stored), run_date=run_date, zone=zone)

    def goes_on(
        self, stored: Stored, *, ended_at: datetime, zone: ZoneInfo
    ) -> date | None:
        """The first night on which it is due; None if it never is."""
        return first_night(self.effective(stored), ended_at=ended_at, zone=zone)

    def as_json(self) -> dict[str, int | str | None]:
        return {
            name: days.value if isinstance(days, Forever) else days
            for name, days in asdict(self).items()
        }


DEFAULT_TIMES: Final = StorageTimes()


def times_from(
    payload: Mapping[str, object], *, current: StorageTimes = DEFAULT_TIMES
) -> StorageTimes:
    """Change the times that are named: days, ``forever``, or None for unset.

    Raises Malformed for an unknown class, a number of days that is not 0 to 36 500,
    and for general information left unset.
    """
    known = {field.name for field in fields(StorageTimes)}
    if not payload.keys() <= known:
        raise Malformed(f"Storage times are {', '.join(sorted(known))}.")
    days = {name: parse_days(value, field=name) for name, value in payload.items()}
    merged = {name: getattr(current, name) for name in known} | days
    if merged["general"] is None:
        raise Malformed("General information needs a storage time.", field="general")
    return StorageTimes(**merged)


def parse_days(value: object, *, field: str) -> Days | None:
    """Read one storage time out of JSON or a command line."""
    if value is None or value == FOREVER.value:
        return None if value is None else FOREVER
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value) if len(value) <= len(str(LONGEST)) else LONGEST + 1
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed("A storage time is a number of days.", field=field)
    if not 0 <= value <= LONGEST:
        raise Malformed(f"A storage time is 0 to {LONGEST} days.", field=field)
    return value
