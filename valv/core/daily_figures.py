"""The figures of a day: how much came of what was to come, and whether it got worse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from valv.core.completeness import Gap, Patience

DAYS_BEFORE: Final = 7
FEWEST_MISSING: Final = 5
RECENT: Final = timedelta(days=2)
RECOUNTED: Final = timedelta(days=14)
OFTEN: Final = timedelta(minutes=10)
SELDOM: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one day: interactions, parts expected, and gaps by kind."""

    on: date
    interactions: int
    expected: int
    gaps: Mapping[Gap, int]

    @property
    def missing(self) -> int:
        """Parts that have not come; a new queue is none."""
        return sum(n for gap, n in self.gaps.items() if gap is not Gap.QUEUE)

    @property
    def share(self) -> float:
        """Missing of expected parts, from 0 to 1."""
        return self.missing / self.expected if self.expected else 0.0


def share_before(day: Figures, others: Iterable[Figures]) -> float:
    """The share of missing parts of the week before a day, taken together."""
    first = day.on - timedelta(days=DAYS_BEFORE)
    week = [one for one in others if first <= one.on < day.on]
    expected = sum(one.expected for one in week)
    return sum(one.missing for one in week) / expected if expected else 0.0


def is_worse(day: Figures, others: Iterable[Figures], *, patience: Patience) -> bool:
    """Whether clearly more is missing of a day than of the week before it.

    A handful of parts is no trend, and a first day is measured against nothing missing.
    """
    if day.missing < FEWEST_MISSING:
        return False
    risen = day.share - share_before(day, others)
    return round(risen * 100, 6) >= patience.worse_by


def is_due(
    on: date, counted_at: datetime | None, *, today: date, now: datetime
) -> bool:
    """Whether a day is to be counted anew: today often, the last weeks now and then."""
    age = today - on
    if age < timedelta(0) or age > RECOUNTED:
        return False
    if counted_at is None:
        return True
    return now - counted_at >= (OFTEN if age <= RECENT else SELDOM)
