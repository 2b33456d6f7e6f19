"""Walking a plan until a page is full.

Most plans fill a page with one statement. Several people at once are looked for in
stretches of time that grow, newest first, so that a page of the many does not sort all
they ever did. What must be tested in memory is walked newest first with bounded work:
such a page may end early, with fewer hits than asked for and a cursor to go on from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from valv.archive import people as people_of
from valv.archive.people import People
from valv.archive.rows import Row
from valv.archive.search import sql
from valv.archive.search.known import known_of
from valv.archive.search.plan import Plan, plan_of
from valv.archive.search.sieve import Sieve
from valv.archive.search.sql import EVER, Window
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.reach import EVERYWHERE, Reach
from valv.core.search import COUNT_CAP, Count, Cursor, SearchRequest
from valv.tenants.models import Tenant

STRETCHES_MS = tuple(
    timedelta(days=n) // timedelta(milliseconds=1) for n in (30, 120, 480)
)
FEW_PEOPLE = 20
FIRST_WALKED, MOST_AT_ONCE = 200, 2_000
MOST_WALKED, MOST_OPENED = 20_000, 4_000
MOST_COUNTED = 500_000

by_key = itemgetter(0, 1)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many hits; when ``capped`` there are at least that many."""

    value: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, the cursor of the next, and the count if asked for."""

    rows: list[Row]
    next: str | None
    count: Counted | None
    people: People


class _Found(NamedTuple):
    """Rows in order, one more than asked for if there are; where the walk stopped."""

    rows: list[Row]
    stopped_at: tuple[int, int] | None = None


def search(
    tenant: Tenant,
    request: SearchRequest,
    *,
    key: bytes,
    now: datetime,
    reach: Reach = EVERYWHERE,
) -> Page:
    """One page of what a request asks, as far as ``reach`` goes.

    Inside a scope, before any other statement.

    ``key`` signs cursors. Raises Malformed for a cursor of another search or tenant.
    """
    after = request.after(key)
    known = known_of(request)
    people = people_of.of(tenant.id, epoch=known.epoch)
    plan = plan_of(tenant, request, known=known, people=people, reach=reach)
    window = _window(request, strays=known.has_strays)
    asked = _Asked(plan, people, unix_ms(now))
    if plan.finds_nothing:
        return Page([], None, _none(request), people)
    found = asked.walk(_after(window, after), limit=request.limit)
    shown = found.rows[: request.limit]
    is_all = after is None and found.stopped_at is None and shown == found.rows
    counted = Counted(len(shown), capped=False) if is_all else None
    if request.count is Count.NONE:
        counted = None
    elif counted is None:
        counted = asked.count(window, request, seen=len(found.rows))
    return Page(shown, _next(request, found, key=key), counted, people)


def _window(request: SearchRequest, *, strays: bool) -> Window:
    return Window(
        since=-EVER if request.start is None else unix_ms(request.start),
        until=EVER if request.end is None else unix_ms(request.end),
        strays=strays,
    )


def _after(window: Window, cursor: Cursor | None) -> Window:
    if cursor is None:
        return window
    return window.beyond((unix_ms(cursor.started_at), cursor.id))


def _none(request: SearchRequest) -> Counted | None:
    return None if request.count is Count.NONE else Counted(0, capped=False)


def _next(request: SearchRequest, found: _Found, *, key: bytes) -> str | None:
    if len(found.rows) > request.limit:
        last = by_key(found.rows[request.limit - 1])
    elif found.stopped_at is not None:
        last = found.stopped_at
    else:
        return None
    cursor = Cursor(from_unix_ms(last[0]), last[1])
    return cursor.encode(key, fingerprint=request.fingerprint())


@dataclass(frozen=True, slots=True)
class _Asked:
    """A plan being walked."""

    plan: Plan
    people: People
    now_ms: int

    def walk(self, window: Window, *, limit: int) -> _Found:
        if not self.plan.is_tested:
            return _Found(self._newest(window, limit=limit + 1))
        most = MOST_OPENED if self.plan.subject else MOST_WALKED
        return self._sifted(window, limit=limit, most=most)

    def count(self, window: Window, request: SearchRequest, *, seen: int) -> Counted:
        is_exact = request.count is Count.EXACT
        if not self.plan.is_tested:
            cap = None if is_exact else COUNT_CAP
            value = sql.count(self.plan, window, cap=cap)
            return Counted(value, capped=cap is not None and value >= cap)
        if not is_exact:
            return Counted(seen, capped=True)
        found = self._sifted(window, limit=MOST_COUNTED, most=MOST_COUNTED)
        return Counted(len(found.rows), capped=found.stopped_at is not None)

    def _newest(self, window: Window, *, limit: int) -> list[Row]:
        someone = self.plan.someone
        if someone is None or len(someone.ids) <= FEW_PEOPLE:
            return _ordered(sql.page(self.plan, window, limit=limit), limit=limit)
        return self._by_stretches(window, limit=limit)

    def _by_stretches(self, window: Window, *, limit: int) -> list[Row]:
        found: list[Row] = []
        newest = min(window.until, self.now_ms)
        for back in (*STRETCHES_MS, 2 * EVER):
            since = max(window.since, newest - back)
            part = replace(window, since=since)
            found += _ordered(sql.page(self.plan, part, limit=limit), limit=limit)
            if len(found) >= limit or since == window.since:
                break
            window = replace(window, until=since)
        return found[:limit]

    def _sifted(self, window: Window, *, limit: int, most: int) -> _Found:
        sieve, kept, walked = Sieve(self.plan, self.people), list[Row](), 0
        stopped_at = (window.until, 0)
        batch = max(FIRST_WALKED, limit + 1) if limit < MOST_AT_ONCE else MOST_AT_ONCE
        while walked < most:
            part = self._newest(window, limit=batch)
            kept += sieve.passing(part)
            if len(kept) > limit or len(part) < batch:
                return _Found(kept[: limit + 1])
            walked += len(part)
            stopped_at = by_key(part[-1])
            window = window.beyond(stopped_at)
            batch = min(2 * batch, MOST_AT_ONCE)
        return _Found(kept, stopped_at)


def _ordered(found: Iterable[tuple[Any, ...]], *, limit: int) -> list[Row]:
    """Newest first, each once: an interaction may stand in several indexes."""
    newest = sorted(found, key=by_key, reverse=True)
    unique = {row[1]: row for row in newest}
    return [Row._make(row) for row in list(unique.values())[:limit]]
