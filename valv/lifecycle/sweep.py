"""What a crash or a closed page left behind: old, referenced by nothing, or done with.

Only what is older than 24 h is looked at, for what is newer may be on its way in; and
only what came in the days since a sweep should have found it, so that the work does
not grow with the archive.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from valv.archive.models import Content, PlayHandle, StoredSearch
from valv.core.ids import first_id_at
from valv.storage import blobstore, keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant

AGE = timedelta(hours=24)
DAYS = 14
BATCH = 500


def sweep(tenant: Tenant, *, now: datetime) -> int:
    """Remove old leftovers of one tenant; answers how many blobs and keys went."""
    before = now - AGE
    with scope.writing(tenant.id):
        StoredSearch.objects.filter(created_at__lt=before).delete()
        PlayHandle.objects.filter(created_at__lt=before).delete()
    return _sweep_keys(tenant, before) + _sweep_blobs(tenant, before)


def _sweep_keys(tenant: Tenant, before: datetime) -> int:
    """Content keys that no row names: begun, never admitted."""
    gone = 0
    for ids in _batches(_recent_keys(tenant, before)):
        orphans = set(ids) - _named(tenant, ids)
        if orphans:
            keys.destroy(tenant.id, {KeyKind.CONTENT: orphans})
            gone += len(orphans)
    keys.is_settled()
    return gone


def _recent_keys(tenant: Tenant, before: datetime) -> Iterator[int]:
    since = first_id_at(before - timedelta(days=DAYS))
    return keys.ids_between(
        tenant.id, KeyKind.CONTENT, since=since, until=first_id_at(before)
    )


def _sweep_blobs(tenant: Tenant, before: datetime) -> int:
    store, gone = blobstore.store(), 0
    days = (before - timedelta(days=ago) for ago in range(DAYS))
    named_by = {
        blob.key: _content_id(blob.key)
        for day in days
        for blob in store.list(f"{tenant.id}/{day:%Y%m%d}")
        if blob.modified_at < before
    }
    for names in _batches(iter(named_by)):
        known = _named(tenant, [named_by[name] for name in names])
        for name in names:
            if named_by[name] not in known:
                store.discard(name)
                gone += 1
    return gone


def _content_id(blob_key: str) -> int:
    return int(blob_key.rpartition("/")[2].partition(".")[0], 16)


def _named(tenant: Tenant, content_ids: Iterable[int]) -> set[int]:
    """Those that a present row names; a tombstone names no bytes."""
    with scope.reading(tenant.id):
        rows = Content.objects.filter(id__in=list(content_ids)).exclude(blob="")
        return {id_ for id_ in rows.values_list("id", flat=True) if id_ is not None}


def _batches(items: Iterator[int] | Iterator[str]) -> Iterator[list]:  # type: ignore[type-arg]
    while batch := list(islice(items, BATCH)):
        yield batch
