"""Writes that nobody would miss: not waited for, nor for others.

For what is kept in passing, many times a minute, and may be lost with the power, such
as a search under its id. Never for what law or person relies on. What is written so is
whole or absent, and durable with the next write that is waited for. What may even be
left out, such as when a token was last used, does not wait for whoever writes now.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from valv.storage import scope


@contextmanager
def writing_in_passing(tenant_id: int) -> Iterator[None]:
    """As ``scope.writing``, but a power cut may undo it. Outside of every scope."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _waiting_less(), scope.writing(tenant_id):
            yield
        return
    with scope.writing(tenant_id):
        if connection.vendor == "postgresql":
            _run("SET LOCAL synchronous_commit = off")
        yield


@contextmanager
def writing_if_free(tenant_id: int) -> Iterator[None]:
    """As ``scope.writing``, but Busy at once where another would be waited for."""
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        with _waiting_for_nobody(), scope.writing(tenant_id):
            yield
        return
    with scope.writing(tenant_id):
        _run("SET LOCAL lock_timeout = 1")
        yield


@contextmanager
def _waiting_for_nobody() -> Iterator[None]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
    _run("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        _run(f"PRAGMA busy_timeout = {usual}")


@contextmanager
def _waiting_less() -> Iterator[None]:
    """SQLite takes the pragma between transactions alone."""
    _run("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        _run("PRAGMA synchronous=FULL")


def _run(statement: str) -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement)
