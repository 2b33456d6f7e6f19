"""Where an import reads from: a folder or a zip, as names and bytes.

Names are relative, with ``/``; none leads out of its folder. A zip is read as it is,
nothing is unpacked to disk, and one that unpacks to far more than it holds is refused.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from valv.core.errors import Malformed, TooLarge

LARGEST_TEXT = 64 * 1024 * 1024
LARGEST_FILE = 4 * 1024**3
MOST_FILES = 1_000_000
MOST_UNPACKED = 64 * 1024**3
MOST_RATIO = 200
RATIO_MATTERS_FROM = 8 * 1024 * 1024
CHUNK = 1 << 18


class Folder(Protocol):
    """Files by relative name."""

    def names(self) -> list[str]:
        """All names, sorted; hidden files left out."""

    def has(self, name: str) -> bool:
        """Whether a file of that name can be opened."""

    def size(self, name: str) -> int:
        """How many bytes the file has, unpacked."""

    def open(self, name: str) -> IO[bytes]:
        """Open for reading from the start."""

    def modified(self, name: str) -> datetime:
        """When the file was last changed; of one in a zip, as if its clock were UTC."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder on disk. Links that lead out of it are left out."""

    root: Path

    def names(self) -> list[str]:
        root = self.root.resolve()
        found = (path for path in root.rglob("*") if path.is_file())
        inside = (path for path in found if path.resolve().is_relative_to(root))
        names = (path.relative_to(root).as_posix() for path in inside)
        return sorted(name for name in names if not _is_hidden(name))

    def has(self, name: str) -> bool:
        path = (self.root / name).resolve()
        return path.is_file() and path.is_relative_to(self.root.resolve())

    def size(self, name: str) -> int:
        return (self.root / name).stat().st_size

    def open(self, name: str) -> IO[bytes]:
        return (self.root / name).open("rb")

    def modified(self, name: str) -> datetime:
        return _changed_at(self.root / name)


@dataclass(frozen=True, slots=True)
class OneFile:
    """A single file, with its folder for what lies beside it."""

    path: Path

    def names(self) -> list[str]:
        return [self.path.name]

    def has(self, name: str) -> bool:
        return (self.path.parent / name).is_file()

    def size(self, name: str) -> int:
        return (self.path.parent / name).stat().st_size

    def open(self, name: str) -> IO[bytes]:
        return (self.path.parent / name).open("rb")

    def modified(self, name: str) -> datetime:
        return _changed_at(self.path.parent / name)


class Zip:
    """A zip file. Raises Malformed or TooLarge at once for one not to be read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._infos = {
            info.filename: info
            for info in archive.infolist()
            if not info.is_dir() and not _is_hidden(info.filename)
        }
        _check_zip(self._infos)

    def names(self) -> list[str]:
        return sorted(self._infos)

    def has(self, name: str) -> bool:
        return name in self._infos

    def size(self, name: str) -> int:
        return self._infos[name].file_size

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._infos[name])

    def modified(self, name: str) -> datetime:
        year, month, day, hour, minute, _ = self._infos[name].date_time
        try:
            return datetime(year, month, day, hour, minute, tzinfo=UTC)
        except ValueError:
            return datetime(1980, 1, 1, tzinfo=UTC)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _check_zip(infos: dict[str, zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_FILES:
        raise TooLarge(f"A zip has at most {MOST_FILES} files.")
    for name, info in infos.items():
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise Malformed("A name in the zip leads out of it.")
        if info.flag_bits & 1:
            raise Malformed("A file in the zip is encrypted.")
        packed = max(info.compress_size, 1)
        if info.file_size > RATIO_MATTERS_FROM and info.file_size > packed * MOST_RATIO:
            raise TooLarge("A file in the zip unpacks to far more than it holds.")
    if sum(info.file_size for info in infos.values()) > MOST_UNPACKED:
        raise TooLarge("The zip unpacks to too much.")


def _is_hidden(name: str) -> bool:
    parts = (part for part in name.split("/") if part != "..")
    return any(part.startswith((".", "__MACOSX")) for part in parts)


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """Open a folder, a zip or a single file. Raises Malformed if it is none."""
    if path.is_dir():
        yield Disk(path)
    elif not path.is_file():
        raise Malformed("There is no such file or folder.")
    elif zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                yield Zip(archive)
        except zipfile.BadZipFile:
            raise Malformed("The zip is broken.") from None
    else:
        yield OneFile(path)


def read_text(folder: Folder, name: str) -> bytes:
    """The whole of a small file. Raises TooLarge past 64 MiB, whatever it claims."""
    with folder.open(name) as file:
        read = file.read(LARGEST_TEXT + 1)
    if len(read) > LARGEST_TEXT:
        raise TooLarge("The file is larger than 64 MiB.")
    return read


def chunks(folder: Folder, name: str) -> Iterator[bytes]:
    """A large file in pieces. Raises TooLarge past 4 GiB, whatever it claims."""
    left = LARGEST_FILE
    with folder.open(name) as file:
        while chunk := file.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooLarge("The file is larger than 4 GiB.")
            yield chunk


def beside(folder: Folder, name: str, filename: str) -> str | None:
    """The name of ``filename`` beside ``name``; None if it is not there.

    A path in ``filename`` counts only by its last part, so nothing leads elsewhere.
    """
    last = filename.replace("\\", "/").rpartition("/")[2]
    if not last or last in (".", ".."):
        return None
    here = name.rpartition("/")[0]
    wanted = f"{here}/{last}" if here else last
    return wanted if folder.has(wanted) else None
