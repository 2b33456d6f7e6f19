"""A plan in the words of both databases.

Every statement binds the tenant and a window of starts. On PostgreSQL it also binds the
range of ids that such starts have, padded by a day, so that only the months concerned
are opened; what lies outside that range all the same is listed as stray and walked
beside it. SQLite has no months to spare, and is told outright which index to walk.

Walks are by keyset on (start, id), newest first, never by offset.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, product
from typing import Any

from valv.archive.rows import COLUMNS, rows_of
from valv.archive.search.plan import Plan, Someone
from valv.core.ids import ID_LIMIT, MILLISECOND_LIMIT, NOISE_BITS
from valv.storage import scope
from valv.storage.raw import is_sqlite, one_of, rows

DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)
EVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Window:
    """Starts from ``since`` to before ``until``, in ms, and only rows after a key.

    ``strays`` says that there are some, so that they must be walked too.
    """

    since: int = -EVER
    until: int = EVER
    after: tuple[int, int] | None = None
    strays: bool = False

    def beyond(self, key: tuple[int, int]) -> "Window":
        """What is left after a row."""
        return replace(self, until=min(self.until, key[0] + 1), after=key)

    @property
    def ids(self) -> tuple[int, int]:
        """The ids that rows of the window have, unless they are strays."""
        first = min(max(self.since - DAY_MS, 0), MILLISECOND_LIMIT) << NOISE_BITS
        last = min(max(self.until + DAY_MS, 0), MILLISECOND_LIMIT) << NOISE_BITS
        return min(first, ID_LIMIT - 1), min(last, ID_LIMIT - 1)

    @property
    def is_open(self) -> bool:
        """Whether no id is outside of it, so that there is nothing to stray."""
        return self.ids == (0, ID_LIMIT - 1)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One index to walk: a table with starts and ids, and what leads in it."""

    table: str
    alias: str
    id_column: str
    index: str = ""
    lead: str = ""
    parameters: tuple[object, ...] = ()
    people: tuple[int, ...] = ()

    @property
    def by_id(self) -> bool:
        """Whether ids lead, and no index in which starts stand in order."""
        return not self.index

    @property
    def whose(self) -> str:
        """The tenant. As a sum it keeps SQLite off the index of time."""
        column = f"{self.alias}.tenant_id"
        return f"+{column}" if self.by_id else column

    @property
    def at(self) -> str:
        """The start. As a sum it keeps PostgreSQL off the index of time."""
        at = f"{self.alias}.started_at"
        return f"({at} + 0)" if self.people or self.by_id else at


_TIME = _Walk("interaction", "i", "i.id", index="interaction_time")
_OF_AGENT = _Walk(
    "participation",
    "p",
    "p.interaction_id",
    index="participation_agent",
    lead="p.agent_id = %s",
)
_OF_TOPIC = _Walk(
    "registration",
    "r",
    "r.interaction_id",
    index="registration_topic",
    lead="r.topic_id = %s",
)


def page(plan: Plan, window: Window, *, limit: int) -> Sequence[tuple[Any, ...]]:
    """The newest rows of a window that meet the plan's conditions, unsorted.

    May hold more than ``limit`` rows, and one twice.
    """
    if _are_several(plan):
        return rows_of(_newest_of_several(plan, window, limit=limit))
    pieces = [
        _rows_of(walk, plan, window, limit=limit, outside=outside)
        for walk in _walks(plan)
        for outside in _sides(window)
    ]
    return rows(_union(sql for sql, _ in pieces), _all(values for _, values in pieces))


def _newest_of_several(plan: Plan, window: Window, *, limit: int) -> list[int]:
    """The newest ids of several people."""
    pieces = [
        _ordered(walk, plan, window, limit=limit, outside=outside)
        for walk in _walks(plan)
        for outside in _sides(window)
    ]
    values = _all(values for _, values in pieces)
    keys = rows(_union(sql for sql, _ in pieces), values)
    return [id_ for _, id_ in sorted(set(keys), reverse=True)[:limit]]


def count(plan: Plan, window: Window, *, cap: int | None) -> int:
    """How many there are, at most ``cap``."""
    walked = list(product(_walks(plan), _sides(window)))
    # What is walked alone meets nothing twice, so that no key need be told.
    keys = [walk.id_column for walk, _ in walked] if len(walked) > 1 else ["1"]
    pieces = [
        _keys_of(walk, plan, window, columns=key, outside=outside)
        for (walk, outside), key in zip(walked, keys, strict=True)
    ]
    limit = "" if cap is None else f" LIMIT {cap}"
    found = " UNION ".join(sql for sql, _ in pieces)
    sql = f"SELECT count(*) FROM ({found}{limit}) found"  # noqa: S608 - our own words
    values = _all(values for _, values in pieces)
    return int(rows(sql, values)[0][0])


def _walks(plan: Plan) -> list[_Walk]:
    if plan.someone is not None:
        return _walks_of_people(plan.someone)
    if plan.agents:
        return [replace(_OF_AGENT, parameters=(id_,)) for id_ in plan.agents]
    if plan.topics:
        return [replace(_OF_TOPIC, parameters=(id_,)) for id_ in plan.topics]
    if plan.ids is not None:
        condition, ids = one_of("i.id", plan.ids)
        return [replace(_TIME, index="", lead=condition, parameters=tuple(ids))]
    if plan.queue_id is not None:
        return [replace(_TIME, index="interaction_queue")]
    return [_TIME]


def _walks_of_people(someone: Someone) -> list[_Walk]:
    first = replace(_TIME, index=f"interaction_{someone.kind.value}")
    further = _Walk(
        "other_party", "o", "o.interaction_id", index="other_party_identifier"
    )
    return [
        _of_these(first, f"i.{someone.kind.value}_id", someone.ids),
        _of_these(further, "o.identifier_id", someone.ids),
    ]


def _of_these(walk: _Walk, column: str, ids: Iterable[int]) -> _Walk:
    """Equality for one, so that the index gives them in order."""
    listed = tuple(ids)
    if len(listed) == 1:
        return replace(walk, lead=f"{column} = %s", parameters=listed)
    if is_sqlite():
        condition, values = one_of(column, listed)
        return replace(walk, lead=condition, parameters=tuple(values))
    return replace(walk, lead=f"{column} = w.id", people=listed)


def _sides(window: Window) -> list[bool]:
    """Whether to walk inside the window's range of ids, outside of it, or both."""
    if is_sqlite() or window.is_open or not window.strays:
        return [False]
    return [False, True]


Piece = tuple[str, list[object]]


def _rows_of(
    walk: _Walk, plan: Plan, window: Window, *, limit: int, outside: bool
) -> Piece:
    """Whole rows; the keys alone first where many must be passed over."""
    if not (plan.keys_first and walk is _TIME):
        sql, values = _keys_of(walk, plan, window, columns=COLUMNS, outside=outside)
        return f"{sql} {_order(walk, limit=limit)}", values
    sql, values = _ordered(walk, plan, window, limit=limit, outside=outside)
    wide = (
        f"SELECT {COLUMNS} FROM ({sql}) k CROSS JOIN interaction i"  # noqa: S608
        " WHERE i.id = k.key AND +i.tenant_id = %s"
    )
    return wide, [*values, scope.current()]


def _ordered(
    walk: _Walk, plan: Plan, window: Window, *, limit: int, outside: bool
) -> Piece:
    """The newest keys of a walk."""
    columns = f"{walk.alias}.started_at AS at, {walk.id_column} AS key"
    sql, values = _keys_of(walk, plan, window, columns=columns, outside=outside)
    return f"{sql} {_order(walk, limit=limit)}", values


def _order(walk: _Walk, *, limit: int) -> str:
    if walk.people:
        return f"ORDER BY k.at DESC, k.key DESC LIMIT {limit}"
    return f"ORDER BY {walk.at} DESC, {walk.id_column} DESC LIMIT {limit}"


def _are_several(plan: Plan) -> bool:
    return plan.someone is not None and len(plan.someone.ids) > 1


def _keys_of(
    walk: _Walk, plan: Plan, window: Window, *, columns: str, outside: bool
) -> Piece:
    needs_row = walk.alias != "i" and (plan.conditions or "i." in columns)
    clauses, values = _bounds(walk, window, outside=outside)
    if needs_row:
        clauses += [f"i.id = {walk.id_column}", "+i.tenant_id = %s"]
        values.append(scope.current())
    for condition in plan.conditions:
        clauses.append(condition.sql)
        values += condition.parameters
    source = f"{walk.table} {walk.alias}"
    if is_sqlite() and walk.index:
        source += f" INDEXED BY {walk.index}"
    if needs_row:
        source += " CROSS JOIN interaction i"
    sql = f"SELECT {columns} FROM {source} WHERE {' AND '.join(clauses)}"  # noqa: S608
    return _person_by_person(sql, values, walk.people) if walk.people else (sql, values)


def _person_by_person(sql: str, values: list[object], people: Iterable[int]) -> Piece:
    """Look in the index of people for each of them, whatever the planner would rather.

    Not knowing how many they are it would walk all of time until it has met enough; and
    planned for thousands of values it takes longer to plan than to run.
    """
    found = (
        f"SELECT k.* FROM unnest(%s::bigint[]) w(id) CROSS JOIN LATERAL ({sql}"  # noqa: S608
        " OFFSET 0) k"
    )
    return found, [list(people), *values]


def _bounds(
    walk: _Walk, window: Window, *, outside: bool
) -> tuple[list[str], list[object]]:
    at = walk.at
    clauses = [f"{walk.whose} = %s", f"{at} >= %s", f"{at} < %s"]
    values: list[object] = [scope.current(), window.since, window.until]
    if walk.lead:
        clauses.append(walk.lead)
        values += walk.parameters
    if window.after is not None:
        clauses.append(f"({at}, {walk.id_column}) < (%s, %s)")
        values += window.after
    if not is_sqlite():
        clauses.append(_range(walk.id_column, outside=outside))
        values += [scope.current(), *window.ids] if outside else window.ids
    return clauses, values


def _range(column: str, *, outside: bool) -> str:
    if not outside:
        return f"{column} BETWEEN %s AND %s"
    return (
        f"{column} IN (SELECT s.interaction_id FROM stray s WHERE s.tenant_id = %s)"  # noqa: S608
        f" AND {column} NOT BETWEEN %s AND %s"
    )


def _union(pieces: Iterable[str]) -> str:
    listed = list(pieces)
    if len(listed) == 1:
        return listed[0]
    # Neither database takes an ORDER BY within a UNION, save in a table of its own.
    return " UNION ALL ".join(
        f"SELECT * FROM ({piece}) piece_{number}"  # noqa: S608 - our own words
        for number, piece in enumerate(listed)
    )


def _all(values: Iterable[list[object]]) -> list[object]:
    return list(chain.from_iterable(values))
