"""What a crash or a closed page left behind: old, referenced by nothing, or done with.

Only what is older than 24 h is looked at, for what is newer may be on its way in. Ids
of content and identifiers tell when they were made, so only the days since a sweep
should have found them are looked through. The key of an interaction's text tells no
such thing: one without interaction is a suspect, and goes when it was one a day before.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from valv.archive.models import (
    Content,
    Identifier,
    Interaction,
    PlayHandle,
    PreparedFile,
    SharedCopy,
    StoredSearch,
)
from valv.core.ids import clamped_id_at
from valv.core.interaction import ContentState
from valv.lifecycle.models import Job, PrivacyRequest
from valv.storage import blobstore, keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant

AGE = timedelta(hours=24)
DAYS = 14
BATCH = 500
MOST_SUSPECTS = 10_000
NAME = re.compile(r"\d+/\d{8}/([0-9a-f]{1,16})\.[a-z_]+", re.ASCII)
LIVING = (ContentState.PRESENT.number, ContentState.AWAITING.number)
Known = Callable[[list[int]], set[int]]


def sweep(tenant: Tenant, *, now: datetime, since: datetime | None = None) -> int:
    """Remove old leftovers of one tenant; answers how many blobs and keys went.

    ``since`` is when a sweep last went through; without it, all days are looked at.
    """
    before = now - AGE
    after = None if since is None else min(since, now) - timedelta(days=DAYS)
    with scope.writing(tenant.id):
        StoredSearch.objects.filter(created_at__lt=before).delete()
        PlayHandle.objects.filter(created_at__lt=before).delete()
    gone = _sweep_keys(tenant, KeyKind.CONTENT, named_contents, after, before)
    gone += _sweep_keys(tenant, KeyKind.IDENTIFIER, named_identifiers, after, before)
    gone += _sweep_keys(tenant, KeyKind.JOB, named_jobs, after, before)
    keys.is_settled()
    folders = _folders(tenant, after, before)
    gone += sum(blobstore.sweep_temporary(f, older_than=before) for f in folders)
    return gone + _sweep_blobs(tenant, folders, before)


def named_contents(ids: list[int]) -> set[int]:
    """Contents that are there or awaited, copies and files. Inside a scope.

    A tombstone names no key.
    """
    rows = Content.objects.filter(id__in=ids, state__in=LIVING)
    found = {id_ for id_ in rows.values_list("id", flat=True) if id_ is not None}
    return found | _named_copies(ids)


def _named_copies(ids: list[int]) -> set[int]:
    found = set(SharedCopy.objects.filter(id__in=ids).values_list("id", flat=True))
    files = PreparedFile.objects.filter(id__in=ids)
    return found | set(files.values_list("id", flat=True))


def named_identifiers(ids: list[int]) -> set[int]:
    return set(Identifier.objects.filter(id__in=ids).values_list("id", flat=True))


def named_interactions(ids: list[int]) -> set[int]:
    return set(Interaction.objects.filter(id__in=ids).values_list("id", flat=True))


def named_jobs(ids: list[int]) -> set[int]:
    """Jobs and requests that still tell whom they are about; others name no key."""
    return {
        id_
        for model in (Job, PrivacyRequest)
        for id_ in model.objects.filter(id__in=ids, sealed__isnull=False).values_list(
            "id", flat=True
        )
    }


def nameless_keys(
    tenant: Tenant,
    kind: KeyKind,
    known: Known,
    *,
    since: int = 0,
    until: int | None = None,
) -> Iterator[int]:
    """Objects that have a key and no row."""
    bounds = {} if until is None else {"until": until}
    for ids in _batches(keys.ids_between(tenant.id, kind, since=since, **bounds)):
        with scope.reading(tenant.id):
            yield from set(ids) - known(ids)


def _sweep_keys(
    tenant: Tenant,
    kind: KeyKind,
    known: Known,
    after: datetime | None,
    before: datetime,
) -> int:
    """Keys that no row names: begun, never admitted."""
    since = 0 if after is None else clamped_id_at(after)
    until = clamped_id_at(before)
    orphans = list(nameless_keys(tenant, kind, known, since=since, until=until))
    if orphans:
        keys.destroy(tenant.id, {kind: orphans})
    return len(orphans)


def sweep_texts(tenant: Tenant, *, suspects: Iterable[int]) -> list[int]:
    """Destroy keys of interactions that are not there, and were suspects before.

    Answers those that are suspects now.
    """
    alone = nameless_keys(tenant, KeyKind.TEXT, named_interactions)
    found = list(islice(alone, MOST_SUSPECTS))
    guilty = set(found) & set(suspects)
    if guilty:
        keys.destroy(tenant.id, {KeyKind.TEXT: guilty})
        keys.is_settled()
    return [id_ for id_ in found if id_ not in guilty]


def _sweep_blobs(tenant: Tenant, folders: list[str], before: datetime) -> int:
    gone = 0
    for names in _batches(_old_blobs(folders, before)):
        content_of = {
            name: content_id
            for name in names
            if (content_id := _content_id(name)) is not None
        }
        with scope.reading(tenant.id):
            ids = list(content_of.values())
            rows = Content.objects.filter(id__in=ids).exclude(blob="")
            named = {id_ for row in rows if (id_ := row.id)} | _named_copies(ids)
        for name, content_id in content_of.items():
            if content_id not in named:
                blobstore.store().discard(name)
                gone += 1
    return gone


def _folders(tenant: Tenant, after: datetime | None, before: datetime) -> list[str]:
    """Those of the days looked at, or of all."""
    if after is None:
        return [str(tenant.id)]
    days = range((before - after).days + 1)
    return [f"{tenant.id}/{before - timedelta(days=d):%Y%m%d}" for d in days]


def _old_blobs(folders: list[str], before: datetime) -> Iterator[str]:
    """Blobs that came before a moment, in these folders."""
    store = blobstore.store()
    for folder in folders:
        # A claim is listed before it is discarded, so the listing is taken whole.
        for blob in list(store.list(folder)):
            if blob.modified_at < before:
                yield blob.key


def _content_id(blob_key: str) -> int | None:
    """The content a blob is of; None if its name is not one of ours: it is kept."""
    match = NAME.fullmatch(blob_key)
    return int(match[1], 16) if match else None


def _batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(items, BATCH)):
        yield batch
