"""Columns that Django lacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Whole Unix milliseconds of an aware moment, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(stored: int) -> datetime:
    return EPOCH + timedelta(milliseconds=stored)


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """An aware moment, stored as Unix milliseconds: the same number everywhere."""

    def from_db_value(self, value: Any, *_: Any) -> datetime | None:
        return None if value is None else from_ms(value)

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return from_ms(int(value))

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, datetime):
            return to_ms(value)
        return None if value is None else int(value)
