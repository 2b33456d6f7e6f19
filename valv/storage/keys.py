"""Data keys: made, read and destroyed; each wrapped under its tenant's key.

To forget is to destroy a key, so this table lies in a database of its own that no data
backup holds. A key is committed before anything it seals is stored. Reading a key that
was destroyed yields nothing, and nothing can bring it back.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import lru_cache
from os import urandom
from typing import Any

from django.db import connections, transaction
from django.db.models import F

from valv.core.errors import Busy, Misconfigured
from valv.core.ids import ID_LIMIT
from valv.storage import masters
from valv.storage.models import KeyInstallation, SealingKey
from valv.storage.raw import is_sqlite, one_of
from valv.storage.scope import busy_if_locked
from valv.storage.sealed import unwrap, wrap

KEY_BYTES = 32
KEYS_DB = masters.KEYS_DB
OWNER_DB = "keys_owner"
BATCH = 500
MOST_REWRITTEN = 256 << 20  # bytes: two million keys, in two seconds or so


class KeyKind(IntEnum):
    """What a key opens. Of the ``TENANT_WIDE`` the object is the tenant."""

    TENANT = 0
    SEARCH = 1
    AUDIT = 2
    CONTENT = 3
    IDENTIFIER = 4
    TEXT = 5
    SIGNING = 6
    JOB = 7


# The plus keeps SQLite on the primary key, and off walking all the tenant's keys.
THESE_KEYS = "FROM sealing_key WHERE kind = %s AND {} AND +tenant_id = %s"
READ_KEYS = f"SELECT object_id, wrapped {THESE_KEYS}"
DESTROY_KEYS = f"DELETE {THESE_KEYS}"
RAISE_GENERATION = (
    "UPDATE key_installation SET generation = generation + 1 RETURNING generation"
)
ADD_KEY = (
    "INSERT INTO sealing_key (kind, object_id, tenant_id, wrapped)"
    " VALUES (%s, %s, %s, %s)"
)
KEEP_KEY = f"{ADD_KEY} ON CONFLICT DO NOTHING"
MAY_VACUUM = (
    "SELECT pg_get_userbyid(relowner), pg_relation_size(oid) FROM pg_class"
    " WHERE relname = 'sealing_key' AND relnamespace = 'public'::regnamespace"
    " AND pg_has_role(relowner, 'MEMBER')"
)
# Others' locks, but for those of a vacuum. What others do, a role may not know.
AT_IT = (
    "SELECT virtualtransaction FROM pg_locks JOIN pg_database d ON d.oid = database"
    " WHERE datname = current_database() AND relation = 'sealing_key'::regclass"
    " AND mode <> 'ShareUpdateExclusiveLock'"
)
# One that cuts off the file's empty end tries so for five seconds beside any other.
VACUUM_BESIDE = "VACUUM (TRUNCATE FALSE) sealing_key"
TENANT_WIDE = (KeyKind.TENANT, KeyKind.SEARCH, KeyKind.AUDIT, KeyKind.SIGNING)


def context_of(tenant_id: int, kind: KeyKind, object_id: int) -> bytes:
    return f"key:{tenant_id}:{kind.value}:{object_id}".encode()


def complete_for_tenant(tenant_id: int) -> None:
    """Make those of the tenant's own keys that a newer Valv has and it lacks."""
    held = SealingKey.objects.using(KEYS_DB).filter(object_id=tenant_id)
    there = set(held.filter(kind__in=TENANT_WIDE).values_list("kind", flat=True))
    create_for_tenant(tenant_id, [kind for kind in TENANT_WIDE if kind not in there])


def create_for_tenant(tenant_id: int, kinds: Iterable[KeyKind] = TENANT_WIDE) -> None:
    """Make the tenant's own keys. Raises IntegrityError if it has them."""
    with busy_if_locked(), transaction.atomic(using=KEYS_DB):
        one_at_a_time()
        under = masters.for_writing()
        SealingKey.objects.using(KEYS_DB).bulk_create(
            SealingKey(
                kind=kind,
                object_id=tenant_id,
                tenant_id=tenant_id,
                wrapped=wrap(
                    urandom(KEY_BYTES), under, context_of(tenant_id, kind, tenant_id)
                ),
            )
            for kind in kinds
        )


def one_at_a_time() -> None:
    """Let no other process wrap under a master key, or change it, until the commit.

    On SQLite the transaction itself does so.
    """
    row = KeyInstallation.objects.using(KEYS_DB)
    if connections[KEYS_DB].vendor == "postgresql":
        row = row.select_for_update()
    row.first()


@lru_cache(maxsize=4096)
def of_tenant(tenant_id: int, kind: KeyKind = KeyKind.TENANT) -> bytes:
    """One of the tenant's own keys. Raises Misconfigured if it is not there."""
    row = SealingKey.objects.filter(kind=kind, object_id=tenant_id).first()
    if row is None:
        raise Misconfigured(
            "The key database lacks a tenant's key. Restore the newest copy of it."
        )
    return masters.opened(bytes(row.wrapped), context_of(tenant_id, kind, tenant_id))


def digest(tenant_id: int, *parts: str | bytes) -> bytes:
    """The tenant's keyed hash (HMAC-SHA-256) over ``parts``: for exact look-up.

    Without the tenant's search key the hash of a known number cannot be told.
    """
    joined = b"\0".join(p.encode() if isinstance(p, str) else p for p in parts)
    key = of_tenant(tenant_id, KeyKind.SEARCH)
    return hmac.new(key, joined, hashlib.sha256).digest()


def create(
    tenant_id: int, kind: KeyKind, object_ids: Iterable[int]
) -> dict[int, bytes]:
    """Make and commit a new key for each object; durable at return.

    Raises IntegrityError if one of them has a key already, Busy if the key database
    stays locked.
    """
    made = {object_id: urandom(KEY_BYTES) for object_id in object_ids}
    _store(tenant_id, kind, made)
    return made


def keep(tenant_id: int, kind: KeyKind, made: Mapping[int, bytes]) -> None:
    """Commit keys that were only in memory; durable at return, and twice is once."""
    _store(tenant_id, kind, made, ignore_conflicts=True)


def _store(
    tenant_id: int,
    kind: KeyKind,
    made: Mapping[int, bytes],
    *,
    ignore_conflicts: bool = False,
) -> None:
    under = of_tenant(tenant_id)
    rows = [
        (
            kind.value,
            object_id,
            tenant_id,
            wrap(key, under, context_of(tenant_id, kind, object_id)),
        )
        for object_id, key in made.items()
    ]
    statement = KEEP_KEY if ignore_conflicts else ADD_KEY
    if not rows:
        return
    keys_db = connections[KEYS_DB]
    with (
        busy_if_locked(),
        transaction.atomic(using=KEYS_DB),
        keys_db.cursor() as cursor,
    ):
        cursor.executemany(statement, rows)


def read(tenant_id: int, kind: KeyKind, object_ids: Iterable[int]) -> dict[int, bytes]:
    """The keys that exist; a destroyed one is absent from the answer."""
    under = of_tenant(tenant_id)
    return {
        object_id: unwrap(wrapped, under, context_of(tenant_id, kind, object_id))
        for object_id, wrapped in _rows(tenant_id, kind, list(object_ids))
    }


def _rows(
    tenant_id: int, kind: KeyKind, object_ids: list[int]
) -> Iterable[tuple[int, bytes]]:
    with connections[KEYS_DB].cursor() as cursor:
        for start in range(0, len(object_ids), BATCH):
            where, part = one_of("object_id", object_ids[start : start + BATCH])
            given: list[Any] = [kind.value, *part, tenant_id]
            cursor.execute(READ_KEYS.format(where), given)
            for object_id, wrapped in cursor.fetchall():
                yield object_id, bytes(wrapped)


def ensure(
    tenant_id: int, kind: KeyKind, object_ids: Iterable[int]
) -> dict[int, bytes]:
    """The objects' keys, made where there is none. Never call for a forgotten one."""
    wanted = list(dict.fromkeys(object_ids))
    found = read(tenant_id, kind, wanted)
    lacking = [object_id for object_id in wanted if object_id not in found]
    return found | (create(tenant_id, kind, lacking) if lacking else {})


def destroy(tenant_id: int, objects: Mapping[KeyKind, Iterable[int]]) -> int:
    """Destroy the keys, durably; those already gone are no error.

    Answers the new generation of the key database. After it, call ``is_settled``
    to learn whether the old bytes have left the file too. Raises Busy if the key
    database stays locked; then none is destroyed.
    """
    keys_db: Any = connections[KEYS_DB]
    with (
        busy_if_locked(),
        transaction.atomic(using=KEYS_DB),
        keys_db.wrap_database_errors,
    ):
        cursor = _cursor()
        for kind, object_ids in objects.items():
            where, ids = one_of("object_id", object_ids)
            given: list[Any] = [kind.value, *ids, tenant_id]
            cursor.execute(DESTROY_KEYS.format(where), given)
        cursor.execute(RAISE_GENERATION)
        (generation,) = cursor.fetchone() or (0,)
    return int(generation)


def _cursor() -> Any:
    """One that plans a statement once a connection; it is for one at a time."""
    keys_db: Any = connections[KEYS_DB]
    return keys_db.cursor() if is_sqlite() else keys_db.prepared_cursor()


def destroy_all(tenant_id: int, *, but: Iterable[KeyKind] = ()) -> bool:
    """Destroy a tenant's keys, its own too; answers as ``is_settled``."""
    with busy_if_locked(), transaction.atomic(using=KEYS_DB):
        held = SealingKey.objects.using(KEYS_DB).filter(tenant_id=tenant_id)
        held.exclude(kind__in=list(but)).delete()
        row = KeyInstallation.objects.using(KEYS_DB)
        row.update(generation=F("generation") + 1)
    of_tenant.cache_clear()
    return is_settled()


def lives(tenant_id: int, kind: KeyKind) -> bool:
    """Whether one of the tenant's own keys is there."""
    held = SealingKey.objects.using(KEYS_DB).filter(kind=kind, object_id=tenant_id)
    return held.exists()


def is_settled() -> bool:
    """Whether destroyed keys have left the key file and its log.

    SQLite: the write-ahead log is folded into the file (which overwrites what is
    deleted) and cut; false while a reader holds it. PostgreSQL: true, and the nightly
    VACUUM does the rest (see docs/storage.md).
    """
    connection = connections[KEYS_DB]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return True
    try:
        with busy_if_locked(), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
    except Busy:
        return False
    return bool(busy == 0)


def vacuum() -> bool:
    """Clear destroyed keys out of PostgreSQL's files; answers whether it was done.

    A table that is not large is written anew without them; of a large one, or while
    somebody is at it for long, the space is made free to reuse. For a transaction that
    stays nobody waits: all others would, behind. The application's role owns nothing
    and may not, so it is done as the owner where the URL names the administrator;
    elsewhere by autovacuum, which is set to follow closely (see docs/storage.md).
    SQLite has no need of it.
    """
    if OWNER_DB not in connections.databases:
        return connections[KEYS_DB].vendor == "sqlite"
    # A connection of its own: the administrator's is not kept open.
    gate: Any = connections[OWNER_DB]
    login = gate.get_connection_params()
    with (
        gate.wrap_database_errors,
        gate.Database.connect(**login, autocommit=True) as owner,
    ):
        found = owner.execute(MAY_VACUUM).fetchone()
        if found is None:
            return False
        role, size = found
        owner.execute(f"SET ROLE {gate.ops.quote_name(role)}")
        if _somebody_stays(owner):
            owner.execute(VACUUM_BESIDE)
        elif size > MOST_REWRITTEN:
            owner.execute("VACUUM sealing_key")
        elif not _rewritten(owner, gate):
            owner.execute(VACUUM_BESIDE)
    return True


def _somebody_stays(owner: Any) -> bool:
    """Whether a transaction is at the keys for longer than ours are."""
    now = set(owner.execute(AT_IT).fetchall())
    if now:
        owner.execute("SELECT pg_sleep(0.1)")
        now &= set(owner.execute(AT_IT).fetchall())
    return bool(now)


def _rewritten(owner: Any, gate: Any) -> bool:
    # An autovacuum gives way after a second (``deadlock_timeout``).
    owner.execute("SET lock_timeout = '3s'")
    try:
        owner.execute("VACUUM FULL sealing_key")
    except gate.Database.errors.LockNotAvailable:
        return False
    return True


def ids_between(
    tenant_id: int, kind: KeyKind, *, since: int = 0, until: int = ID_LIMIT
) -> Iterator[int]:
    """Objects of a kind that have a key, with ids from ``since`` to below ``until``."""
    last = since - 1
    while True:
        rows = SealingKey.objects.using(KEYS_DB).filter(
            tenant_id=tenant_id, kind=kind, object_id__gt=last, object_id__lt=until
        )
        listed = rows.order_by("object_id").values_list("object_id", flat=True)
        found = list(listed[:BATCH])
        if not found:
            return
        yield from found
        last = found[-1]
