"""Blobs in a bucket of any S3-compatible store, over obstore.

S3 can refuse to overwrite (``If-None-Match: *``) only for what goes up in one piece.
So a small blob goes up in one piece, and a large one first puts a *claim*, an empty
object, under its key in that way and then goes up in parts, which replace the claim
as a whole. Every object carries a mark that its put made up, so that a put which got
no answer, or was told "exists" on its second try, can ask whether it is its own.

The bucket must be there, and must keep no versions and no locks, or a discarded
blob's bytes stay in it. No setting is read from the environment.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from queue import SimpleQueue
from secrets import token_hex
from threading import Semaphore
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    GenericError,
    PreconditionError,
)
from obstore.store import S3Store as Bucket

from valv.storage.blobs.contract import (
    BlobExists,
    BlobInfo,
    BlobMissing,
    BlobStoreFailed,
    checked_key,
    checked_prefix,
    checked_range,
)

if TYPE_CHECKING:
    from obstore.store import RetryConfig, S3Config, S3Credential

MIB = 1024 * 1024
ONE_PIECE = 8 * MIB  # held in memory; beyond it, parts of this size
PARTS_AT_ONCE = 2
CHUNKS_AHEAD = 2
WINDOW = 4 * MIB  # one ranged request, so that no slow reader keeps one open
RETRIES: "RetryConfig" = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
MARK = "valv-put"
CLAIM = "valv-claim"
PROBES = "probe"


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the bucket is, and how it is spoken to."""

    bucket: str
    endpoint: str
    region: str = "us-east-1"
    prefix: str = ""
    bucket_in_host: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class S3Secrets:
    """The key pair, and the token of a temporary one; never shown by ``repr``."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


class S3Store:
    """A ``BlobStore`` in a bucket."""

    def __init__(self, place: S3Place, *, secrets: S3Secrets) -> None:
        self.bucket = _bucket(place, secrets=secrets)

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store the chunks durably under a new key; return their size in bytes."""
        checked_key(key)
        rest = iter(chunks)
        head = _up_to(rest, ONE_PIECE)
        if len(head) < ONE_PIECE:
            self._put_new(key, head, mark=_new_mark())
            return len(head)
        return self._put_large(key, chain((head,), rest))

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Give the bytes from ``start`` up to, not including, ``end``."""
        checked_key(key)
        checked_range(start, end)
        stop = start + WINDOW if end is None else min(start + WINDOW, end)
        window, size = self._window(key, start=start, stop=stop)
        end = size if end is None else min(size, end)
        return self._windows(key, window, start=start, end=end)

    def discard(self, key: str) -> None:
        """Remove the blob durably, if it is there."""
        checked_key(key)
        with _failing_as("discard", key), suppress(FileNotFoundError):
            obstore.delete(self.bucket, key)

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """Name the blobs in the folder ``prefix`` and the folders in it."""
        folder = checked_prefix(prefix) or None
        with _failing_as("list", prefix):
            for batch in obstore.list(self.bucket, folder):
                for meta in batch:
                    yield BlobInfo(meta["path"], meta["size"], meta["last_modified"])

    def keeps_versions(self) -> bool:
        """Whether what is put now would stay in the bucket after it is discarded."""
        key = f"{PROBES}/{_new_mark()}"
        with _failing_as("store", key):
            put = obstore.put(self.bucket, key, b"", use_multipart=False)
        self.discard(key)
        return put["version"] not in {None, "null"}

    def _put_new(self, key: str, body: bytes, *, mark: str) -> None:
        """Put in one piece, unless anything is there that is not this very put."""
        try:
            obstore.put(
                self.bucket,
                key,
                body,
                mode="create",
                use_multipart=False,
                attributes={MARK: mark},
            )
        except (AlreadyExistsError, PreconditionError):
            if not self._holds(key, mark=mark, size=len(body)):
                raise BlobExists(key) from None
        except (BaseError, OSError) as error:
            if not self._holds(key, mark=mark, size=len(body)):
                raise BlobStoreFailed("store", key) from error

    def _put_large(self, key: str, chunks: Iterable[bytes]) -> int:
        mark = _new_mark()
        self._put_new(key, b"", mark=CLAIM + mark)
        try:
            return self._put_parts(key, chunks, mark=mark)
        except BaseException:
            # Whatever went wrong, what is under the key is this put's own.
            with suppress(BlobStoreFailed):
                self.discard(key)
            raise

    def _put_parts(self, key: str, chunks: Iterable[bytes], *, mark: str) -> int:
        feed = _Feed()
        with ThreadPoolExecutor(1) as pool:
            upload = pool.submit(self._upload, key, feed, mark=mark)
            upload.add_done_callback(lambda _: feed.stop())
            size = feed.carry(chunks)
        try:
            upload.result()
        except (BaseError, OSError) as error:
            if not self._holds(key, mark=mark, size=size):
                raise BlobStoreFailed("store", key) from error
        return size

    def _upload(self, key: str, feed: "_Feed", *, mark: str) -> None:
        obstore.put(
            self.bucket,
            key,
            feed,
            use_multipart=True,
            attributes={MARK: mark},
            chunk_size=ONE_PIECE,
            max_concurrency=PARTS_AT_ONCE,
        )

    def _holds(self, key: str, *, mark: str, size: int) -> bool:
        """Ask whether what lies under the key is what this put sent."""
        with _failing_as("store", key), suppress(FileNotFoundError):
            found = obstore.get(self.bucket, key, options={"head": True})
            return found.attributes.get(MARK) == mark and found.meta["size"] == size
        return False

    def _window(self, key: str, *, start: int, stop: int) -> tuple[bytes, int]:
        """Fetch one range, clipped; say also how large the whole blob is."""
        with _failing_as("read", key):
            try:
                if start < stop:
                    found = obstore.get(
                        self.bucket, key, options={"range": (start, stop)}
                    )
                    return found.bytes().to_bytes(), found.meta["size"]
            except GenericError:
                # S3 answers 416 to a range past the end; so ask how long it is.
                if start < (size := self._size(key)):
                    raise
                return b"", size
            return b"", self._size(key)

    def _windows(
        self, key: str, window: bytes, *, start: int, end: int
    ) -> Iterator[bytes]:
        while window:
            yield window
            start += len(window)
            stop = min(start + WINDOW, end)
            window = (
                self._window(key, start=start, stop=stop)[0] if start < end else b""
            )

    def _size(self, key: str) -> int:
        found = obstore.get(self.bucket, key, options={"head": True})
        if found.attributes.get(MARK, "").startswith(CLAIM):
            raise BlobMissing(key)
        return found.meta["size"]


class _BrokenOff(Exception):
    """The caller's chunks ended in an error, which the caller will see."""


class _Feed:
    """Carries chunks to the thread that uploads, a few ahead of it.

    obstore asks an iterator for more from inside its own event loop, where nothing
    may use obstore; and the caller's iterator may well be reading another blob.
    """

    def __init__(self) -> None:
        self._room = Semaphore(CHUNKS_AHEAD)
        self._way: SimpleQueue[bytes | _BrokenOff | None] = SimpleQueue()
        self._stopped = False

    def carry(self, chunks: Iterable[bytes]) -> int:
        """Carry them all, or until the upload has ended; say how many bytes."""
        size = 0
        try:
            for chunk in chunks:
                self._room.acquire()
                if self._stopped:
                    break
                self._way.put(chunk)
                size += len(chunk)
        except BaseException:
            self._way.put(_BrokenOff())
            raise
        self._way.put(None)
        return size

    def stop(self) -> None:
        """Let go of whoever waits to carry more: the upload has ended."""
        self._stopped = True
        self._room.release()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._way.get()
        self._room.release()
        if chunk is None:
            raise StopIteration
        if isinstance(chunk, _BrokenOff):
            raise chunk
        return chunk


def _bucket(place: S3Place, *, secrets: S3Secrets) -> Bucket:
    def credential() -> "S3Credential":
        return {
            "access_key_id": secrets.access_key_id,
            "secret_access_key": secrets.secret_access_key,
            "token": secrets.session_token,
            "expires_at": None,
        }

    return Bucket(
        place.bucket,
        prefix=place.prefix or None,
        config=_config(place),
        client_options={
            "allow_http": place.endpoint.startswith("http://"),
            "connect_timeout": "5s",
            "timeout": "120s",
        },
        retry_config=RETRIES,
        credential_provider=credential,
    )


def _config(place: S3Place) -> "S3Config":
    # obstore fills what is not given from AWS_* in the environment; so all that
    # could send bytes elsewhere, or undo create-only, is given.
    return {
        "endpoint": place.endpoint,
        "aws_endpoint_url_s3": place.endpoint,
        "region": place.region,
        "virtual_hosted_style_request": place.bucket_in_host,
        "conditional_put": "etag",
        "disable_bulk_delete": True,
        "skip_signature": False,
        "s3_express": False,
        "request_payer": False,
    }


def _new_mark() -> str:
    return token_hex(16)


def _up_to(chunks: Iterator[bytes], size: int) -> bytes:
    """Take chunks until they are at least so many bytes, or there are no more."""
    taken = bytearray()
    while len(taken) < size and (chunk := next(chunks, None)) is not None:
        taken += chunk
    return bytes(taken)


@contextmanager
def _failing_as(verb: str, key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BlobMissing(key) from None
    except (BaseError, OSError) as error:
        raise BlobStoreFailed(verb, key) from error
