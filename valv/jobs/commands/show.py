"""``valv show``: one interaction's general information, by id or session id."""

import argparse
from typing import Any

import msgspec

from valv.archive.access import by_session
from valv.archive.items import Item
from valv.archive.queries import see
from valv.core.errors import NotFound
from valv.core.permissions import Right
from valv.jobs.command import OK, Asked
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.queries import tenant_by_slug

HELP = "show one interaction"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("which", help="its id, or the source's session id")


def run(asked: Asked) -> int:
    caller = Caller(tenant_by_slug(asked.tenant), asked.actor, frozenset(Right))
    item = _seen(caller, asked)
    asked.answer(item, _plain(item))
    return OK


def _seen(caller: Caller, asked: Asked) -> Item:
    try:
        with scope.reading(caller.tenant.id):
            number: int | str = by_session(caller, asked.which).id
    except NotFound:
        number = asked.which
    return see(caller, number, now=asked.now)


def _plain(item: Item) -> str:
    fields: dict[str, Any] = msgspec.to_builtins(item)
    return "\n".join(
        f"{name.replace('_', ' '):15} {_words(value)}"
        for name, value in fields.items()
        if value not in (None, [], {}, False)
    )


def _words(value: Any) -> str:
    if isinstance(value, dict):
        known = {name: part for name, part in value.items() if part is not None}
        return ", ".join(f"{name} {_words(part)}" for name, part in known.items())
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    return "yes" if value is True else str(value)
