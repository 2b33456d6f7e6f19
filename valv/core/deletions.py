"""The deletion report of a period: what was removed, how much, by which rule.

It counts and dates, and names nobody. What Swedish public bodies call a
*gallringsprotokoll*.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class Cause(StrEnum):
    """Why something was removed."""

    STORAGE_TIME = "storage_time"  # it was past it, and so went at night
    BY_HAND = "by_hand"  # somebody deleted it
    DELETE = "delete"  # somebody deleted what many interactions held
    FORGET = "forget"  # a person was forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So much of a class was removed, between two local dates, for one cause.

    What it belonged to ended on ``oldest_on`` at the earliest and on ``newest_on`` at
    the latest, where that is known. ``days`` is the storage time, and ``since`` the day
    on which it was set, None for the one an archive begins with; ``rule`` asked for it,
    empty for the general times, and ``decision`` is the number and date it rests on.
    ``job`` did it, as ``entry`` of the audit log says, for ``request`` of the register.
    """

    data: str
    count: int
    cause: Cause
    first_on: date
    last_on: date
    oldest_on: date | None = None
    newest_on: date | None = None
    days: int | None = None
    since: date | None = None
    rule: str = ""
    decision: str = ""
    job: str | None = None
    entry: int | None = None
    request: str | None = None

    @property
    def _kind(self) -> tuple[object, ...]:
        rule = self.days, self.since, self.rule, self.decision
        return self.data, self.cause, *rule, self.job

    def __add__(self, other: "Line") -> "Line":
        return replace(
            self,
            count=self.count + other.count,
            first_on=min(self.first_on, other.first_on),
            last_on=max(self.last_on, other.last_on),
            oldest_on=min(self._dates(other, "oldest_on"), default=None),
            newest_on=max(self._dates(other, "newest_on"), default=None),
        )

    def _dates(self, other: "Line", name: str) -> list[date]:
        found = [getattr(self, name), getattr(other, name)]
        return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What was removed from one local date to another, both included.

    ``nights`` ran in the period; of those ``unfinished`` ones left something to the
    next.
    """

    tenant: str
    from_on: date
    to_on: date
    made_on: date
    nights: int
    unfinished: int
    lines: tuple[Line, ...]


def summed(lines: list[Line]) -> tuple[Line, ...]:
    """One line for each class, cause, rule and job; in the order of the causes."""
    found: dict[tuple[object, ...], Line] = {}
    for line in lines:
        if line.count:
            kind = line._kind  # noqa: SLF001 - its own module
            found[kind] = found[kind] + line if kind in found else line
    causes = list(Cause)
    return tuple(
        sorted(found.values(), key=lambda one: (causes.index(one.cause), one.first_on))
    )
