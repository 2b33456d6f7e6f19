"""Looking for planted text in everything that is kept, byte by byte.

As it lies, and as it reads once every blob and every value is opened that a living key
opens.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from tests.environment import DATABASE
from tests.files import held_under
from tests.laws import opened
from tests.laws.forms import forms_of
from tests.peers.postgres import as_superuser

URLS = {"default": "VALV_DATABASE_URL", "keys": "VALV_KEYS_URL"}


def places_of(text: str) -> set[str]:
    """Where a text is found: files, tables, and what living keys open."""
    return places_of_any([text]).get(text, set())


def places_of_any(texts: Iterable[str]) -> dict[str, set[str]]:
    """As ``places_of``, for many at once; those found nowhere are absent."""
    forms = {text: forms_of(text) for text in texts}
    found: dict[str, set[str]] = defaultdict(set)
    for place, held in chain(_as_it_lies(), opened.everything()):
        for text, written in forms.items():
            if any(form in held for form in written):
                found[text].add(place)
    return dict(found)


def _as_it_lies() -> Iterator[tuple[str, bytes]]:
    for path, held in held_under(Path(settings.VALV_DATA)):
        yield path.name, held
    for alias, variable in URLS.items():
        if DATABASE == "postgresql":
            yield from tables(os.environ[variable])
        else:
            yield from _pages(alias)


def _pages(alias: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, and the free pages, as SQLite would write them."""
    connection: Any = connections[alias]
    connection.ensure_connection()
    yield alias, connection.connection.serialize()


def tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Every row as its text, as one who may see them all."""
    with psycopg.connect(as_superuser(url)) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND"
            " relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in names:
            table = sql.Identifier(name)
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(table))
            yield name, "\n".join(row for (row,) in rows).encode()
