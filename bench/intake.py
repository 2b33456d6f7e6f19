"""Events in over HTTP, beside the rows alone written by hand.

    python -m bench.intake --database sqlite|postgresql [--events 20000 | --small]

A real server takes bodies of 500 events, durable before each answer: calls that are
over, each whole, and calls that run, one event of each at a time. The limit beside it
puts the same sealed rows into the same indexed table, as many to a transaction, by
executemany (SQLite) or by COPY as the table's owner (PostgreSQL).
"""

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from os import urandom
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import psycopg

from tests.crash.calls import calls
from tests.crash.installed import Installed, databases_of, install
from tests.crash.server import Server
from tests.peers.postgres import SUPERUSER, Postgres

BODY = 500
EVENTS, SMALL = 20_000, 2_000
MANY = 200  # calls that run at once


@dataclass(frozen=True)
class Measured:
    """Events a second: taken in over HTTP, and as bare rows."""

    name: str
    ours: float
    limit: float


def main() -> int:
    asked = _asked()
    count = SMALL if asked.small else asked.events
    bodies = {
        "calls that are over": list(_bodies(_over(count))),
        "calls that run": list(_bodies(_running(count))),
    }
    with place(asked.database) as (made, postgres):
        measured = [
            _measured(made, postgres, name, sent) for name, sent in bodies.items()
        ]
    print(f"Events in over HTTP on {asked.database}, {BODY} to a body")
    print(f"{'':24} {'ours/s':>9} {'limit/s':>9} {'ratio':>6}")
    for one in measured:
        print(f"{one.name:24} {one.ours:9.0f} {one.limit:9.0f}", end=" ")
        print(f"{one.ours / one.limit:6.3f}")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.intake")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    return parser.parse_known_args()[0]


@contextmanager
def place(database: str) -> Iterator[tuple[Installed, Postgres | None]]:
    """An installation of its own, and its PostgreSQL if it has one."""
    folder = Path(tempfile.mkdtemp(prefix="valv-bench-"))
    settings, postgres = databases_of(database)
    try:
        yield install(folder / "data", **settings), postgres
    finally:
        shutil.rmtree(folder)


def _over(count: int) -> Iterator[bytes]:
    made = calls(count // 10, seconds=300, chance=Random(1), name="over")
    events = [event for call in made for event in call.events]
    yield from map(msgspec.json.encode, events[:count])


def _running(count: int) -> Iterator[bytes]:
    """Calls that run at the same time, and so each body has a little of all."""
    taken = 0
    for round_ in range(count):
        made = calls(MANY, seconds=300, chance=Random(round_), name=f"run{round_}")
        events = [event for call in made for event in call.events]
        for event in sorted(events, key=lambda event: event["at"]):
            yield msgspec.json.encode(event)
            taken += 1
            if taken == count:
                return


def _bodies(lines: Iterator[bytes]) -> Iterator[bytes]:
    listed = list(lines)
    for first in range(0, len(listed), BODY):
        yield b"\n".join(listed[first : first + BODY])


def _measured(
    made: Installed, postgres: Postgres | None, name: str, bodies: Sequence[bytes]
) -> Measured:
    server = Server(made)
    server.start()
    with closing(server.connection()) as connection:
        began = time.perf_counter()
        for body in bodies:
            status, answer = server.ask("POST", "/events", body, over=connection)
            assert status == 200, answer
        ours = time.perf_counter() - began
    server.kill()
    count = sum(body.count(b"\n") + 1 for body in bodies)
    limit = _limit(made, postgres, count)
    return Measured(name, count / ours, count / limit)


def _limit(made: Installed, postgres: Postgres | None, count: int) -> float:
    """Seconds to write as many rows as the newest, told anew, by hand."""
    with ExitStack() as stack:
        if postgres is None:
            file = made.data / "valv.sqlite3"
            rows = _Sqlite(stack.enter_context(closing(sqlite3.connect(file))))
        else:
            url = postgres.url("data", role=SUPERUSER)
            rows = _Copied(stack.enter_context(psycopg.connect(url)))
        fresh = rows.fresh(count)
        began = time.perf_counter()
        for first in range(0, count, BODY):
            rows.write(fresh[first : first + BODY])
        return time.perf_counter() - began


COLUMNS = "tenant_id, interaction_id, event, type, at, aged_from, body"
NEWEST = f"SELECT {COLUMNS} FROM raw_event ORDER BY interaction_id DESC LIMIT "


def _again(row: Sequence[Any]) -> tuple[Any, ...]:
    """The row of another event of the same call."""
    tenant_id, interaction_id, event, *rest = row
    return (tenant_id, interaction_id, urandom(len(event)), *rest)


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for pragma in ("synchronous=FULL", "secure_delete=ON", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")

    def fresh(self, count: int) -> list[tuple[Any, ...]]:
        return [_again(row) for row in self._connection.execute(f"{NEWEST}{count}")]

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        statement = f"INSERT INTO raw_event ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._connection.executemany(statement, rows)
        self._connection.commit()


class _Copied:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def fresh(self, count: int) -> list[tuple[Any, ...]]:
        found = self._connection.execute(f"{NEWEST}{count}".encode())
        return [_again(row) for row in found.fetchall()]

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        copy = f"COPY raw_event ({COLUMNS}) FROM STDIN".encode()
        with self._connection.cursor().copy(copy) as out:
            for row in rows:
                out.write_row(row)
        self._connection.commit()


if __name__ == "__main__":
    sys.exit(main())
