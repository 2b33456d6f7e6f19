"""Partitions: on PostgreSQL each month of interaction ids has tables of its own."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection

# Of the interactions' own table, which has a partition in every month that has any.
CLOSED = (
    "SELECT month FROM (SELECT to_date(right(c.relname, 6), 'YYYYMM') AS month"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'public.interaction'::regclass) AS known"
    " WHERE month + interval '1 month' <= %s ORDER BY month"
)


def ensure(months: Iterable[date]) -> None:
    """Make the partitions for months (first days) that have none. Durable.

    Call before the transaction that writes rows of these months.
    """
    if connection.vendor != "postgresql":
        return
    for month in sorted(set(months)):
        _ensured(month)


def forget() -> None:
    """Ask anew which months have partitions: another process may have dropped some."""
    _ensured.cache_clear()


def drop_empty(*, before: date) -> list[date]:
    """Drop the partitions of months before a day in which nobody has a row any more.

    With them goes what deleted rows leave in their files until they are vacuumed. A
    month that somebody reads or writes meanwhile stays, for the next time. Answers the
    months that went, by their first days.
    """
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(CLOSED, [before])
        gone = [month for (month,) in cursor.fetchall() if _dropped(cursor, month)]
    forget()
    return gone


def _dropped(cursor: Any, month: date) -> bool:
    cursor.execute("SELECT valv_drop_month(%s)", [month])
    return bool(cursor.fetchone()[0])


@lru_cache(maxsize=1200)
def _ensured(month: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT valv_ensure_month(%s)", [month])
