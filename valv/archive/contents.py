"""Content at rest: sealed under its own key, readable while that key lives.

In: the bytes are sealed and durable while their key is in memory only. ``promise``
then decides that they are to be destroyed, and ``admit`` commits key and row and takes
that back, in the transaction that asked whether they may be kept. So nothing opens that
nobody admitted, wherever a crash comes; bytes that have no key the sweeper takes after
24 h. Out: a tombstone stays as long as the interaction, and nothing is admitted over
it.

While it is not known whether content may be kept, its row stands as *awaiting*, its
bytes named and ``provisional``: whoever asks for what is present never comes upon it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from os import urandom
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from valv.archive import prepared
from valv.archive.models import Content, PreparedFile, SharedCopy
from valv.core.errors import Gone
from valv.core.ids import moment_of
from valv.core.interaction import ContentKind, ContentState
from valv.core.mentions import hidden
from valv.storage import blobstore, intents, keys, scope
from valv.storage.columns import stored
from valv.storage.ids import inner_id
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import one_of_months, ours, rows
from valv.storage.sealed import SealedReader, blob_context, seal

PEAKS = "peaks"
FILE = "zip"
REMOVED = (ContentState.DELETED, ContentState.EXPIRED, ContentState.REFUSED)


class Held(NamedTuple):
    """Of a content row, what it takes to end it."""

    id: int | None
    interaction_id: int
    kind: int
    state: int
    blob: str
    peaks_blob: str


@dataclass(frozen=True, slots=True)
class Sealing:
    """Content on its way in: what names it, its key, and what is stored so far.

    ``promise`` is the intent that ends it unless it is admitted.
    """

    tenant_id: int
    id: int
    key: bytes
    blob: str = ""
    stored_bytes: int = 0
    peaks_blob: str = ""
    peaks_stored_bytes: int | None = None
    promise: Intent | None = None


def begin(tenant_id: int, *, now: datetime) -> Sealing:
    """Draw the key for content that is to come; it is in memory alone."""
    content_id = inner_id(now)
    return Sealing(tenant_id, content_id, urandom(keys.KEY_BYTES))


def store(sealing: Sealing, kind: ContentKind, chunks: Iterable[bytes]) -> Sealing:
    """Seal the bytes into the blob store as they come; durable at return."""
    blob, size = _put(sealing, kind.value, chunks)
    return replace(sealing, blob=blob, stored_bytes=size)


def store_peaks(sealing: Sealing, peaks: bytes) -> Sealing:
    """Seal a recording's waveform beside it, under the same key."""
    blob, size = _put(sealing, PEAKS, [peaks])
    return replace(sealing, peaks_blob=blob, peaks_stored_bytes=size)


def store_file(sealing: Sealing, chunks: Iterable[bytes]) -> Sealing:
    """Seal a prepared file as it is made, as ``store`` does content."""
    blob, size = _put(sealing, FILE, chunks)
    return replace(sealing, blob=blob, stored_bytes=size)


def _put(sealing: Sealing, role: str, chunks: Iterable[bytes]) -> tuple[str, int]:
    blob = f"{folder_of(sealing.tenant_id, sealing.id)}/{sealing.id:x}.{role}"
    context = blob_context(sealing.tenant_id, object_id=sealing.id, role=role)
    sealed = seal(chunks, key=sealing.key, context=context)
    return blob, blobstore.store().put(blob, sealed)


def folder_of(tenant_id: int, content_id: int) -> str:
    """Blobs lie in a folder for each day they came, so that the sweeper looks there."""
    return f"{tenant_id}/{moment_of(content_id):%Y%m%d}"


def promise(sealings: Iterable[Sealing], *, now: datetime) -> list[Sealing]:
    """Decide to destroy stored content of one tenant, unless it is admitted next."""
    listed = list(sealings)
    if not listed:
        return []
    blobs = {one.id: _blobs(one) for one in listed}
    tenant_id = listed[0].tenant_id
    promised = intents.promise(tenant_id, KeyKind.CONTENT, blobs, now=now)
    pairs = zip(listed, promised, strict=True)
    return [replace(sealing, promise=intent) for sealing, intent in pairs]


def abandon(sealing: Sealing) -> None:
    """Destroy content that was not admitted, before anything is answered."""
    if sealing.promise is not None:
        intents.break_promise(sealing.tenant_id, sealing.promise)
        return
    for blob in _blobs(sealing):
        blobstore.store().discard(blob)


def _blobs(sealing: Sealing) -> list[str]:
    return [blob for blob in (sealing.blob, sealing.peaks_blob) if blob]


def admit(row: Content, sealing: Sealing, *, provisional: bool = False) -> None:
    """Commit the key and name the bytes in their row, inside the ``writing`` scope.

    Whoever calls it has asked in this scope whether they may be kept. Raises Gone if
    the row became a tombstone meanwhile, and Busy; then ``abandon``.
    """
    raise_if_final(row)
    redeem(sealing)
    row.id = sealing.id
    show(row, on=not provisional)
    row.blob, row.stored_bytes = sealing.blob, sealing.stored_bytes
    row.peaks_blob = sealing.peaks_blob
    row.peaks_stored_bytes = sealing.peaks_stored_bytes
    row.save()


def redeem(sealing: Sealing) -> None:
    """Commit the key of what was promised, inside the ``writing`` scope that admits.

    Raises Busy if it was taken for lost.
    """
    if sealing.promise is None:
        raise RuntimeError("Content is promised before it is admitted.")
    intents.redeem(sealing.promise.id)
    keys.keep(sealing.tenant_id, KeyKind.CONTENT, {sealing.id: sealing.key})


def show(row: Content, *, on: bool) -> None:
    """Let content be there for all to find, or for nobody; the row is not saved."""
    row.state = (ContentState.PRESENT if on else ContentState.AWAITING).number
    row.provisional = not on
    row.removed_at, row.removed_by, row.removed_reason = None, "", ""


def has_bytes(row: Content) -> bool:
    """Whether bytes of it are held; a chat that is still told has none of its own."""
    return bool(row.blob)


def is_secret(row: Content) -> bool:
    """Whether bytes are held that nobody is shown."""
    return bool(row.provisional and row.blob)


def raise_if_final(row: Content | None) -> None:
    """As ``raise_if_removed``, but for a refusal that may yet be taken back."""
    if row is not None and not row.provisional:
        raise_if_removed(row)


def raise_if_removed(row: Content | None) -> None:
    """Raises Gone, with the reason, for what was deleted, refused or has expired."""
    if row is not None and ContentState.numbered(row.state) in REMOVED:
        state = ContentState.numbered(row.state).value
        raise Gone(f"This content is gone: {hidden(row.removed_reason) or state}.")


def row_of(interaction_id: int, kind: ContentKind, n: int) -> Content | None:
    which = "AND interaction_id = %s AND kind = %s AND n = %s"
    return next(iter(stored(Content, which, [interaction_id, kind.number, n])), None)


def rows_of(interaction_ids: Iterable[int]) -> list[Content]:
    """All content rows of some interactions, tombstones too, in order of kind and n."""
    where, bound = one_of_months("interaction_id", list(interaction_ids))
    return stored(Content, f"AND {where} ORDER BY interaction_id, kind, n", bound)


def held_of(interaction_ids: Iterable[int]) -> list[Held]:
    """As ``rows_of``, for those that end, in any order."""
    where, bound = one_of_months("interaction_id", list(interaction_ids))
    sql = f"SELECT {', '.join(Held._fields)} FROM content WHERE {ours()} AND {where}"  # noqa: S608
    return [Held(*row) for row in rows(sql, [scope.current(), *bound])]


def reader(row: Content) -> SealedReader | None:
    """Open present content for reading ranges; None if its key no longer lives."""
    return _reader(
        row, ContentKind.numbered(row.kind).value, row.blob, row.stored_bytes
    )


def readers(rows: Iterable[Content]) -> dict[int, SealedReader]:
    """As ``reader`` for many, by content id; those whose key lives no more are absent.

    All are one tenant's.
    """
    held = {row.id: row for row in rows if row.id is not None and row.blob}
    if not held:
        return {}
    tenant_id = next(iter(held.values())).tenant_id
    living = keys.read(tenant_id, KeyKind.CONTENT, held)
    return {
        id_: _opened(
            row, key, ContentKind.numbered(row.kind).value, row.blob, row.stored_bytes
        )
        for id_, row in held.items()
        if (key := living.get(id_)) is not None and row.stored_bytes is not None
    }


def peaks_reader(row: Content) -> SealedReader | None:
    """Open a recording's waveform; None without one, or if the key no longer lives."""
    return _reader(row, PEAKS, row.peaks_blob, row.peaks_stored_bytes)


def copy_reader(copy: SharedCopy) -> SealedReader | None:
    """Open a shared copy; None if its key no longer lives."""
    role = ContentKind.numbered(copy.kind).value
    return _reader(copy, role, copy.blob, copy.stored_bytes)


def file_reader(file: PreparedFile) -> SealedReader | None:
    """Open a prepared file; None if its key no longer lives."""
    return _reader(file, FILE, file.blob, file.stored_bytes)


def _reader(
    row: Content | SharedCopy | PreparedFile,
    role: str,
    blob: str,
    stored_bytes: int | None,
) -> SealedReader | None:
    if row.id is None or not blob or stored_bytes is None:
        return None
    key = keys.read(row.tenant_id, KeyKind.CONTENT, [row.id]).get(row.id)
    return None if key is None else _opened(row, key, role, blob, stored_bytes)


def _opened(
    row: Content | SharedCopy | PreparedFile,
    key: bytes,
    role: str,
    blob: str,
    stored_bytes: int,
) -> SealedReader:
    def open_range(start: int, end: int | None) -> Iterator[bytes]:
        return blobstore.store().open(blob, start, end)

    context = blob_context(row.tenant_id, object_id=row.id or 0, role=role)
    return SealedReader(open_range, stored_bytes, key=key, context=context)


def read_whole(row: Content) -> bytes | None:
    """All of a chat log or transcript; None if its key no longer lives."""
    opened = reader(row)
    return None if opened is None else b"".join(opened.read())


def bury(
    row: Content, state: ContentState, *, by: str, reason: str, now: datetime
) -> list[Intent]:
    """Turn one row into a tombstone, inside the ``writing`` scope.

    Answers the committed intents to be carried out once the scope has closed. What was
    already removed stays as it was, and nothing is to do.
    """
    if ContentState.numbered(row.state) in REMOVED:
        return []
    going = doomed([row], now=now)
    entomb(row, state, by=by, reason=reason, now=now)
    return going


def entomb(
    row: Content, state: ContentState, *, by: str, reason: str, now: datetime
) -> None:
    """Turn a row into a tombstone, for whoever commits what is ``doomed`` too."""
    for name, value in _tombstone(state, by=by, reason=reason, now=now).items():
        setattr(row, name, value)
    row.save()


def entomb_all(
    rows: QuerySet[Content],
    state: ContentState,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> int:
    """As ``entomb``, for rows that nobody else can change now; answers how many."""
    return rows.update(**_tombstone(state, by=by, reason=reason, now=now))


def bury_all(
    kind: ContentKind,
    interaction_ids: Iterable[int],
    state: ContentState,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> tuple[int, list[Intent]]:
    """As ``bury``, for all present content of a kind in some interactions.

    Answers how many, and the intents.
    """
    rows = Content.objects.filter(
        interaction_id__in=list(interaction_ids),
        kind=kind.number,
        state=ContentState.PRESENT.number,
    )
    going = doomed(rows, now=now)
    return entomb_all(rows, state, by=by, reason=reason, now=now), going


def destruction_of(rows: Iterable[Content | Held], *, now: datetime) -> list[Intent]:
    """The end of keys and bytes of rows, and of all copies and files of them, now.

    Inside the ``writing`` scope that commits it.
    """
    held = {row.id: row for row in rows if row.id is not None}
    if not held:
        return []
    copies = SharedCopy.objects.filter(of_id__among=held)
    rooms = [(row.blob, row.peaks_blob) for row in held.values()]
    blobs = [blob for room in rooms for blob in room if blob]
    going = intents.intend(KeyKind.CONTENT, held, now=now, blob_keys=blobs)
    going += prepared.ending_with(Q(content_id__among=held), now=now)
    return going + doomed_copies(copies, now=now)


def doomed(rows: Iterable[Content], *, now: datetime) -> list[Intent]:
    """Commit the destruction of what rows name, inside the ``writing`` scope.

    Copies that were shared go with it: none outlives what it is a copy of (law 6).
    """
    return intents.commit(destruction_of(rows, now=now))


def doomed_copies(copies: QuerySet[SharedCopy], *, now: datetime) -> list[Intent]:
    """Take shared copies away, inside a ``writing`` scope: nothing finds them then.

    The intents are still to be committed.
    """
    listed = list(copies)
    if not listed:
        return []
    copies.filter(id__in=[copy.id for copy in listed]).delete()
    return copies_ending(listed, now=now)


def copies_ending(copies: Iterable[SharedCopy], *, now: datetime) -> list[Intent]:
    """The destruction of keys and bytes of copies whose rows are to go."""
    blobs = {copy.id: copy.blob for copy in copies}
    return intents.intend(KeyKind.CONTENT, blobs, now=now, blob_keys=blobs.values())


def withdraw_copies(row: Content, *, now: datetime) -> list[Intent]:
    """End the copies of content that may not be shown any more; it stays itself."""
    copies = SharedCopy.objects.filter(of_id=row.id or 0)
    ending = prepared.ending_with(Q(content_id=row.id or -1), now=now)
    return intents.commit(ending + doomed_copies(copies, now=now))


def _tombstone(
    state: ContentState, *, by: str, reason: str, now: datetime
) -> dict[str, Any]:
    return {
        "state": state.number,
        "provisional": False,
        "blob": "",
        "peaks_blob": "",
        "digest": None,
        "removed_at": now,
        "removed_by": by,
        "removed_reason": reason,
    }
