"""Destruction in an order that survives a crash at any point.

Out: the intent is committed with its audit entry → the key is destroyed → the bytes
are discarded → the intent is taken away. What a crash leaves is finished by ``resume``
at the next start or night; doing a step twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from valv.storage import blobstore, keys, scope
from valv.storage.blobs.contract import BlobError
from valv.storage.keys import KeyKind
from valv.storage.models import Installation, Intent

BATCH = 500


def intend(
    kind: KeyKind, object_id: int, *, now: datetime, blob_keys: Iterable[str] = ()
) -> Intent:
    """Decide a destruction, inside the ``writing`` scope that records why."""
    return Intent(
        key_kind=kind, object_id=object_id, blobs=list(blob_keys), created_at=now
    )


def commit(intents: Iterable[Intent]) -> list[Intent]:
    """Store the intents with the transaction that is open."""
    return Intent.objects.bulk_create(list(intents), batch_size=BATCH)


def carry_out(tenant_id: int, intents: list[Intent]) -> bool:
    """Destroy keys, discard bytes, strike the intents. Call after the commit.

    Answers whether everything is gone for good; false means that old bytes of the key
    file are still held by a reader, and the intents stay for ``resume``. Raises what
    the blob store raised; then all keys are destroyed, and only the intents whose bytes
    could not be discarded stay.
    """
    if not intents:
        return True
    generation = keys.destroy(tenant_id, _keys_of(intents))
    done, failed = _discard(intents)
    settled = keys.is_settled()
    if settled:
        _strike(tenant_id, done, generation)
    if failed is not None:
        raise failed
    return settled


def _discard(intents: list[Intent]) -> tuple[list[int], BlobError | None]:
    """Discard what can be; answers the intents that are done, and the first error."""
    store, done, failed = blobstore.store(), [], None
    for intent in intents:
        try:
            for blob in intent.blobs:
                store.discard(blob)
        except BlobError as error:
            failed = failed or error
        else:
            done.append(intent.id)
    return done, failed


def _strike(tenant_id: int, done: list[int], generation: int) -> None:
    with scope.writing(tenant_id):
        Intent.objects.filter(id__in=done).delete()
        Installation.objects.filter(generation__lt=generation).update(
            generation=generation
        )


def _keys_of(intents: list[Intent]) -> dict[KeyKind, list[int]]:
    found: dict[KeyKind, list[int]] = defaultdict(list)
    for intent in intents:
        found[KeyKind(intent.key_kind)].append(intent.object_id)
    return found


def resume(tenant_id: int) -> bool:
    """Finish what was decided and not carried out. False if some of it stays.

    Goes through all of it even if some cannot be finished; then raises the last error.
    """
    settled, failed, last = True, None, 0
    while waiting := _waiting(tenant_id, after=last):
        last = waiting[-1].id
        try:
            settled &= carry_out(tenant_id, waiting)
        except BlobError as error:
            failed = error
    if failed is not None:
        raise failed
    return settled


def _waiting(tenant_id: int, *, after: int) -> list[Intent]:
    with scope.reading(tenant_id):
        return list(Intent.objects.filter(id__gt=after).order_by("id")[:BATCH])
