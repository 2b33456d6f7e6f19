"""Looking for planted text in everything that is kept, byte by byte."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from tests.environment import DATABASE

URLS = {"default": "VALV_DATABASE_URL", "keys": "VALV_KEYS_URL"}


def forms_of(text: str) -> set[bytes]:
    """A text as it might lie somewhere: plain, wide, in hex or base64-free bytes."""
    plain = text.encode()
    return {plain, text.encode("utf-16-le"), plain.hex().encode()}


def places_of(text: str) -> set[str]:
    """Where a text is found: files of the data folder, and tables of PostgreSQL."""
    forms = forms_of(text)
    return {
        place for place, held in _everything() if any(form in held for form in forms)
    }


def _everything() -> Iterator[tuple[str, bytes]]:
    for path in Path(settings.VALV_DATA).rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    for alias, variable in URLS.items():
        if DATABASE == "postgresql":
            yield from _tables(os.environ[variable])
        else:
            yield from _pages(alias)


def _pages(alias: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, and the free pages, as SQLite would write them."""
    connection: Any = connections[alias]
    connection.ensure_connection()
    yield alias, connection.connection.serialize()


def _tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Every row as its text, as one who may see them all."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND"
            " relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in names:
            table = sql.Identifier(name)
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(table))
            yield name, "\n".join(row for (row,) in rows).encode()
