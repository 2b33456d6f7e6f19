"""Rows by hand-written SQL, prepared once a connection: the hot paths.

Works in the transaction of the scope that is open, and in none else. Placeholders are
``%s`` on both databases. It refuses to run outside a scope, and does not know whose
rows a statement asks for: every statement binds ``scope.current()`` itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, connections

from valv.storage import scope

Rows = list[tuple[Any, ...]]


def rows(sql: str, parameters: Sequence[object], *, prepared: bool = True) -> Rows:
    """All the rows of one statement, as plain tuples of what the database holds.

    A statement that is not ``prepared`` is planned anew for the very values it binds,
    which pays where there are thousands of them.
    """
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
        cursor = wrapped.prepared_cursor()
        cursor.execute(sql, parameters, prepare=prepared, binary=True)
        return list(cursor.fetchall())


def change(sql: str, parameters: Sequence[object]) -> int:
    """Run one statement that changes rows; answers how many."""
    scope.current()
    wrapped: Any = connections[DEFAULT_DB_ALIAS]
    if wrapped.force_debug_cursor:
        with wrapped.cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return int(cursor.rowcount)
    with wrapped.wrap_database_errors:
        if wrapped.vendor == "sqlite":
            text = _with_question_marks(sql)
            return int(wrapped.connection.execute(text, parameters).rowcount)
        cursor = wrapped.prepared_cursor()
        return int(cursor.execute(sql, parameters, prepare=True).rowcount)


def insert(
    table: str,
    columns: Mapping[str, str],
    given: Sequence[Sequence[object]],
    *,
    or_else: str = "",
) -> None:
    """Insert rows of the scope's tenant; ``columns`` give each one's type.

    ``or_else`` says what to do if one is there: by default, to fail.
    """
    tenant_id = scope.current()
    names, marks = ", ".join(columns), ", ".join("%s" for _ in columns)
    into = f"INSERT INTO {table} (tenant_id, {names})"
    each = f"{into} VALUES (%s, {marks}) {or_else}"
    if len(given) == 1:
        change(each, [tenant_id, *given[0]])
    elif is_sqlite():
        many(each, [(tenant_id, *row) for row in given])
    elif given:
        marks = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        sql = f"{into} SELECT %s, * FROM unnest({marks}) {or_else}"  # noqa: S608
        change(sql, [tenant_id, *map(list, zip(*given, strict=True))])


def ours() -> str:
    """A condition that rows are the scope's tenant's; bind ``scope.current()``.

    SQLite is told that many are, or it walks all of them to find a few hundred.
    """
    return "likelihood(tenant_id = %s, 0.01)" if is_sqlite() else "tenant_id = %s"


def many(sql: str, listed: Sequence[Sequence[object]]) -> None:
    """Run one statement, prepared once, with each of these parameters."""
    scope.current()
    wrapped: Any = connections[DEFAULT_DB_ALIAS]
    if not listed:
        return
    if wrapped.force_debug_cursor:
        with wrapped.cursor() as cursor:
            cursor.executemany(sql, listed)
        return
    with wrapped.wrap_database_errors:
        if wrapped.vendor == "sqlite":
            wrapped.connection.executemany(_with_question_marks(sql), listed)
        else:
            wrapped.prepared_cursor().executemany(sql, listed)


def one_of(column: str, values: Iterable[int | str]) -> tuple[str, list[object]]:
    """A condition that the column is one of ``values``, and its one parameter.

    The text is the same for any number of values, so it is prepared once.
    """
    if is_sqlite():
        text = msgspec.json.encode(list(values)).decode()
        return f"{column} IN (SELECT value FROM json_each(%s))", [text]  # noqa: S608
    return f"{column} = ANY(%s)", [list(values)]


def one_of_months(column: str, values: Sequence[int]) -> tuple[str, list[object]]:
    """As ``one_of`` of a partition key: other months than theirs are not looked in.

    There are some.
    """
    where, bound = one_of(column, values)
    if is_sqlite() or not values:
        return where, bound
    return f"{where} AND {column} BETWEEN %s AND %s", [*bound, min(values), max(values)]


@lru_cache(maxsize=1)
def is_sqlite() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "sqlite"


@lru_cache(maxsize=1024)
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


def _watched(wrapped: Any, sql: str, parameters: Sequence[object]) -> Rows:
    """By Django's cursor, so that its queries can be counted."""
    with wrapped.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return [tuple(row) for row in cursor.fetchall()]
