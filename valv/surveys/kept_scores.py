"""Scores that are kept of surveys that go: how many, by day and queue, and no more.

A tenant may want to follow how it is rated for longer than it keeps who rated it. Then
the night that takes surveys, with their interactions or by their own time, counts them
here first; nothing leads back to an interaction or a person. They have a storage time
of their own.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from valv.core.ids import from_unix_ms, unix_ms
from valv.core.moments import local_date
from valv.storage import scope
from valv.storage.raw import change, one_of, rows

GOING = (
    "SELECT s.at, i.queue_id, s.scale_from, s.scale_to, s.score FROM survey AS s"
    " JOIN interaction AS i ON i.tenant_id = s.tenant_id AND i.id = s.interaction_id"
    " WHERE s.tenant_id = %s AND s.score IS NOT NULL AND s.at >= %s AND {}"
)
ADD = (
    "INSERT INTO kept_score (tenant_id, day, queue_id, scale_from, scale_to, score,"
    " count) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (tenant_id, day, queue_id, scale_from, scale_to, score)"
    " DO UPDATE SET count = kept_score.count + excluded.count"
)
KEPT = (
    "SELECT day, scale_from, scale_to, score, sum(count) FROM kept_score"
    " WHERE tenant_id = %s AND day >= %s AND day <= %s AND score >= %s"
    " AND score <= %s AND (%s OR queue_id = %s) GROUP BY 1, 2, 3, 4"
)
NO_QUEUE = -1  # nobody can ask for it
LOWEST, HIGHEST = -32_768.0, 32_767.0  # of any scale


class Score(NamedTuple):
    """What is counted; ``queue_id`` is ``NO_QUEUE`` where there was none."""

    day: date
    queue_id: int
    scale_from: int
    scale_to: int
    score: float


class KeptAnswers(NamedTuple):
    """So many answers of one score on one local day."""

    day: date
    scale: tuple[int, int]
    score: float
    answers: int


def keep(
    interaction_ids: Iterable[int], *, since: datetime | None, zone: ZoneInfo
) -> None:
    """Count the scores of surveys that are about to go; inside ``writing``.

    Those answered before ``since`` are past the time of scores, and are not.
    """
    where, values = one_of("s.interaction_id", interaction_ids)
    first = 0 if since is None else unix_ms(since)
    found = rows(GOING.format(where), [scope.current(), first, *values])
    counted = Counter(
        Score(
            local_date(from_unix_ms(at), zone=zone), queue or NO_QUEUE, low, high, score
        )
        for at, queue, low, high, score in found
    )
    for one, count in sorted(counted.items()):
        change(ADD, [scope.current(), *_bound(one), count])


def _bound(one: Score) -> list[object]:
    return [one.day.isoformat(), *one[1:]]


def kept(
    first: date,
    last: date,
    *,
    queue_id: int | None = None,
    lowest: float | None = None,
    highest: float | None = None,
) -> list[KeptAnswers]:
    """Scores of surveys gone, of local days from ``first`` to ``last``; in a scope."""
    scores = (
        LOWEST if lowest is None else lowest,
        HIGHEST if highest is None else highest,
    )
    found = rows(
        KEPT,
        [
            scope.current(),
            first.isoformat(),
            last.isoformat(),
            *map(float, scores),
            queue_id is None,
            queue_id or 0,
        ],
    )
    return [
        KeptAnswers(_day(day), (low, high), score, int(count))
        for day, low, high, score, count in found
    ]


def _day(told: date | str) -> date:
    return date.fromisoformat(told) if isinstance(told, str) else told
