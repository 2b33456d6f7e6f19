"""A blob store in memory that polices whoever uses it, for tests.

It keeps the whole contract, and fails the caller who breaks it: a key put twice,
put after its discard, or read after its discard raises ``ContractBroken``, and is
remembered in ``breaches`` in case something swallows the error. It also fails on
demand, at a chosen step and in either way: before the store was changed, or after,
with only the answer lost. It loses everything with its process.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from threading import Lock

from valv.storage.blobs.contract import (
    BlobExists,
    BlobInfo,
    BlobMissing,
    BlobStoreFailed,
    checked_key,
    checked_prefix,
    checked_range,
)

CHUNK = 64 * 1024
FIRST_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


class Failure(Enum):
    """The two ways in which a step fails; the caller cannot tell them apart."""

    NOT_DONE = "not done"
    ANSWER_LOST = "done, but the answer was lost"


class ContractBroken(AssertionError):
    """The caller did what the contract forbids."""


class KeyReused(ContractBroken, BlobExists):
    """A key was put that has been put before."""


class ReadAfterDiscard(ContractBroken, BlobMissing):
    """A key was read that has been discarded."""


class MemoryStore:
    """A ``BlobStore`` that watches its caller; ``step`` counts the verbs called.

    Its clock, ``moment``, goes one second a put, unless a test sets it.
    """

    def __init__(self) -> None:
        self.moment = FIRST_MOMENT
        self.step = 0
        self.breaches: list[str] = []
        self._blobs: dict[str, tuple[bytes, datetime]] = {}
        self._used: set[str] = set()
        self._faults: dict[int, tuple[Failure, BaseException | None]] = {}
        self._lock = Lock()

    def fail_at(
        self, step: int, how: Failure, *, error: BaseException | None = None
    ) -> None:
        """Fail the step, counted from the first verb ever called, which is 1.

        ``error`` is raised in place of ``BlobStoreFailed``; an exception that is
        none (``BaseException``) plays the crash of the process.
        """
        self._faults[step] = (how, error)

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store the chunks durably under a new key; return their size in bytes."""
        checked_key(key)
        body = b"".join(chunks)
        self._step("store", key, lambda: self._put(key, body))
        return len(body)

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Give the bytes from ``start`` up to, not including, ``end``."""
        checked_key(key)
        checked_range(start, end)
        self._step("read", key, lambda: self._look(key))
        body = self._blobs[key][0][start:end]
        return (body[at : at + CHUNK] for at in range(0, len(body), CHUNK))

    def discard(self, key: str) -> None:
        """Remove the blob durably, if it is there."""
        checked_key(key)
        self._step("discard", key, lambda: self._discard(key))

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """Name the blobs in the folder ``prefix`` and the folders in it."""
        folder = f"{checked_prefix(prefix)}/".removeprefix("/")
        self._step("list", prefix, lambda: None)
        for key, (body, moment) in sorted(self._blobs.items()):
            if key.startswith(folder):
                yield BlobInfo(key, len(body), moment)

    def _step(self, verb: str, key: str, act: Callable[[], None]) -> None:
        with self._lock:
            self.step += 1
            how, error = self._faults.pop(self.step, (None, None))
            if how is not Failure.NOT_DONE:
                act()
            if how is not None:
                raise error or BlobStoreFailed(verb, key)

    def _put(self, key: str, body: bytes) -> None:
        if key in self._used:
            self.breaches.append(f"{key} was put twice")
            raise KeyReused(key)
        self.moment += timedelta(seconds=1)
        self._used.add(key)
        self._blobs[key] = (body, self.moment)

    def _look(self, key: str) -> None:
        if key in self._blobs:
            return
        if key in self._used:
            self.breaches.append(f"{key} was read after its discard")
            raise ReadAfterDiscard(key)
        raise BlobMissing(key)

    def _discard(self, key: str) -> None:
        self._blobs.pop(key, None)
        self._used.add(key)
