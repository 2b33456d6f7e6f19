"""Changing the master key while serving, in steps that may each be the last.

``begin`` puts both keys in force, new writes first. ``rewrap`` moves what the old one
wraps, in batches. ``retire`` ends the old one, and only when no row uses it. Whatever
is cut short is gone on with by doing it again; until ``retire`` commits the archive
opens with either key, and from then on with the new one alone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from valv.core.errors import Conflict, Malformed
from valv.storage import masters
from valv.storage.keys import KEYS_DB, TENANT_WIDE, KeyKind, context_of, one_at_a_time
from valv.storage.models import KeyInstallation, MasterChange, SealingKey
from valv.storage.scope import busy_if_locked
from valv.storage.sealed import Tampered, unwrap, wrap

BATCH = 200
STILL_USED = "The old master key is still in use. Run `valv keys rotate` again."


def new_key() -> bytes | None:
    """The new key of a change under way; None if there is none."""
    change = masters.under_way()
    return None if change is None else masters.both_of(change)[1]


def begin(new: bytes, *, now: datetime) -> None:
    """Put the new key in force beside the old one; durable at return.

    Raises Conflict if a change is under way, Malformed if it is the key in force.
    """
    with busy_if_locked(), transaction.atomic(using=KEYS_DB):
        one_at_a_time()
        if masters.under_way() is not None:
            raise Conflict("The master key is being changed already.")
        old = masters.for_writing()
        if new == old:
            raise Malformed("That is the master key in force.", field="key")
        columns = masters.sealed_change(old=old, new=new)
        MasterChange.objects.using(KEYS_DB).create(begun_at=now, **columns)
    masters.learn()


def seconds_until(age: timedelta, *, now: datetime) -> float:
    """How long until the change under way has this age; 0 if there is none."""
    change = masters.under_way()
    left = timedelta() if change is None else change.begun_at + age - now
    return min(max(left, timedelta()), age).total_seconds()


def rewrap() -> int:
    """Wrap under the new key what the old one wraps; answers how many rows it was.

    A batch commits by itself. Rows that are under the new key already are left.
    """
    change = masters.under_way()
    if change is None:
        return 0
    old, new = masters.both_of(change)
    return sum(_rewrap(rows, old, new) for rows in _batches())


def _batches() -> Iterator[list[SealingKey]]:
    for kind in TENANT_WIDE:
        last = -1
        while True:
            rows = SealingKey.objects.using(KEYS_DB).filter(
                kind=kind, object_id__gt=last
            )
            found = list(rows.order_by("object_id")[:BATCH])
            if not found:
                break
            yield found
            last = found[-1].object_id


def _rewrap(rows: list[SealingKey], old: bytes, new: bytes) -> int:
    moved = 0
    with busy_if_locked(), transaction.atomic(using=KEYS_DB):
        for row in rows:
            wrapped, context = bytes(row.wrapped), _context(row)
            if _opens(wrapped, new, context):
                continue
            under_new = wrap(unwrap(wrapped, old, context), new, context)
            held = SealingKey.objects.using(KEYS_DB).filter(
                kind=row.kind, object_id=row.object_id
            )
            moved += held.filter(wrapped=wrapped).update(wrapped=under_new)
    return moved


def retire() -> None:
    """End the old key: it opens nothing any more. Raises Conflict if a row uses it.

    The operator's word that copies are kept is of the old key, and is taken back.
    """
    with busy_if_locked(), transaction.atomic(using=KEYS_DB):
        one_at_a_time()
        change = masters.under_way()
        if change is None:
            return
        _, new = masters.both_of(change)
        for rows in _batches():
            if not all(_opens(bytes(r.wrapped), new, _context(r)) for r in rows):
                raise Conflict(STILL_USED)
        KeyInstallation.objects.using(KEYS_DB).update(
            check_value=masters.check_value(new), copy_confirmed_at=None
        )
        change.delete(using=KEYS_DB)


def _context(row: SealingKey) -> bytes:
    return context_of(row.tenant_id, KeyKind(row.kind), row.object_id)


def _opens(wrapped: bytes, key: bytes, context: bytes) -> bool:
    try:
        unwrap(wrapped, key, context)
    except Tampered:
        return False
    return True
