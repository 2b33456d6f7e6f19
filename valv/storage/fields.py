"""Columns that Django lacks."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from valv.core.entries import canonical
from valv.core.ids import from_unix_ms, unix_ms

if TYPE_CHECKING:
    _ST = TypeVar("_ST", contravariant=True)
    _GT = TypeVar("_GT", covariant=True)

    class _Field(models.Field[_ST, _GT]):
        # How the type checker is told what is assigned and what is read.
        _pyi_private_set_type: datetime
        _pyi_private_get_type: datetime
        _pyi_lookup_exact_type: datetime

else:
    _Field = models.Field


class InstantField(_Field):  # type: ignore[type-arg]  # generic for the checker only
    """An aware moment, stored as Unix milliseconds: the same number everywhere."""

    def get_internal_type(self) -> str:
        return "BigIntegerField"

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


class CanonicalJson(models.JSONField):
    """An object, stored as its one canonical text: the same bytes everywhere.

    What is hashed is what is stored. Looking inside it in SQL is given up.
    """

    def get_internal_type(self) -> str:
        return "TextField"

    def db_type(self, connection: Any) -> str | None:
        return models.TextField().db_type(connection)

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_db_prep_value(
        self,
        value: Any,
        connection: Any,
        prepared: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        return None if value is None else canonical(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, models.Expression):
            return value
        return self.get_db_prep_value(value, connection)
