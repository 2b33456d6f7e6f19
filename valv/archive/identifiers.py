"""Identifiers at rest: found by keyed hash, read by their own key.

A value stands once per tenant. Writing makes the key first, then the row; forgetting
destroys the key and blanks the row, and raises the tenant's epoch so that every cache
built before it is void.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from valv.archive.models import Epoch, Identifier
from valv.core.identifiers import Kind
from valv.storage import keys, scope
from valv.storage.columns import insert_new
from valv.storage.ids import inner_id
from valv.storage.keys import KeyKind
from valv.storage.raw import change, one_of, rows
from valv.storage.sealed import open_value, seal_value
from valv.tenants.models import Tenant

HASH_BYTES = 16
RAISE_EPOCH = "UPDATE epoch SET epoch = epoch + 1 WHERE tenant_id = %s"
KEPT = (
    "SELECT kind, hash, owner_id, id FROM identifier"
    " WHERE tenant_id = %s AND hash = ANY(%s) FOR KEY SHARE"
)
POINTED_AT = (
    "SELECT id FROM identifier WHERE tenant_id = %s AND id = ANY(%s)"
    " ORDER BY id FOR KEY SHARE"
)


class Shown(msgspec.Struct, frozen=True):
    """What is sealed of an identifier."""

    kind: Kind
    shown: str
    normal: str
    form: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """An identifier to be found or made. A name's ``owner_id`` says whose it is."""

    kind: Kind
    normal: str
    shown: str
    form: str
    owner_id: int = 0


def hash_of(tenant_id: int, kind: Kind, normal: str) -> bytes:
    """The tenant's keyed hash of a kind and normal form."""
    return keys.digest(tenant_id, "identifier", kind.value, normal)[:HASH_BYTES]


def context_of(tenant_id: int, identifier_id: int) -> bytes:
    return f"identifier:{tenant_id}:{identifier_id}".encode()


def lookup(tenant: Tenant, kind: Kind, normal: str) -> list[int]:
    """The ids of an exact value: one, or for a name as many as bear it."""
    found = Identifier.objects.filter(
        kind=kind.number, hash=hash_of(tenant.id, kind, normal)
    )
    return list(found.values_list("id", flat=True))


def living(identifier_ids: Iterable[int]) -> set[int]:
    """Those among them that are not forgotten. Inside a scope."""
    condition, ids = one_of("id", identifier_ids)
    found = rows(
        "SELECT id FROM identifier WHERE +tenant_id = %s AND sealed IS NOT NULL"  # noqa: S608
        f" AND {condition}",
        [scope.current(), *ids],
    )
    return {id_ for (id_,) in found}


def resolve(
    tenant: Tenant, wanted: Iterable[Wanted], *, now: datetime
) -> dict[Wanted, int]:
    """Find or make each identifier, inside a ``writing`` scope.

    A key is committed before the row it opens. Of two transactions that make the same
    value, one row stays and both get its id.
    """
    hashes = {one: hash_of(tenant.id, one.kind, one.normal) for one in wanted}
    found = _found(hashes)
    lacking = sorted(hashes.keys() - found.keys(), key=lambda one: hashes[one])
    if lacking:
        made = _make(tenant.id, {one: hashes[one] for one in lacking}, now=now)
        found |= _found({one: hashes[one] for one in lacking})
        _drop_losers(tenant.id, made, found)
    return found


def held(tenant: Tenant, wanted: Iterable[Wanted]) -> dict[Wanted, int]:
    """Those that there are. Inside a scope."""
    hashes = {one: hash_of(tenant.id, one.kind, one.normal) for one in wanted}
    found = Identifier.objects.filter(hash__in=set(hashes.values()))
    listed = found.values_list("kind", "hash", "owner_id", "id")
    return _among(hashes, listed)


def _found(hashes: dict[Wanted, bytes]) -> dict[Wanted, int]:
    return _among(hashes, _rows(set(hashes.values())))


def _among(
    hashes: dict[Wanted, bytes], there: Iterable[tuple[int, Any, int, int]]
) -> dict[Wanted, int]:
    known = {(kind, bytes(h or b""), owner): id_ for kind, h, owner, id_ in there}
    return {
        one: known[place]
        for one, hash_ in hashes.items()
        if (place := (one.kind.number, hash_, one.owner_id)) in known
    }


def _rows(hashes: set[bytes]) -> Iterable[tuple[int, bytes | None, int, int]]:
    """Rows with these hashes, which stay until the transaction has ended.

    Otherwise the night could take one away, that nothing pointed at yet, while it is
    given out here. SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(KEPT, [scope.current(), list(hashes)])
            return list(cursor.fetchall())
    found = Identifier.objects.filter(hash__in=hashes)
    listed = found.values_list("kind", "hash", "owner_id", "id")
    return [(kind, bytes(h or b""), owner, id_) for kind, h, owner, id_ in listed]


def keep(identifier_ids: Iterable[int]) -> None:
    """See that none of them is forgotten before this transaction has ended.

    Whoever forgets them waits, and sees what was committed here. SQLite has one writer
    at a time.
    """
    wanted = sorted(set(identifier_ids))
    if wanted and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(POINTED_AT, [scope.current(), wanted])


def _make(
    tenant_id: int, hashes: dict[Wanted, bytes], *, now: datetime
) -> dict[Wanted, int]:
    ids = {one: inner_id(now) for one in hashes}
    made = keys.create(tenant_id, KeyKind.IDENTIFIER, ids.values())
    insert_new(
        [
            Identifier(
                id=ids[one],
                kind=one.kind.number,
                owner_id=one.owner_id,
                hash=hash_,
                sealed=_sealed(tenant_id, ids[one], one, made[ids[one]]),
                written_at=now,
            )
            for one, hash_ in hashes.items()
        ]
    )
    return ids


def _sealed(tenant_id: int, identifier_id: int, one: Wanted, key: bytes) -> bytes:
    value = Shown(kind=one.kind, shown=one.shown, normal=one.normal, form=one.form)
    context = context_of(tenant_id, identifier_id)
    return seal_value(msgspec.json.encode(value), key=key, context=context)


def _drop_losers(
    tenant_id: int, made: dict[Wanted, int], found: dict[Wanted, int]
) -> None:
    """Keys of rows that another transaction made first open nothing: drop them."""
    losers = [id_ for one, id_ in made.items() if found.get(one) != id_]
    if losers:
        keys.destroy(tenant_id, {KeyKind.IDENTIFIER: losers})


def reveal(tenant_id: int, identifier_ids: Iterable[int]) -> dict[int, Shown]:
    """Decrypt identifiers; those without a living key are absent."""
    wanted = list(set(identifier_ids))
    found = Identifier.objects.filter(id__in=wanted, sealed__isnull=False)
    sealed = dict(found.values_list("id", "sealed"))
    opened = keys.read(tenant_id, KeyKind.IDENTIFIER, sealed)
    return {
        id_: open_shown(tenant_id, id_, bytes(sealed[id_] or b""), key)
        for id_, key in opened.items()
    }


def open_shown(tenant_id: int, identifier_id: int, sealed: bytes, key: bytes) -> Shown:
    context = context_of(tenant_id, identifier_id)
    return msgspec.json.decode(open_value(sealed, key=key, context=context), type=Shown)


def epoch() -> int:
    """How often something was forgotten in this tenant; read it in your own scope."""
    return Epoch.objects.values_list("epoch", flat=True).first() or 0


def raise_epoch() -> None:
    """Void every cache of this tenant, as part of the transaction that forgets."""
    if not change(RAISE_EPOCH, [scope.current()]):
        Epoch.objects.create(epoch=1)
