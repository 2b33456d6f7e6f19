"""Columns that Django lacks."""

from datetime import datetime
from typing import Any

from django.db import models

from valv.core.ids import from_unix_ms, unix_ms

class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """An aware moment, stored as Unix milliseconds: the same number everywhere."""

    def from_db_value(self, value: Any, *_: Any) -> datetime | None:
        return None if value is None else from_unix_ms(value)

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return from_unix_ms(int(value))

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, datetime):
            return unix_ms(value)
        return None if value is None else int(value)
