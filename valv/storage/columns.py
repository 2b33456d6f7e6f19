"""Rows of models as the database takes them, written many at once without the ORM.

For what comes in by the thousand. A row is complete before: nothing is filled in, and
no number is handed out by the database.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models import Field, Model

from valv.core.ids import unix_ms
from valv.storage import raw
from valv.storage.fields import InstantField

Convert = Callable[[Any], Any]
AS_THEY_ARE = (
    models.BigIntegerField,
    models.BinaryField,
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.IntegerField,
    models.SmallIntegerField,
)


class Columns:
    """Some columns of a model: their names and types, and the values of a row."""

    def __init__(self, fields: "Iterable[Field[Any, Any]]") -> None:
        listed = list(fields)
        self.names = [str(field.attname) for field in listed]
        self.types = {
            str(field.attname): str(field.db_type(connection)) for field in listed
        }
        self._read = attrgetter(*self.names)
        self._converted = [
            (place, convert)
            for place, convert in enumerate(map(_converter, listed))
            if convert is not None
        ]

    def values(self, row: Model) -> list[Any]:
        """One value for each of the ``names``."""
        values = list(self._read(row))
        for place, convert in self._converted:
            if (value := values[place]) is not None:
                values[place] = convert(value)
        return values


def _converter(field: "Field[Any, Any]") -> Convert | None:
    if isinstance(field, InstantField):
        return unix_ms
    if type(field) in AS_THEY_ARE:
        return None
    return lambda value: field.get_db_prep_save(value, connection)


@cache
def _of(model: type[Model]) -> Columns:
    """All but the tenant's, which is the scope's."""
    fields = model._meta.concrete_fields
    return Columns(field for field in fields if field.attname != "tenant_id")


def insert(rows: Sequence[Model]) -> None:
    """Put in rows of one model. Raises IntegrityError if one is there already."""
    _put(rows, "")


def insert_new(rows: Sequence[Model]) -> None:
    """Put in those that are not there yet."""
    _put(rows, "ON CONFLICT DO NOTHING")


def _put(rows: Sequence[Model], or_else: str) -> None:
    if rows:
        columns, table = _of(type(rows[0])), rows[0]._meta.db_table
        given = [columns.values(row) for row in rows]
        raw.insert(table, columns.types, given, or_else=or_else)
