"""Blobs as files in one folder, for one machine.

A blob is written to a temporary file beside its place, synced, and linked into
place: a hard link fails where a file is, so two writers cannot both win. Names that
begin with a dot are temporary and no key can have one. Files are the owner's alone.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from valv.storage.blobs.contract import (
    BlobExists,
    BlobInfo,
    BlobMissing,
    BlobStoreFailed,
    checked_key,
    checked_prefix,
    checked_range,
)

CHUNK = 256 * 1024
TEMPORARY = ".put-"


class LocalStore:
    """A ``BlobStore`` in a folder; the folder is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        with _failing_as("make the folder of", ""):
            _make_folder(self.folder)

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store the chunks durably under a new key; return their size in bytes."""
        path = self._path(key)
        with _failing_as("store", key):
            self._settle(path.parent)
        with _temporary_beside(path, key) as handle:
            size = 0
            for chunk in chunks:
                with _failing_as("store", key):
                    size += _write_all(handle, chunk)
            with _failing_as("store", key):
                os.fsync(handle.fileno())
                _link(handle, path, key)
                _sync(path.parent)
        return size

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Give the bytes from ``start`` up to, not including, ``end``."""
        checked_range(start, end)
        with _failing_as("read", key):
            handle = self._open_file(key)
        stream = _stream(handle, key, start=start, end=end)
        # Its first step yields nothing: from here on, the generator closes the file
        # even if nobody ever asks it for a byte.
        next(stream)
        return stream

    def discard(self, key: str) -> None:
        """Remove the blob durably, if it is there."""
        path = self._path(key)
        with _failing_as("discard", key):
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                path.unlink()
            # Also when nothing was there: an earlier discard may have lost power
            # between the two steps.
            with suppress(FileNotFoundError, NotADirectoryError):
                _sync(path.parent)

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """Name the blobs in the folder ``prefix`` and the folders in it."""
        start = self.folder / checked_prefix(prefix)
        with _failing_as("list", prefix):
            for path, status in _files(start):
                if not path.name.startswith(TEMPORARY):
                    yield self._info(path, status)

    def sweep_temporary(self, older_than: datetime, prefix: str = "") -> int:
        """Remove what crashed writers left below a folder before then; say how many.

        A writer still at work has a younger file: leave a day's margin.
        """
        swept = 0
        with _failing_as("sweep", prefix):
            for path, status in _files(self.folder / checked_prefix(prefix)):
                if path.name.startswith(TEMPORARY) and _time(status) < older_than:
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept

    def _path(self, key: str) -> Path:
        return self.folder / checked_key(key)

    def _settle(self, folder: Path) -> None:
        _make_folder(folder)
        if folder != self.folder:
            # It may have been made a moment ago by someone who has yet to sync it.
            _sync(folder.parent)

    def _open_file(self, key: str) -> FileIO:
        try:
            return FileIO(self._path(key))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise BlobMissing(key) from None

    def _info(self, path: Path, status: os.stat_result) -> BlobInfo:
        key = path.relative_to(self.folder).as_posix()
        return BlobInfo(key, status.st_size, _time(status))


def _time(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


def _make_folder(folder: Path) -> None:
    """Make the folder so that it outlives a loss of power, parents first."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _temporary_beside(path: Path, key: str) -> Iterator[FileIO]:
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    with _failing_as("store", key):
        handle = FileIO(temporary, "xb", opener=_owner_only)
    try:
        yield handle
    finally:
        handle.close()
        temporary.unlink(missing_ok=True)


def _owner_only(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _write_all(handle: FileIO, chunk: bytes) -> int:
    rest = memoryview(chunk)
    while rest:
        rest = rest[handle.write(rest) :]
    return len(chunk)


def _link(handle: FileIO, path: Path, key: str) -> None:
    try:
        os.link(handle.name, path)
    except FileExistsError:
        raise BlobExists(key) from None


def _stream(
    handle: FileIO, key: str, *, start: int, end: int | None
) -> Iterator[bytes]:
    with handle:
        yield b""
        with _failing_as("read", key):
            handle.seek(start)
        left = CHUNK if end is None else end - start
        while left > 0:
            with _failing_as("read", key):
                chunk = handle.read(min(CHUNK, left))
            if not chunk:
                return
            left -= 0 if end is None else len(chunk)
            yield chunk


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Walk the files below; what vanishes meanwhile is passed over."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry))
            elif entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    yield Path(entry), entry.stat(follow_symlinks=False)


@contextmanager
def _failing_as(verb: str, key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BlobStoreFailed(verb, key) from error
