"""Survey results: the answers, newest first, and what they come to.

Scores are told on the scale that was asked; where scales differ, all are brought to
0 to 10. An answer that is a comment alone is listed, and counts in no mean.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from valv.archive.items import Item, items
from valv.archive.models import Queue
from valv.archive.reach import of_one_within
from valv.archive.rows import rows_of
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.moments import local_date, night_starts_at, zone_named
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.storage import scope
from valv.storage.raw import rows
from valv.surveys.kept_scores import kept
from valv.tenants.access import Caller

EVER = 1 << 60
INSTANT = timedelta(milliseconds=1)
# Every zone's days begin on such a boundary, so that days are sums of them.
QUARTER_MS = 15 * 60 * 1000
USUAL = (0, 10)
MOST_STEPS = 20

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Answers from ``start`` on and before ``end``; a queue, and scores included."""

    start: datetime
    end: datetime
    queue: str | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """``distribution`` is answers by score, ``trend`` mean and answers by local day."""

    count: int
    mean: float | None
    distribution: tuple[tuple[int, int], ...]
    trend: tuple[tuple[date, float, int], ...]


@dataclass(frozen=True, slots=True)
class _Scored:
    """So many answers of one score, in one quarter of an hour."""

    at: datetime
    score: float
    scale: tuple[int, int]
    count: int

    def on(self, scale: tuple[int, int]) -> float:
        if self.scale == scale:
            return self.score
        (low, high), (own_low, own_high) = scale, self.scale
        return low + (self.score - own_low) / (own_high - own_low) * (high - low)


def answers(
    caller: Caller, wanted: Wanted, *, after: Key | None, limit: int
) -> tuple[list[Item], Key | None]:
    """A page of interactions with their answers, and the key the next begins after.

    Raises Forbidden without the right to surveys.
    """
    caller.require(Right.SURVEYS)
    with scope.reading(caller.tenant.id):
        keys = _keys(wanted, caller.reach, after=after, limit=limit)
        page = rows_of([interaction_id for _, interaction_id in keys])
        shown = {item.id: item for item in items(caller.tenant, page)}
    found = [shown[str(id_)] for _, id_ in keys if str(id_) in shown]
    return found, keys[-1] if len(keys) == limit else None


def walk(caller: Caller, wanted: Wanted) -> Iterator[list[Item]]:
    """All answers, a page at a time, each in a scope of its own."""
    after: Key | None = None
    while True:
        found, after = answers(caller, wanted, after=after, limit=500)
        yield found
        if after is None:
            return


def summary(caller: Caller, wanted: Wanted) -> Summary:
    """What the answers come to, those among them whose scores alone are kept.

    Two queries. Who sees a part of the archive is told of what is there alone. Raises
    Forbidden.
    """
    caller.require(Right.SURVEYS)
    zone = zone_named(caller.tenant.timezone)
    with scope.reading(caller.tenant.id):
        scored = _scored(wanted, caller.reach)
        if caller.reach.is_everywhere:
            scored += _scored_before(wanted, zone)
    scale = _scale(scored)
    count = sum(one.count for one in scored)
    total = sum(one.on(scale) * one.count for one in scored)
    return Summary(
        count,
        total / count if count else None,
        _distribution(scored, scale),
        _trend(scored, scale, zone=zone),
    )


def _scored_before(wanted: Wanted, zone: ZoneInfo) -> list[_Scored]:
    """Of surveys that are gone, where the tenant keeps scores; by whole local days."""
    queue_id = None if wanted.queue is None else _queue_id(wanted.queue)
    found = kept(
        local_date(wanted.start, zone=zone),
        local_date(wanted.end - INSTANT, zone=zone),
        queue_id=queue_id,
        lowest=wanted.lowest,
        highest=wanted.highest,
    )
    return [
        _Scored(night_starts_at(one.day, zone=zone), one.score, one.scale, one.answers)
        for one in found
    ]


def _keys(wanted: Wanted, reach: Reach, *, after: Key | None, limit: int) -> list[Key]:
    condition, given = _condition(wanted, reach)
    last = after or (EVER, EVER)
    found = rows(
        f"SELECT s.at, s.interaction_id FROM {condition} AND s.at <= %s"  # noqa: S608
        " AND (s.at, s.interaction_id) < (%s, %s)"
        f" ORDER BY s.at DESC, s.interaction_id DESC LIMIT {int(limit)}",
        [*given, last[0], *last],
    )
    return [(at, interaction_id) for at, interaction_id in found]


def _scored(wanted: Wanted, reach: Reach) -> list[_Scored]:
    condition, given = _condition(wanted, reach)
    found = rows(
        f"SELECT s.at / {QUARTER_MS}, s.score, s.scale_from, s.scale_to, count(*)"  # noqa: S608
        f" FROM {condition} AND s.score IS NOT NULL GROUP BY 1, 2, 3, 4",
        given,
    )
    return [
        _Scored(from_unix_ms(quarter * QUARTER_MS), score, (low, high), count)
        for quarter, score, low, high, count in found
    ]


def _condition(wanted: Wanted, reach: Reach) -> tuple[str, list[object]]:
    text = "survey s WHERE s.tenant_id = %s AND s.at >= %s AND s.at < %s"
    given: list[object] = [
        scope.current(),
        unix_ms(wanted.start),
        unix_ms(wanted.end),
    ]
    if wanted.lowest is not None:
        text, given = f"{text} AND s.score >= %s", [*given, float(wanted.lowest)]
    if wanted.highest is not None:
        text, given = f"{text} AND s.score <= %s", [*given, float(wanted.highest)]
    if wanted.queue is not None:
        text += (
            " AND EXISTS (SELECT 1 FROM interaction i WHERE i.tenant_id = s.tenant_id"
            " AND i.id = s.interaction_id AND i.queue_id = %s)"
        )
        given.append(_queue_id(wanted.queue))
    in_reach, values = of_one_within(reach, "s")
    return f"{text} AND {in_reach}", [*given, *values]


def _queue_id(name: str) -> int:
    """A queue that is not there has no answers."""
    found = Queue.objects.filter(name=name).values_list("id", flat=True).first()
    return 0 if found is None else found


def _scale(scored: Iterable[_Scored]) -> tuple[int, int]:
    """The one scale all were asked on, if it is one to draw by; else the usual."""
    asked = {one.scale for one in scored}
    if len(asked) == 1:
        (low, high) = only = asked.pop()
        return only if high - low <= MOST_STEPS else USUAL
    return USUAL


def _distribution(
    scored: Iterable[_Scored], scale: tuple[int, int]
) -> tuple[tuple[int, int], ...]:
    counts: Counter[int] = Counter()
    for one in scored:
        counts[round(one.on(scale))] += one.count
    low, high = scale
    return tuple((score, counts[score]) for score in range(low, high + 1))


def _trend(
    scored: Iterable[_Scored], scale: tuple[int, int], *, zone: ZoneInfo
) -> tuple[tuple[date, float, int], ...]:
    totals: defaultdict[date, float] = defaultdict(float)
    counts: Counter[date] = Counter()
    for one in scored:
        day = local_date(one.at, zone=zone)
        totals[day] += one.on(scale) * one.count
        counts[day] += one.count
    return tuple(
        (day, totals[day] / counts[day], counts[day]) for day in sorted(counts)
    )
