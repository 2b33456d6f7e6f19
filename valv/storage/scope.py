"""The one door to rows: a tenant's scope, which is also the transaction.

``reading`` and ``writing`` open a transaction that sees one tenant's rows and no
other's. Outside of them a tenant's tables refuse every query here, and PostgreSQL
shows no rows (row-level security on ``valv.tenant``). ``at_the_gate`` is for what must
be looked up before the tenant is known: who signs in, whose token this is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from valv.core.errors import Busy

# PostgreSQL: serialization failure, deadlock, lock not available.
TRY_AGAIN = frozenset({"40001", "40P01", "55P03"})
DISK_FULL = "53100"

_tenant: ContextVar[int | None] = ContextVar("valv_tenant", default=None)
_writing: ContextVar[bool] = ContextVar("valv_writing", default=False)
_gate: ContextVar[bool] = ContextVar("valv_gate", default=False)


class NoTenant(RuntimeError):
    """A query was tried outside every tenant's scope: a fault in the code."""


class OtherTenant(RuntimeError):
    """One tenant's scope was opened inside another's: a fault in the code."""


def current() -> int:
    """The tenant whose rows may be touched now; NoTenant if there is none."""
    tenant = _tenant.get()
    if tenant is None:
        raise NoTenant("No tenant's scope is open.")
    return tenant


def current_or_none() -> int | None:
    """As ``current``; None outside of every scope, where no row can be stored."""
    return _tenant.get()


def gate_is_open() -> bool:
    return _gate.get()


@contextmanager
def reading(tenant_id: int) -> Iterator[None]:
    """See one tenant's rows as of one moment. Writing inside is a fault."""
    if _tenant.get() is not None:
        _same(tenant_id)
        yield
        return
    with _entered(tenant_id, writes=False), _transaction(writes=False):
        yield


@contextmanager
def writing(tenant_id: int) -> Iterator[None]:
    """Change one tenant's rows, all or none; durable when the block is left.

    Nested in another ``writing`` of the same tenant it is part of that. Raises Busy
    if the store stays locked.
    """
    if _tenant.get() is not None:
        _same(tenant_id)
        if not _writing.get():
            raise RuntimeError("A reading scope cannot begin to write.")
        yield
        return
    with _entered(tenant_id, writes=True), _transaction(writes=True):
        yield


@contextmanager
def at_the_gate(*, writes: bool = False) -> Iterator[None]:
    """Look across tenants for who signs in or whose token it is, and no further."""
    token = _gate.set(True)
    try:
        with _transaction(writes=writes):
            yield
    finally:
        _gate.reset(token)


@contextmanager
def _entered(tenant_id: int, *, writes: bool) -> Iterator[None]:
    tenant, mode = _tenant.set(tenant_id), _writing.set(writes)
    try:
        yield
    finally:
        _tenant.reset(tenant)
        _writing.reset(mode)


def _same(tenant_id: int) -> None:
    if _tenant.get() != tenant_id:
        raise OtherTenant("Another tenant's scope is open.")


@contextmanager
def _transaction(*, writes: bool) -> Iterator[None]:
    outermost = not connections[DEFAULT_DB_ALIAS].in_atomic_block
    with (
        busy_if_locked(),
        _mode(outermost=outermost, writes=writes),
        transaction.atomic(savepoint=not outermost),
    ):
        yield


@contextmanager
def busy_if_locked() -> Iterator[None]:
    """Turn a store that is locked or full, or a deadlock, into Busy: try again."""
    try:
        yield
    except OperationalError as error:
        text, state = str(error), getattr(error.__cause__, "sqlstate", None)
        if "disk is full" in text or state == DISK_FULL:
            raise Busy("There is no room on disk to take this in now.") from None
        if "locked" in text or "busy" in text or state in TRY_AGAIN:
            raise Busy("The archive is busy. Try again in a moment.") from None
        raise


@contextmanager
def _mode(*, outermost: bool, writes: bool) -> Iterator[None]:
    """Tell PostgreSQL whose rows may be seen, and SQLite whether it is to write.

    SQLite takes its write lock at once when writing, and none when reading.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        reads = outermost and not writes
        connection.announce(_tenant.get(), gate=_gate.get(), one_moment=reads)
        try:
            yield
        finally:
            connection.withdraw()
    elif writes:
        yield
    else:
        connection.ensure_connection()  # for a new one has the mode of the settings
        connection.transaction_mode = "DEFERRED"
        try:
            yield
        finally:
            connection.transaction_mode = "IMMEDIATE"
