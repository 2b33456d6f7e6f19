"""Bodies made from the API's own types: one that is right, and each way to be wrong.

Every text in them is planted by the name of its field, so a field that is new tomorrow
is planted tomorrow, and whoever looks for it must know what became of it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

START = "2026-11-20T09:00:00.000Z"
URL = "https://valv.example/"
Plant = Callable[[str], str]


def right(type_: Any, where: str, plant: Plant) -> Any:
    """A value of the type with all its fields, each text planted."""
    return _right(inspect.type_info(type_), where, plant)


def wrong(type_: Any, where: str, plant: Plant) -> Iterator[Any]:
    """Values of the type with one thing wrong, and the wrong thing planted too."""
    yield from _wrong(inspect.type_info(type_), where, plant)


def _right(info: inspect.Type, where: str, plant: Plant) -> Any:
    match info:
        case inspect.Metadata(type=inner):
            return _right(inner, where, plant)
        case inspect.UnionType(types=types):
            return _right(max(types, key=_richness), where, plant)
        case inspect.StructType(fields=fields):
            return {
                one.encode_name: _right(one.type, f"{where}.{one.encode_name}", plant)
                for one in fields
            }
        case inspect.VarTupleType() | inspect.ListType():
            return [
                _right(one, f"{where}[]", plant) for one in _choices(info.item_type)
            ]
        case inspect.TupleType(item_types=items):
            return list(range(0, 10 * len(items), 10))
        case inspect.DictType(value_type=value):
            return {plant(f"{where}{{}}"): _right(value, f"{where}{{=}}", plant)}
        case inspect.StrType():
            return (URL if where.endswith(".url") else "") + plant(where)
        case _:
            return _plain(info)


def _plain(info: inspect.Type) -> Any:
    match info:
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.DateTimeType():
            return START
        case inspect.DateType():
            return START[:10]
        case inspect.IntType() | inspect.FloatType():
            return info.ge or 1
        case inspect.BoolType():
            return False
        case inspect.AnyType() | inspect.NoneType():
            return None
        case _:
            raise AssertionError(f"How is a {info} made?")


def _choices(info: inspect.Type) -> tuple[inspect.Type, ...]:
    """The forms an item of a list may have, such as an agent by id or with a name."""
    return info.types if isinstance(info, inspect.UnionType) else (info,)


def _richness(info: inspect.Type) -> int:
    """Of what a field may be, that which can hold most."""
    if isinstance(info, inspect.Metadata):
        return _richness(info.type)
    order = [
        inspect.BoolType, inspect.LiteralType, inspect.IntType, inspect.FloatType,
        inspect.EnumType, inspect.DateTimeType, inspect.StrType, inspect.ListType,
        inspect.VarTupleType, inspect.DictType, inspect.StructType,
    ]  # fmt: skip
    return order.index(type(info)) if type(info) in order else -1


def _wrong(info: inspect.Type, where: str, plant: Plant) -> Iterator[Any]:
    match info:
        case inspect.Metadata(type=inner):
            yield from _wrong(inner, where, plant)
        case inspect.UnionType(types=types):
            yield from _wrong(max(types, key=_richness), where, plant)
        case inspect.StructType():
            yield from _wrong_objects(info, where, plant)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _wrong_lists(info, where, plant)
        case inspect.StrType():
            yield {plant(f"{where}!"): [plant(f"{where}!=")]}
        case _:
            yield plant(f"{where}!")


def _wrong_lists(
    info: inspect.VarTupleType | inspect.ListType, where: str, plant: Plant
) -> Iterator[Any]:
    yield plant(f"{where}!")
    for one in _choices(info.item_type):
        yield from ([each] for each in _wrong(one, f"{where}[]", plant))


def _wrong_objects(info: inspect.StructType, where: str, plant: Plant) -> Iterator[Any]:
    """With a field too many, and with each field wrong."""
    whole = _right(info, where, plant)
    yield {**whole, plant(f"{where}.?"): plant(f"{where}.?=")}
    for one in info.fields:
        name = one.encode_name
        for value in _wrong(one.type, f"{where}.{name}", plant):
            yield {**whole, name: value}


def broken(body: Any) -> bytes:
    """JSON that breaks off in the middle."""
    return msgspec.json.encode(body)[:-2]
