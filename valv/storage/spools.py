"""Where what is on its way in waits to be read: sealed, in the data folder.

The one place from which sealed spools are made. A crash leaves bytes there that nobody
can read, in files that have no name.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from valv.storage.spool import SealedSpool

LARGEST = 4 * 1024**3


class Digests:
    """SHA-256, which names bytes here, and SHA-512, by which vCons vouch for them."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()

    def update(self, data: bytes) -> None:
        self._sha256.update(data)
        self._sha512.update(data)

    @property
    def sha256(self) -> bytes:
        return self._sha256.digest()

    @property
    def sha512(self) -> bytes:
        return self._sha512.digest()


@dataclass(frozen=True, slots=True)
class Spooled:
    """Bytes that have wholly arrived, and what they sum up to."""

    file: SealedSpool
    sha256: bytes
    sha512: bytes


def folder() -> Path:
    """The data folder itself: it is there, and on the disk that the operator chose."""
    data: Path = settings.VALV_DATA
    return data


def new(*, digest: Digests, limit: int = LARGEST) -> SealedSpool:
    """An empty spool for at most ``limit`` bytes, which raises TooLarge past them."""
    return SealedSpool(folder(), limit=limit, digest=digest)


@contextmanager
def spooled(chunks: Iterable[bytes], *, limit: int = LARGEST) -> Iterator[Spooled]:
    """Take all of ``chunks``, to be read and sought in inside the block.

    Raises TooLarge past ``limit`` bytes, and Busy when the disk is full.
    """
    digest = Digests()
    with new(digest=digest, limit=limit) as file:
        for chunk in chunks:
            file.write(chunk)
        file.finish()
        yield Spooled(file, digest.sha256, digest.sha512)
