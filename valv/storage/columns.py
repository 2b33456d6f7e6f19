"""Rows of models as the database takes and gives them, without the ORM's composing.

For what comes in by the thousand, and for what each of it asks: composing a query takes
many times as long as running it. A row that is written is complete before: nothing is
filled in, and no number is handed out by the database.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Model

from valv.core.ids import unix_ms
from valv.storage import raw, scope
from valv.storage.fields import InstantField

M = TypeVar("M", bound=Model)
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


def stored(
    model: type[M], then: str = "", parameters: Iterable[object] = ()
) -> list[M]:
    """Rows of the scope's tenant, as the ORM would make them.

    ``then`` goes on after the condition on the tenant, in SQL.
    """
    select, names, converters = _read(model)
    rows = raw.rows(f"{select} {then}", [scope.current(), *parameters])
    made = []
    for row in rows:
        values = list(row)
        for place, convert in converters:
            values[place] = convert(values[place])
        made.append(model.from_db(DEFAULT_DB_ALIAS, names, values))
    return made


@cache
def _read(model: type[Model]) -> tuple[str, list[str], list[tuple[int, Convert]]]:
    """How all the columns are asked for, their names, and what makes values of them."""
    fields = model._meta.concrete_fields
    listed = ", ".join(map(_selected, fields))
    converters: list[tuple[int, Convert]] = [
        (place, partial(_converted, made, field))
        for place, field in enumerate(fields)
        if (made := _makers(field))
    ]
    select = f"SELECT {listed} FROM {model._meta.db_table} WHERE {raw.ours()}"  # noqa: S608
    return select, [str(field.attname) for field in fields], converters


def _selected(field: "Field[Any, Any]") -> str:
    """JSON as its text, which the field itself reads."""
    as_text = isinstance(field, models.JSONField)
    return f"CAST({field.column} AS text)" if as_text else str(field.column)


def _makers(field: "Field[Any, Any]") -> list[Callable[..., Any]]:
    column: Any = field.cached_col
    by_database = connection.ops.get_db_converters(column)
    return [*by_database, *column.get_db_converters(connection)]


def _converted(
    makers: Sequence[Callable[..., Any]], field: "Field[Any, Any]", value: Any
) -> Any:
    for make in makers:
        value = make(value, field.cached_col, connection)
    return value
