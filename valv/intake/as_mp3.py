"""A recording that is kept as its source sent it, as MP3 for whoever downloads it.

It is made anew at each download and kept nowhere. Refuses headerless audio, of which
nobody knows any more what it was.
"""

from collections.abc import Iterator
from contextlib import closing
from os import SEEK_CUR, SEEK_END, SEEK_SET

from valv.core.errors import Conflict, Malformed
from valv.intake.audio import Transcoded, transcode
from valv.storage.sealed import SealedReader

AHEAD = 1024 * 1024
MP3_FORMATS = frozenset({"mp3", "mpeg"})


def is_mp3(kept: str) -> bool:
    """Whether a recording of this format is MP3 as it lies."""
    return kept in MP3_FORMATS


def as_mp3(reader: SealedReader) -> Iterator[bytes]:
    """The bytes of an MP3, made as they are read.

    Raises Conflict, before the first, if the recording cannot be decoded.
    """
    try:
        made = transcode(Unsealed(reader), channels=None)
    except Malformed:
        raise Conflict("This recording cannot be made into mp3.") from None
    return _until_closed(made)


def _until_closed(made: Transcoded) -> Iterator[bytes]:
    with closing(made):
        yield from made.chunks


class Unsealed:
    """Sealed bytes as a file that can be read and sought in."""

    def __init__(self, reader: SealedReader) -> None:
        self._reader = reader
        self._at = 0
        self._start = 0
        self._held = b""

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            size = self._reader.plain_size - self._at
        if not self._start <= self._at < self._start + len(self._held):
            self._fetch()
        begin = self._at - self._start
        given = self._held[begin : begin + size]
        self._at += len(given)
        return given

    def _fetch(self) -> None:
        end = min(self._at + AHEAD, self._reader.plain_size)
        self._start = self._at
        self._held = b"".join(self._reader.read(self._at, max(self._at, end)))

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        bases = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._reader.plain_size}
        self._at = max(0, bases[whence] + offset)
        return self._at

    def tell(self) -> int:
        return self._at
