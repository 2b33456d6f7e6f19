"""Bulk loading: COPY on PostgreSQL, as the superuser; executemany on SQLite."""

import sqlite3
from collections import defaultdict
from functools import cache
from types import TracebackType
from typing import Any, Self

import psycopg
from django.apps import apps
from django.db import connection

from bench.place import Place

INTERACTION = (
    "id tenant_id session_id media direction started_at ended_at aged_from queue_id"
    " agent_ids wait_seconds talk_seconds outcome phone_id email_id name_id"
    " handle_id text flags score updated_at"
)
# Columns as ``generate`` gives them, then those that are the same in every row.
COLUMNS = {
    "interaction": (
        INTERACTION,
        {
            "withheld": False,
            "has_others": False,
            "stated": 0,
            "deny_recording": False,
            "storage_refused": False,
            "restricted": False,
            "held": False,
        },
    ),
    "session": ("tenant_id session_id interaction_id", {}),
    "participation": ("tenant_id interaction_id agent_id started_at", {}),
    "identifier": ("id tenant_id kind owner_id hash sealed written_at", {}),
    "content": (
        "tenant_id interaction_id kind n aged_from seconds bytes",
        {
            "state": 1,
            "provisional": False,
            "format": "wav",
            "blob": "",
            "peaks_blob": "",
            "removed_by": "",
            "removed_reason": "",
        },
    ),
    "survey": (
        "tenant_id interaction_id score at aged_from",
        {"scale_from": 0, "scale_to": 10},
    ),
    "audit_entry": (
        (
            "tenant_id at action actor_type actor actor_id interaction_id content"
            " identifier_id reason details mac"
        ),
        {},
    ),
    "sealing_key": ("kind object_id tenant_id wrapped", {}),
}
KEYS_TABLE = "sealing_key"


class Loader:
    """Rows gathered by table and written together."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        for name in ("data", "keys"):
            self._writers[name] = self._connect(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def _connect(self, name: str) -> Any:
        if self._place.server is not None:
            return psycopg.connect(self._place.superuser_url(name))
        files = {"data": "valv.sqlite3", "keys": "keys.sqlite3"}
        connection = sqlite3.connect(self._place.data / files[name])
        for pragma in ("synchronous=OFF", "cache_size=-400000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def add(self, table: str, *values: Any) -> None:
        self._rows[table].append(values)

    def write(self) -> None:
        """Write all that was added, one transaction for each database."""
        for table, rows in self._rows.items():
            writer = self._writers["keys" if table == KEYS_TABLE else "data"]
            if self._place.server is not None:
                _copy(writer, table, rows)
            else:
                _insert(writer, table, rows)
        for writer in self._writers.values():
            writer.commit()
        self._rows.clear()

    def settle(self) -> None:
        """What autovacuum and the checkpointer would have done by now."""
        if self._place.server is None:
            return
        for name in ("data", "keys"):
            url = self._place.superuser_url(name)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")


@cache
def _columns(table: str) -> tuple[str, list[Any]]:
    """All columns that are filled, and what the last of them hold in every row.

    What is neither given nor stated is as in a new row of the table.
    """
    given, stated = COLUMNS[table]
    named = given.split()
    (model,) = (each for each in apps.get_models() if each._meta.db_table == table)
    same = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.has_default() and field.column not in named
    } | stated
    return ", ".join([*named, *same]), list(same.values())


def _copy(writer: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    names, same = _columns(table)
    with writer.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row, *same))


def _insert(writer: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    names, same = _columns(table)
    marks = ", ".join("?" for _ in names.split(","))
    filled = ((*row, *same) for row in rows)
    writer.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", filled)
