"""How much came of what was to come: by day, by interaction, and whom it is told to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class Day:
    """One day's figures; ``missing`` is (kind, count), ``percent`` its share."""

    on: date
    interactions: int
    expected: int
    missing: tuple[tuple[str, int], ...]
    percent: float
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Lacking:
    """An interaction and what it lacked; each with words, and whether it has come."""

    href: str
    at: datetime
    media: str
    session: str
    queue: str
    gaps: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news and what became of it: taken, waiting or given up."""

    at: datetime
    state: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """The setting as it is typed; ``secret`` is shown to whoever may set it."""

    content_hours: str
    end_hours: str
    worse_by: str
    webhook: str
    secret: str
    news: tuple[News, ...] = ()
    faults: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CompletenessPage:
    """Days oldest first; ``rows`` a page of interactions, ``next`` the one after it.

    ``alarm`` is None for those who may not set it.
    """

    days: tuple[Day, ...]
    rows: tuple[Lacking, ...]
    values: Mapping[str, str]
    gaps: tuple[Choice, ...]
    totals: tuple[tuple[str, int], ...] = ()
    expected: int = 0
    missing: int = 0
    percent: float = 0.0
    highest: int = 10
    counted_at: datetime | None = None
    next: str = ""
    new_queues: tuple[str, ...] = ()
    alarm: Alarm | None = None
