"""The one verdict: whether a piece of the archive stays, is held, or goes, and why.

Everything that removes anything asks here: the night, whoever deletes by hand or many
at once, and whoever forgets a person. A hold outranks all of them (law 9). Whoever asks
and meets an error keeps the piece, and reports it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from valv.core.errors import Refused
from valv.core.moments import age_in_days
from valv.core.retention import Stored, first_night
from valv.core.storage_rules import Period, Terms


class Verdict(StrEnum):
    """What becomes of something tonight, or when somebody asks."""

    KEEP = "keep"
    HELD = "held"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and its reason, as a sentence without personal data.

    ``rule`` is the rule or else the class whose time decided, or ``hold``; ``goes_on``
    the first night on which it is due, None if it never is.
    """

    verdict: Verdict
    why: str
    rule: str = ""
    goes_on: date | None = None


def at_night(ended_at: datetime, *, before: datetime | None, on_hold: bool) -> Verdict:
    """Judge what ended at a moment, when what ended before another is due.

    ``before`` is as ``StorageTimes.due_before`` answers; None is never.
    """
    if before is None or ended_at >= before:
        return Verdict.KEEP
    return Verdict.HELD if on_hold else Verdict.DUE


def when_asked(*, on_hold: bool) -> Verdict:
    """Judge what somebody with the right to it wants gone, whatever its age."""
    return Verdict.HELD if on_hold else Verdict.DUE


def raise_if_held(*, on_hold: bool) -> None:
    """Raise Refused (``hold``) for what somebody wants gone and a hold covers."""
    if when_asked(on_hold=on_hold) is Verdict.HELD:
        raise Refused("hold", "A hold covers this interaction.")


@dataclass(frozen=True, slots=True)
class Obliged:
    """A minimum that keeps something: until when it may not go, and what says so."""

    until: date
    period: Period

    @property
    def why(self) -> str:
        rule = f" by the rule “{self.period.rule}”" if self.period.rule else ""
        number = self.period.decision.number
        decision = f", decision {number}" if number else ""
        return f"It must be kept until {self.until}{rule}{decision}."


def obliged(
    minimum: Period, *, ended_at: datetime, zone: ZoneInfo, today: date
) -> Obliged | None:
    """What a minimum forbids today of what ended at a moment; None if nothing."""
    if not minimum.days:
        return None
    until = first_night(minimum.days, ended_at=ended_at, zone=zone)
    return None if until is None or until <= today else Obliged(until, minimum)


def raise_if_obliged(found: Obliged | None) -> None:
    """Raise Refused (``minimum_period``) for what must be kept for longer."""
    if found is not None:
        raise Refused("minimum_period", found.why)


def verdict(
    times: Terms,
    stored: Stored,
    *,
    ended_at: datetime,
    run_date: date,
    zone: ZoneInfo,
    on_hold: bool,
) -> Finding:
    """Say whether something stays, is held, or is due on the night of a date.

    ``ended_at`` is when the interaction ended, or its last event if it never did;
    never when it was brought in, for a late import must not lengthen its stay.
    """
    before = times.due_before(stored, run_date=run_date, zone=zone)
    found = at_night(ended_at, before=before, on_hold=on_hold)
    decided = times.period(stored)
    if before is None:
        return Finding(found, "Kept for ever.", decided.rule or stored.value)
    age = age_in_days(run_date, ended_at=ended_at, zone=zone)
    why = f"{age} days old, stored {decided.days} days."
    goes_on = times.goes_on(stored, ended_at=ended_at, zone=zone)
    if found is Verdict.HELD:
        return Finding(found, f"Under a hold; {why}", "hold", goes_on)
    return Finding(found, why, decided.rule or stored.value, goes_on)
