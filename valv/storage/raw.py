"""Rows by hand-written SQL, prepared once a connection: the hot path of reading.

Works in the transaction of the scope that is open, and in none else. Placeholders are
``%s`` on both databases. It refuses to run outside a scope, and does not know whose
rows a statement asks for: every statement binds ``scope.current()`` itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from valv.storage import scope

PREPARE_AT_ONCE = 0
MOST_PREPARED = 300

Rows = list[tuple[Any, ...]]


def rows(sql: str, parameters: Sequence[object]) -> Rows:
    """All the rows of one statement, as plain tuples of what the database holds."""
    scope.current()
    wrapped: Any = connections[DEFAULT_DB_ALIAS]
    if wrapped.force_debug_cursor:
        return _watched(wrapped, sql, parameters)
    with wrapped.wrap_database_errors:
        if wrapped.vendor == "sqlite":
            found: Rows = wrapped.connection.execute(
                _with_question_marks(sql), parameters
            ).fetchall()
            return found
        cursor = psycopg.Cursor(_preparing(wrapped.connection))
        return cursor.execute(sql, parameters, prepare=True, binary=True).fetchall()


def is_sqlite() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "sqlite"


@lru_cache(maxsize=1024)
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


def _preparing(connection: Any) -> Any:
    if connection.prepare_threshold is None:
        connection.prepare_threshold = PREPARE_AT_ONCE
        connection.prepared_max = MOST_PREPARED
    return connection


def _watched(wrapped: Any, sql: str, parameters: Sequence[object]) -> Rows:
    """By Django's cursor, so that its queries can be counted."""
    with wrapped.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return [tuple(row) for row in cursor.fetchall()]
