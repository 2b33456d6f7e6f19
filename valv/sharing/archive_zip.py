"""Many files in one zip with a manifest, made as it is read.

Nothing of it is held in memory or laid on a disk in plain but the names that are taken.
The manifest comes last: what each file is, how long, its SHA-256, and what is not there
and why.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
from zipstream import ZipStream

from valv.sharing.workbook import Cell, Column, workbook
from valv.storage import spools
from valv.storage.blobs.contract import BlobMissing
from valv.storage.sealed import Tampered
from valv.storage.spool import SealedSpool

MEDIA_TYPE: Final = "application/zip"
MANIFEST: Final = "manifest.xlsx"
OF_EACH: Final = (Column("File", 48), Column("Bytes", 12), Column("SHA-256", 66))
REMARK: Final = Column("Remark", 30)


@dataclass(frozen=True, slots=True)
class Member:
    """A file, or with no ``body`` something that is not there; ``facts`` are cells."""

    name: str
    body: Iterable[bytes] | None
    facts: tuple[Cell, ...] = ()
    remark: str = ""


@dataclass(slots=True)
class _Sum:
    """What went by: how many bytes, and their SHA-256."""

    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    fault: str = ""

    def of(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes as far as they can be read. A store that fails, fails it all."""
        try:
            for chunk in body:
                self.size += len(chunk)
                self.digest.update(chunk)
                yield chunk
        except (BlobMissing, Tampered) as error:
            self.fault = error.title


def archive_zip(
    members: Iterable[Member], columns: Sequence[Column], *, title: str
) -> Iterator[bytes]:
    """The bytes of a zip of the members in their order, and of the manifest of them.

    ``columns`` are those of the members' ``facts``. Raises what reading one raises.
    """
    archive, names = ZipStream(), set[str]()
    with spools.new(digest=spools.Digests()) as lines:
        for member in members:
            summed = _Sum()
            name = _unused(names, member.name) if member.body is not None else ""
            if member.body is not None:
                archive.add(summed.of(member.body), name)
                yield from archive.file()
            lines.write(msgspec.json.encode(_line(member, name, summed)) + b"\n")
        lines.finish()
        heads = [*OF_EACH, *columns, REMARK]
        archive.add(workbook(heads, _rows(lines), title=title), MANIFEST)
        yield from archive.finalize()


def _line(member: Member, name: str, summed: _Sum) -> list[Cell]:
    told: list[Cell] = [name, None, None]
    if name:
        told = [name, summed.size, summed.digest.hexdigest()]
    return [*told, *member.facts, summed.fault or member.remark]


def _rows(lines: SealedSpool) -> Iterator[list[Cell]]:
    pending = b""
    for chunk in lines.chunks():
        *whole, pending = (pending + chunk).split(b"\n")
        for line in whole:
            yield msgspec.json.decode(line)


def _unused(names: set[str], name: str) -> str:
    """The name, with a number before its ending if another file has it already."""
    stem, dot, ending = name.rpartition(".")
    made, n = name, 1
    while made in names or made == MANIFEST:
        n += 1
        made = f"{stem} ({n}){dot}{ending}"
    names.add(made)
    return made
