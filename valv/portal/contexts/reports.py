"""Survey results, storage times, nights and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from valv.portal.contexts import Choice
from valv.portal.contexts.interaction import LogEntry
from valv.sharing.deletion_sheet import Told


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One answer; who gave it is read from the interaction. ``score`` is as written."""

    href: str
    at: datetime
    score: str
    highest: int
    mood: str
    comment: str
    session: str
    identity_state: str
    identity: str
    media: str
    queue: str
    agents: str


@dataclass(frozen=True, slots=True)
class SurveysPage:
    """``distribution`` is (score, answers); ``trend`` (day, mean, answers)."""

    period: str
    rows: tuple[SurveyRow, ...]
    distribution: tuple[tuple[int, int], ...] = ()
    trend: tuple[tuple[date, float, int], ...] = ()
    values: Mapping[str, str] | None = None
    queues: tuple[Choice, ...] = ()
    count: int = 0
    mean: float | None = None
    next: str = ""
    may_export: bool = False


@dataclass(frozen=True, slots=True)
class NightDay:
    """How much of each class goes on one night; ``taken`` is (class, count)."""

    on: date
    taken: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class NightRun:
    """What a nightly run did; ``state`` is done, running, partly or failed."""

    on: date
    state: str
    started_at: datetime
    ended_at: datetime | None
    taken: tuple[tuple[str, int], ...] = ()
    held: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TonightPage:
    """The nights to come, and the ones behind us, newest first."""

    starts_at: datetime
    days: tuple[NightDay, ...]
    held: int = 0
    runs: tuple[NightRun, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletionReportPage:
    """What was removed in a period; ``told`` is None if what was typed is none."""

    from_on: str
    to_on: str
    told: Told | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class ContentKeptPage:
    """What is kept, of what may be switched."""

    social_content: bool
    keep_original_audio: bool


@dataclass(frozen=True, slots=True)
class FileNamesPage:
    """The pattern in force, or one that cannot be taken; ``fields`` may stand in it."""

    pattern: str
    example: str
    fields: tuple[tuple[str, str], ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value of a setting, in words; "" is not set."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Who changed a setting; ``of`` is the user whose it is, where it is one's."""

    at: datetime
    who: str
    setting: str
    of: str
    changes: tuple[ValueChange, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangeLogPage:
    """``next`` is the ``after`` value of the page that follows."""

    rows: tuple[ChangeRow, ...]
    values: Mapping[str, str]
    chosen: tuple[str, ...] = ()
    faults: Mapping[str, str] | None = None
    next: str = ""


@dataclass(frozen=True, slots=True)
class ReasonsPage:
    """The acts that need a reason, and those proposed, one a line."""

    required: tuple[str, ...]
    proposed: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the log found; ``first_bad`` is the entry that breaks.

    ``key`` is the public key of the newest signed checkpoint, "" where there is none.
    """

    ok: bool
    size: int
    pending: int = 0
    first_bad: str = ""
    why: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """``next`` is the ``after`` value of the page that follows."""

    entries: tuple[LogEntry, ...]
    values: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: Mapping[str, str] | None = None
    next: str = ""
    verdict: Verdict | None = None
    may_verify: bool = False
