"""Destruction in an order that survives a crash at any point.

Out: the intent is committed with its audit entry → the key is destroyed → the bytes
are discarded → the intent is taken away. What a crash leaves is finished by ``resume``
at the next start or night; doing a step twice changes nothing.

In: the intent is committed before there is a key, and taken back by the transaction
that admits. So a crash in between leaves no living key of what nobody admitted.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from valv.core.errors import Busy
from valv.core.ids import unix_ms
from valv.storage import blobstore, keys, scope
from valv.storage.blobs.contract import BlobError
from valv.storage.keys import KeyKind
from valv.storage.models import Installation, Intent
from valv.storage.raw import is_sqlite, one_of, rows

BATCH = 500
AT_ONCE = 2000  # objects whose keys are destroyed in one short transaction
INSERT = (
    "INSERT INTO intent"
    " (tenant_id, key_kind, object_ids, blobs, arriving, created_at)"
    " SELECT %s, {} RETURNING id"
)
FROM_JSON = (
    "value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(%s)"
)
FROM_ARRAYS = (
    "kind, objects::jsonb, blobs::jsonb, arriving, created FROM unnest("
    "%s::smallint[], %s::text[], %s::text[], %s::boolean[], %s::bigint[])"
    " AS new (kind, objects, blobs, arriving, created)"
)


def intend(
    kind: KeyKind,
    object_ids: Iterable[int],
    *,
    now: datetime,
    blob_keys: Iterable[str] = (),
) -> list[Intent]:
    """Decide a destruction, inside the ``writing`` scope that records why.

    One intent for all the objects; none if there are none.
    """
    ids = list(object_ids)
    blobs = list(blob_keys)
    return (
        [Intent(key_kind=kind, object_ids=ids, blobs=blobs, created_at=now)]
        if ids
        else []
    )


def commit(intents: Iterable[Intent]) -> list[Intent]:
    """Store the intents with the transaction that is open."""
    listed = list(intents)
    for start in range(0, len(listed), BATCH):
        part = listed[start : start + BATCH]
        for intent, (id_,) in zip(part, _inserted(part), strict=True):
            intent.id = id_
    return listed


def _inserted(intents: list[Intent]) -> list[tuple[int]]:
    """The new ids, in the order of the intents."""
    told = [
        (
            int(one.key_kind),
            json.dumps(one.object_ids),
            json.dumps(one.blobs),
            one.arriving,
            unix_ms(one.created_at),
        )
        for one in intents
    ]
    if is_sqlite():
        return rows(INSERT.format(FROM_JSON), [scope.current(), json.dumps(told)])
    columns = [list(column) for column in zip(*told, strict=True)]
    return rows(INSERT.format(FROM_ARRAYS), [scope.current(), *columns])


def promise(
    tenant_id: int,
    kind: KeyKind,
    arriving: Mapping[int, Iterable[str]],
    *,
    now: datetime,
) -> list[Intent]:
    """Decide to destroy what is on its way in, durably, unless it is redeemed.

    ``arriving`` gives the blobs of each object.
    """
    with scope.writing(tenant_id):
        promised = [
            intent
            for object_id, blobs in arriving.items()
            for intent in intend(kind, [object_id], now=now, blob_keys=blobs)
        ]
        for intent in promised:
            intent.arriving = True
        return commit(promised)


def redeem(intent_id: int) -> None:
    """Take a promise back, inside the ``writing`` scope that admits, before its key.

    Raises Busy if another process has begun to keep it, taking this one for dead.
    """
    kept = Intent.objects.filter(id=intent_id, arriving=True).delete()
    if not kept[0]:
        raise Busy("It was taken for lost. Send it again.")


def break_promise(tenant_id: int, promised: Intent) -> None:
    """Destroy what was promised, unless it was admitted after all.

    For whoever met an error: a commit may have been done, and only its answer lost.
    """
    with scope.writing(tenant_id):
        standing = Intent.objects.filter(id=promised.id).update(arriving=False)
    if standing:
        carry_out(tenant_id, [promised])


def carry_out(tenant_id: int, intents: list[Intent]) -> bool:
    """Destroy keys, discard bytes, strike the intents. Call after the commit.

    Answers whether everything is gone for good; false means that old bytes of the key
    file are still held by a reader, and the intents stay for ``resume``. Raises what
    the blob store raised; then all keys are destroyed, and only intents of bytes that
    could not be discarded stay.
    """
    if not intents:
        return True
    generation = keys.destroy(tenant_id, keys_of(intents))
    failed = _discard(intents)
    settled = keys.is_settled()
    if settled:
        _strike(tenant_id, intents, generation)
    if failed is not None:
        raise failed
    return settled


def _discard(intents: list[Intent]) -> BlobError | None:
    """Discard what can be, and leave the rest named; answers the first error."""
    store, failed = blobstore.store(), None
    for intent in intents:
        left = []
        for blob in intent.blobs:
            try:
                store.discard(blob)
            except BlobError as error:
                failed = failed or error
                left.append(blob)
        intent.blobs = left
    return failed


def _strike(tenant_id: int, intents: list[Intent], generation: int) -> None:
    done = [intent.id for intent in intents if not intent.blobs]
    with scope.writing(tenant_id):
        Intent.objects.filter(id__among=done).delete()
        for intent in intents:
            if intent.blobs:
                Intent.objects.filter(id=intent.id).update(blobs=intent.blobs)
        Installation.objects.filter(generation__lt=generation).update(
            generation=generation
        )


def keys_of(intents: Iterable[Intent]) -> dict[KeyKind, list[int]]:
    found: dict[KeyKind, list[int]] = defaultdict(list)
    for intent in intents:
        found[KeyKind(intent.key_kind)] += intent.object_ids
    return found


def unfinished(kind: KeyKind, object_ids: Iterable[int]) -> list[Intent]:
    """What was decided about some objects and not carried out yet. Inside a scope."""
    ids = list(object_ids)
    if not ids:
        return []
    found = Intent.objects.filter(key_kind=kind, arriving=False)
    return list(found.filter(_of_some(ids)))


def _of_some(object_ids: list[int]) -> RawSQL:
    each = "json_each" if is_sqlite() else "jsonb_array_elements"
    where, bound = one_of("CAST(held.value AS bigint)", object_ids)
    sql = f"EXISTS (SELECT 1 FROM {each}(object_ids) AS held WHERE {where})"  # noqa: S608
    return RawSQL(sql, bound, BooleanField())  # noqa: S611


def resume(tenant_id: int, *, before: datetime | None = None) -> bool:
    """Finish what was decided, ``before`` then, and not carried out.

    What is arriving counts as that: whoever brings it is taken for dead, and learns it
    when it is redeemed. Answers whether all is gone for good. Goes through all of it
    even if some cannot be finished; then raises the last error.
    """
    _claim(tenant_id, _left(before))
    return finish(tenant_id, before=before)


def finish(tenant_id: int, *, before: datetime | None = None) -> bool:
    """As ``resume``, and lets what is arriving arrive."""
    settled, failed, last = True, None, 0
    while waiting := _waiting(tenant_id, _left(before), after=last):
        last = waiting[-1].id
        try:
            settled &= carry_out(tenant_id, waiting)
        except BlobError as error:
            failed = error
    if failed is not None:
        raise failed
    return settled


def _left(before: datetime | None) -> Q:
    return Q() if before is None else Q(created_at__lt=before)


def _claim(tenant_id: int, left: Q) -> None:
    """From here on nothing that was arriving can be admitted."""
    with scope.reading(tenant_id):
        if not Intent.objects.filter(left, arriving=True).exists():
            return
    with scope.writing(tenant_id):
        Intent.objects.filter(left, arriving=True).update(arriving=False)


def _waiting(tenant_id: int, left: Q, *, after: int) -> list[Intent]:
    with scope.reading(tenant_id):
        found = Intent.objects.filter(left, id__gt=after, arriving=False)
        waiting = list(found.order_by("id")[:BATCH])
    objects = accumulate(len(intent.object_ids) for intent in waiting)
    return waiting[: max(1, bisect_right(list(objects), AT_ONCE))]
