"""Partitions: on PostgreSQL each month of interaction ids has tables of its own."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

_known: set[date] = set()


def ensure(months: Iterable[date]) -> None:
    """Make the partitions for months (first days) that have none. Durable.

    Call before the transaction that writes rows of these months.
    """
    if connection.vendor != "postgresql":
        return
    for month in sorted(set(months) - _known):
        with connection.cursor() as cursor:
            cursor.execute("SELECT valv_ensure_month(%s)", [month])
        _known.add(month)
