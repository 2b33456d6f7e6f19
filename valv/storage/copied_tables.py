"""PostgreSQL's tables as files, and back: one file for each, as COPY writes them.

All are read in one transaction that sees one moment. The application's own role reads
and writes them, one tenant at a time, as row-level security wants it; numbers that the
database gives are set by the administrator. Sessions are not copied: all sign in anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from valv.storage.schema import ADMINISTRATORS

LEFT_OUT = ("django_", "auth_")
FIRST = ("installation", "tenant")
OWNED = "tenant_id"
FAR = 1 << 16
IN_DATA = "default"
TABLES = (
    "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p')"
    " AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
)
COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
    " AND NOT attisdropped ORDER BY attnum"
)
MONTHS = (
    "SELECT DISTINCT date_trunc('month', to_timestamp(({} >> 21) / 1000)"
    " AT TIME ZONE 'UTC')::date FROM {}"
)
PARTITIONED = (
    "SELECT a.attname FROM pg_partitioned_table p JOIN pg_attribute a"
    " ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]"
    " WHERE p.partrelid = %s::regclass"
)


def copy_out(alias: str, place: Path) -> dict[str, list[str]]:
    """Write each table into a file of the folder; answers their columns."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = {name: _columns(cursor, name) for name in _tables(cursor)}
        for name, columns in tables.items():
            with (place / f"{name}.copy").open("wb") as out:
                for chunk in _rows(cursor, alias, name, columns):
                    out.write(chunk)
    return tables


def _tables(cursor: Any) -> list[str]:
    cursor.execute(TABLES)
    names = [name for (name,) in cursor.fetchall() if not name.startswith(LEFT_OUT)]
    return sorted(names, key=lambda name: (name not in FIRST, name))


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(COLUMNS, [table])
    return [name for (name,) in cursor.fetchall()]


def _rows(cursor: Any, alias: str, table: str, columns: list[str]) -> Iterator[bytes]:
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
        named, sql.Identifier(table)
    )
    for _ in _tenants(cursor, alias, columns):
        with cursor.copy(statement) as copy:
            yield from map(bytes, copy)


def _tenants(cursor: Any, alias: str, columns: list[str]) -> Iterator[None]:
    """Announce each tenant in turn, where a table's rows are somebody's."""
    if alias != IN_DATA or OWNED not in columns:
        yield
        return
    cursor.execute("SELECT id FROM tenant ORDER BY id")
    for (tenant_id,) in cursor.fetchall():
        cursor.execute("SELECT set_config('valv.tenant', %s, true)", [str(tenant_id)])
        yield


def copy_in(alias: str, place: Path, tables: dict[str, list[str]]) -> None:
    """Fill the empty tables from the files, in one transaction."""
    numbers: dict[str, Any] = {}
    ordered = sorted(tables, key=lambda name: (name not in FIRST, name))
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        for name in ordered:
            _fill(cursor, alias, name, tables[name], place / f"{name}.copy")
            if "id" in tables[name]:
                cursor.execute("SELECT max(id) FROM coming")
                numbers[name] = cursor.fetchone()[0]
            cursor.execute("DROP TABLE coming")
    _set_numbers(alias, {name: n for name, n in numbers.items() if isinstance(n, int)})


def _fill(cursor: Any, alias: str, table: str, columns: list[str], file: Path) -> None:
    """By way of a temporary table: COPY FROM is refused under row-level security."""
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    target = sql.Identifier(table)
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE coming AS SELECT {} FROM {} LIMIT 0").format(
            named, target
        )
    )
    statement = sql.SQL("COPY coming ({}) FROM STDIN").format(named)
    with cursor.copy(statement) as copy, file.open("rb") as held:
        while chunk := held.read(FAR):
            copy.write(chunk)
    _ensure_months(cursor, table)
    add = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM coming").format(
        target, named, named
    )
    owned = alias == IN_DATA and OWNED in columns
    only = " WHERE tenant_id = current_setting('valv.tenant')::int" if owned else ""
    for _ in _tenants(cursor, alias, columns):
        cursor.execute(add + sql.SQL(only))


def _ensure_months(cursor: Any, table: str) -> None:
    cursor.execute(PARTITIONED, [table])
    found = cursor.fetchone()
    if found is None:
        return
    place = sql.Identifier(found[0]), sql.Identifier("coming")
    cursor.execute(sql.SQL(MONTHS).format(*place))
    for (month,) in cursor.fetchall():
        cursor.execute("SELECT valv_ensure_month(%s)", [month])


def _set_numbers(alias: str, numbers: dict[str, int]) -> None:
    """Let the database go on counting where it had come to."""
    owner = connections[ADMINISTRATORS[alias]]
    with owner.cursor() as cursor:
        for name, last in numbers.items():
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [name])
            sequence = cursor.fetchone()[0]
            if sequence is not None:
                cursor.execute("SELECT setval(%s::regclass, %s)", [sequence, last])
    owner.close()
