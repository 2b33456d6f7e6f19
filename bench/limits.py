"""The hand-written limit of a search: prepared statements through the bare driver.

Two steps: ids of the identifiers, by hash or, for a fragment, from a table of plain
values (by trigrams on PostgreSQL); then the page with queue and sealed values joined,
and its capped count if it is full. Nothing is opened, checked, audited or put in words,
and no row-level security is in the way.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.generate import Population, value_of
from bench.place import Place
from valv.core.identifiers import Fragment, Kind, Match
from valv.core.ids import clamped_id_at
from valv.core.search import COUNT_CAP, SearchRequest

PAGE = 51
MOST_IDS = 3000
COLUMNS = (
    "i.id, i.session_id, i.media, i.direction, i.started_at, i.ended_at, i.agent_ids,"
    " i.wait_seconds, i.talk_seconds, i.outcome, i.withheld, i.text, i.flags, q.name,"
    " p.sealed, e.sealed, n.sealed, h.sealed"
)
JOINS = " LEFT JOIN queue q ON q.id = i.queue_id" + "".join(
    f" LEFT JOIN identifier {kind[0]} ON {kind[0]}.id = i.{kind}_id"
    for kind in ("phone", "email", "name", "handle")
)


@dataclass(frozen=True)
class Hand:
    """What one who writes the SQL by hand knows of a query beforehand."""

    tenant_id: int
    kind: Kind | None = None
    hash: bytes | None = None
    fragment: Fragment | None = None
    since: int = 0
    until: int = 1 << 42
    ids: tuple[int, int] = (0, (1 << 63) - 1)
    queue_id: int | None = None
    agent_id: int | None = None
    media: int | None = None


class Limit:
    """The bare driver, with its statements prepared."""

    def __init__(self, place: Place, populations: Iterable[Population]) -> None:
        self._is_sqlite = place.server is None
        self._connection: Any
        if self._is_sqlite:
            self._connection = sqlite3.connect(place.data / "valv.sqlite3")
            for pragma in ("cache_size=-65536", "mmap_size=1073741824"):
                self._connection.execute(f"PRAGMA {pragma}")
        else:
            url = place.superuser_url("data")
            self._connection = psycopg.connect(url, autocommit=True)
            self._connection.prepare_threshold = 0
        self._lay_plain(populations)

    def _lay_plain(self, populations: Iterable[Population]) -> None:
        """The values in the clear, which only one who may leak them would store."""
        rows = [
            (population.tenant_id, kind, id_, value_of(Kind.numbered(kind), person)[0])
            for population in populations
            for (kind, person), id_ in population.made.items()
        ]
        run = self._connection.execute
        run("CREATE TABLE plain (tenant_id int, kind int, id bigint, normal text)")
        if self._is_sqlite:
            self._connection.executemany("INSERT INTO plain VALUES (?, ?, ?, ?)", rows)
            run("CREATE INDEX plain_all ON plain (tenant_id, kind, normal, id)")
            self._connection.commit()
            return
        with self._connection.cursor().copy("COPY plain FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        run("CREATE EXTENSION pg_trgm")
        run("CREATE INDEX ON plain USING gin (normal gin_trgm_ops)")
        run("VACUUM ANALYZE plain")

    def _rows(self, sql: str, parameters: Sequence[object]) -> list[Any]:
        if self._is_sqlite:
            sql = sql.replace("%s", "?")
            found: list[Any] = self._connection.execute(sql, parameters).fetchall()
            return found
        cursor = self._connection.execute(sql, parameters, prepare=True, binary=True)
        return list(cursor.fetchall())

    def page(self, asked: Hand) -> int:
        """Run it; answers how many rows the page has."""
        lead, values = self._lead(asked)
        where, bounds = self._where(asked)
        source, at, key = "interaction i", "i.started_at", "i.id"
        if asked.agent_id is not None:
            source = "participation a CROSS JOIN interaction i"
            at, key = "a.started_at", "a.interaction_id"
        keys = f"FROM {source} WHERE {where}{lead}"
        page = self._rows(
            f"SELECT {COLUMNS} FROM (SELECT i.* {keys}"
            f" ORDER BY {at} DESC, {key} DESC LIMIT {PAGE}) i{JOINS}"
            " ORDER BY i.started_at DESC, i.id DESC",
            [*bounds, *values],
        )
        if len(page) == PAGE:
            self._rows(
                f"SELECT count(*) FROM (SELECT 1 {keys} LIMIT {COUNT_CAP}) c",
                [*bounds, *values],
            )
        return len(page)

    def _lead(self, asked: Hand) -> tuple[str, list[object]]:
        if asked.kind is None:
            return "", []
        column = f"i.{asked.kind.value}_id"
        if asked.hash is not None:
            found = self._rows(
                "SELECT id FROM identifier WHERE tenant_id = %s AND kind = %s"
                " AND hash = %s",
                [asked.tenant_id, asked.kind.number, asked.hash],
            )
            return f" AND {column} = %s", [found[0][0] if found else 0]
        ids = [id_ for (id_,) in self._fitting(asked)]
        if self._is_sqlite:
            text = "[" + ",".join(map(str, ids)) + "]"
            return f" AND {column} IN (SELECT value FROM json_each(%s))", [text]
        return f" AND {column} = ANY(%s)", [ids]

    def _fitting(self, asked: Hand) -> list[Any]:
        assert asked.fragment is not None
        assert asked.kind is not None
        text = asked.fragment.text
        operator, pattern = "LIKE", text.replace("%", "")
        match asked.fragment.match:
            case Match.PREFIX:
                pattern += "%"
            case Match.SUFFIX:
                pattern = "%" + pattern
            case _:
                pattern = f"%{pattern}%"
        return self._rows(
            "SELECT id FROM plain WHERE tenant_id = %s AND kind = %s"
            f" AND normal {operator} %s LIMIT {MOST_IDS}",
            [asked.tenant_id, asked.kind.number, pattern],
        )

    def _where(self, asked: Hand) -> tuple[str, list[object]]:
        lead = "i" if asked.agent_id is None else "a"
        where = f"{lead}.tenant_id = %s"
        values: list[object] = [asked.tenant_id]
        if asked.since:
            where += f" AND {lead}.started_at >= %s AND {lead}.started_at < %s"
            values += [asked.since, asked.until]
            if not self._is_sqlite:
                where += " AND i.id BETWEEN %s AND %s"
                values += asked.ids
        if asked.agent_id is not None:
            where += " AND a.agent_id = %s AND i.id = a.interaction_id"
            values.append(asked.agent_id)
        for column in ("queue_id", "media"):
            if (value := getattr(asked, column)) is not None:
                where += f" AND i.{column} = %s"
                values.append(value)
        return where, values


def ids_between(request: SearchRequest) -> tuple[int, int]:
    """The range of ids that one who writes by hand would bind."""
    assert request.start is not None
    assert request.end is not None
    return clamped_id_at(request.start), clamped_id_at(request.end)
