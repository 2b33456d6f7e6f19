"""What every blob store promises, in four verbs.

**Keys.** One to ``MAX_KEY`` characters of ``a-z 0-9 _ . - /``, in segments of at
most ``MAX_SEGMENT``, none empty and none beginning with a dot. No key is the folder
of another. A key is used once: after ``discard`` it is never put again. Anything
else raises ``Malformed``.

**put** is durable and atomic: when it returns, the bytes survive the loss of power,
and nobody ever sees half of them. It is create-only: of any number of puts of one
key at most one returns, the others raise ``BlobExists``, and what was first stays.
The caller's iterator runs in the caller's thread and may itself read blobs; if it
raises, that error comes out and nothing is left. If put
raises ``BlobStoreFailed`` the caller knows nothing of the key save that no *other*
bytes are under it: put again under a new key, and leave the old one to the sweeper.

**open** looks before it answers: a missing key raises ``BlobMissing`` at the call,
not at the first byte. The range is that of a slice, ``blob[start:end]``: it is
clipped to what is there, and ``start`` past the end gives nothing. Chunks are never
empty, of any size up to a few MiB. A blob discarded while it is read may end in
``BlobMissing`` or run to its end, but never gives other bytes.

**discard** is durable and idempotent: when it returns the key is gone for everyone,
also after the loss of power, and a key never there is no error. It removes the
bytes as the store is able to; that they cannot be read is the destroyed key's doing.

**list** names every key under a folder (``""`` is all) that was there all the while,
once each, in no order; a key put or discarded meanwhile may or may not show. A put
cut short by a crash may show until it is discarded, and is safe to discard.
``modified_at`` is the store's own clock, in UTC.

**Concurrency.** A store may be shared by threads and processes, and reads its own
writes at once: put then open, discard then open, put then list.

**Errors.** ``BlobStoreFailed`` when the store cannot be reached, is full or answers
nonsense; the work may be tried again. No message holds more than the key.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from valv.core.errors import Malformed, ValvError

MAX_KEY = 512
MAX_SEGMENT = 128

_KEY = re.compile(r"[a-z0-9_-][a-z0-9_.-]*(?:/[a-z0-9_-][a-z0-9_.-]*)*", re.ASCII)


class BlobError(ValvError):
    """A blob store could not do as it was asked."""

    title = "Blob store"


class BlobExists(BlobError):
    """Something is under this key already; what was first stays."""

    def __init__(self, key: str) -> None:
        super().__init__(f"A blob is already stored as {key}.")


class BlobMissing(BlobError):
    """Nothing is under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"No blob is stored as {key}.")


class BlobStoreFailed(BlobError):
    """The store could not be reached, is full or answered nonsense."""

    status = 503

    def __init__(self, verb: str, key: str) -> None:
        super().__init__(f"The blob store failed to {verb} {key or 'its blobs'}.")


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """One stored blob: its size in bytes, and when the store says it came."""

    key: str
    size: int
    modified_at: datetime


class BlobStore(Protocol):
    """Bytes under keys; the module says what each verb promises."""

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store the chunks durably under a new key; return their size in bytes."""

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Give the bytes from ``start`` up to, not including, ``end``."""

    def discard(self, key: str) -> None:
        """Remove the blob durably, if it is there."""

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """Name the blobs in the folder ``prefix`` and the folders in it."""


def checked_key(key: str) -> str:
    """Return the key as it is; raise ``Malformed`` if no store may use it."""
    sizes = len(key) <= MAX_KEY and max(map(len, key.split("/"))) <= MAX_SEGMENT
    if not sizes or not _KEY.fullmatch(key):
        raise Malformed("That is no blob key.", field="key")
    return key


def checked_prefix(prefix: str) -> str:
    """Return the folder without a last slash; ``""`` is the whole store."""
    return checked_key(prefix.removesuffix("/")) if prefix else ""


def checked_range(start: int, end: int | None) -> None:
    """Refuse a range that counts from the end or runs backwards."""
    if start < 0 or (end is not None and end < start):
        raise Malformed("A range runs forward from zero or later.", field="range")
