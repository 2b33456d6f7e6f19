"""Partitions: on PostgreSQL each month of interaction ids has tables of its own."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db import connection


def ensure(months: Iterable[date]) -> None:
    """Make the partitions for months (first days) that have none. Durable.

    Call before the transaction that writes rows of these months.
    """
    if connection.vendor != "postgresql":
        return
    for month in sorted(set(months)):
        _ensured(month)


@lru_cache(maxsize=1200)
def _ensured(month: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT valv_ensure_month(%s)", [month])
