"""What is known of interactions, as ``core.completeness`` asks it: many at once.

Nothing sealed is opened: what the events showed was noted when they came.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from valv.archive.models import Queue
from valv.core.completeness import Facts, gaps_of
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.interaction import ContentKind, ContentState, Media
from valv.core.retention import StorageTimes
from valv.intake.stated import Stated
from valv.storage import scope
from valv.storage.raw import one_of, rows
from valv.tenants.models import Tenant

PAGE = 1_000
MEDIA, KINDS, STATES = list(Media), list(ContentKind), list(ContentState)
NOBODY: tuple[object, ...] = ("[]", b"[]", [])
Content = tuple[ContentKind, int, ContentState]
Key = tuple[int, int]


class _Row(NamedTuple):
    """The columns that matter here, times in Unix milliseconds."""

    started_at: int
    id: int
    media: int
    ended_at: int | None
    aged_from: int
    queue_id: int | None
    agent_ids: Any
    stated: int
    gaps: int
    storage_refused: bool
    anonymised_at: int | None


COLUMNS = ", ".join(_Row._fields)


@dataclass(frozen=True, slots=True)
class Lens:
    """What is the same for all of a tenant's interactions.

    ``confirmed`` are the queues that are the tenant's own; None while it named none.
    """

    times: StorageTimes
    confirmed: frozenset[int] | None


def confirmed_queues() -> frozenset[int] | None:
    """The queues confirmed by the tenant whose scope is open; None if none is."""
    found = Queue.objects.filter(confirmed_at__isnull=False)
    return frozenset(found.values_list("id", flat=True)) or None


def facts_between(
    tenant: Tenant, first: datetime, end: datetime, lens: Lens
) -> Iterator[dict[int, Facts]]:
    """All that started in a window, a page at a time, each in a scope of its own."""
    after: Key = (unix_ms(first) - 1, 0)
    while True:
        with scope.reading(tenant.id):
            page = _page(unix_ms(end), after)
            found = _facts(page, lens)
        yield found
        if len(page) < PAGE:
            return
        after = page[-1][:2]


def facts_of(interaction_ids: Collection[int], lens: Lens) -> dict[int, Facts]:
    """Of some interactions, those that are there. Inside a scope."""
    if not interaction_ids:
        return {}
    condition, ids = one_of("id", interaction_ids)
    found = rows(
        f"SELECT {COLUMNS} FROM interaction WHERE +tenant_id = %s AND {condition}",  # noqa: S608
        [scope.current(), *ids],
    )
    return _facts([_Row._make(row) for row in found], lens)


def _page(end: int, after: Key) -> list[_Row]:
    found = rows(
        f"SELECT {COLUMNS} FROM interaction WHERE tenant_id = %s"  # noqa: S608
        " AND started_at < %s AND started_at >= %s AND (started_at, id) > (%s, %s)"
        " ORDER BY started_at, id LIMIT %s",
        [scope.current(), end, after[0], *after, PAGE],
    )
    return [_Row._make(row) for row in found]


def _facts(page: Sequence[_Row], lens: Lens) -> dict[int, Facts]:
    contents = _contents([row.id for row in page])
    return {row.id: _fact(row, contents.get(row.id, ()), lens) for row in page}


def _contents(interaction_ids: Sequence[int]) -> dict[int, list[Content]]:
    found: dict[int, list[Content]] = defaultdict(list)
    if interaction_ids:
        condition, ids = one_of("interaction_id", interaction_ids)
        listed = rows(
            "SELECT interaction_id, kind, n, state FROM content"  # noqa: S608
            " WHERE +tenant_id = %s AND interaction_id >= %s AND interaction_id <= %s"
            f" AND {condition}",
            [scope.current(), min(interaction_ids), max(interaction_ids), *ids],
        )
        for interaction_id, kind, n, state in listed:
            found[interaction_id].append((KINDS[kind], n, STATES[state]))
    return found


def _fact(row: _Row, contents: Sequence[Content], lens: Lens) -> Facts:
    known = lens.confirmed is None or row.queue_id in lens.confirmed
    return Facts(
        media=MEDIA[row.media],
        started_at=from_unix_ms(row.started_at),
        ended_at=None if row.ended_at is None else from_unix_ms(row.ended_at),
        last_at=from_unix_ms(row.aged_from),
        is_told=bool(row.stated & Stated.DERIVED),
        was_answered=row.agent_ids not in NOBODY,
        expects_content=row.anonymised_at is None,
        expects_log=not row.storage_refused and lens.times.keeps(ContentKind.CHAT_LOG),
        is_queue_known=row.queue_id is None or known,
        contents=contents,
        seen=gaps_of(row.gaps),
    )
