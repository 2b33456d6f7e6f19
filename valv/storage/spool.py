"""A file for bytes that must be sought in and may not lie on disk in the clear.

An upload whose decoding must seek is written here once and then read at will. What
reaches the disk is sealed in frames under a key that only this object holds, in a
file that loses its name as soon as it is opened. When the spool is closed, or its
process dies, nobody can read what is left. It holds less than 2 MiB in memory. It
cannot keep the key out of the machine's swap.
"""

import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase, UnsupportedOperation
from os import urandom
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from valv.core.errors import Busy, TooLarge
from valv.storage.sealed import FRAME, KEY_BYTES, TAG, Tampered

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

STEP = FRAME + TAG
FRAMES_KEPT = 8


class Digest(Protocol):
    """What may be shown the bytes as they are written, such as ``hashlib.sha256()``."""

    def update(self, data: bytes, /) -> object:
        """Take the next bytes."""


class SealedSpool(RawIOBase):
    """Written from start to end, finished, then read and sought like any file.

    ``limit`` is the most bytes it takes. Raises TooLarge past it, Busy when the disk
    is full, and Tampered if the bytes on disk were changed.
    """

    _file: IO[bytes] | None = None

    def __init__(
        self, folder: Path, *, limit: int | None = None, digest: Digest | None = None
    ) -> None:
        super().__init__()
        # The key seals this one file, each frame once, so a counter is its nonce.
        self._cipher: AESGCM | None = AESGCM(urandom(KEY_BYTES))
        self._file = tempfile.TemporaryFile(  # noqa: SIM115 -- closed by close()
            dir=folder, prefix=".spool-", buffering=0
        )
        self._limit = limit
        self._digest = digest
        self._pending = bytearray()
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._frames = 0
        self._position = 0
        self._finished = False
        self.size = 0

    def write(self, chunk: "ReadableBuffer", /) -> int:
        """Take the next bytes, all of them; not after ``finish``."""
        if self._finished:
            raise UnsupportedOperation("The spool is finished.")
        view = memoryview(chunk).cast("B")
        if self._limit is not None and self.size + len(view) > self._limit:
            raise TooLarge(f"More than {self._limit} bytes are not taken in one piece.")
        for at in range(0, len(view), FRAME):
            self._take(view[at : at + FRAME])
        return len(view)

    def finish(self) -> None:
        """Seal what remains and go to the start; from here on it can only be read."""
        if self._pending:
            self._seal_frame(bytes(self._pending))
            self._pending.clear()
        self._finished = True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer, or as much of it as there are bytes for."""
        self._check_readable()
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and self._position < self.size:
            frame = memoryview(self._frame(self._position // FRAME))
            piece = frame[self._position % FRAME :][: len(view) - filled]
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._position += len(piece)
        return filled

    def chunks(self) -> Iterator[bytes]:
        """Give all of it from the start, frame by frame, whatever the position."""
        self._check_readable()
        for number in range(self._frames):
            yield self._opened_frame(number)

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go to a place, also past the end, and say where that is."""
        self._check_readable()
        base = {SEEK_SET: 0, SEEK_CUR: self._position, SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("There is nothing before the start.")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Say where the next read begins."""
        return self._position

    def readable(self) -> bool:
        """Say whether it is finished."""
        return self._finished

    def seekable(self) -> bool:
        """Say whether it is finished."""
        return self._finished

    def writable(self) -> bool:
        """Say whether it is not finished yet."""
        return not self._finished

    def close(self) -> None:
        """Let go of the file and of the only key to it."""
        if self._file is not None:
            self._file.close()
            self._kept.clear()
            self._pending.clear()
            self._cipher = None
        super().close()

    def _take(self, piece: memoryview) -> None:
        if self._digest is not None:
            self._digest.update(bytes(piece))
        self._pending += piece
        if len(self._pending) >= FRAME:
            self._seal_frame(bytes(memoryview(self._pending)[:FRAME]))
            del self._pending[:FRAME]
        self.size += len(piece)

    def _seal_frame(self, frame: bytes) -> None:
        cipher, descriptor = self._opened()
        rest = memoryview(cipher.encrypt(_nonce(self._frames), frame, None))
        at = self._frames * STEP
        try:
            while rest:
                written = os.pwrite(descriptor, rest, at)
                rest, at = rest[written:], at + written
        except OSError as error:
            raise Busy("There is no room on disk to take this in now.") from error
        self._frames += 1

    def _frame(self, number: int) -> bytes:
        if number in self._kept:
            self._kept.move_to_end(number)
        else:
            self._kept[number] = self._opened_frame(number)
            if len(self._kept) > FRAMES_KEPT:
                self._kept.popitem(last=False)
        return self._kept[number]

    def _opened_frame(self, number: int) -> bytes:
        cipher, descriptor = self._opened()
        sealed = os.pread(descriptor, STEP, number * STEP)
        try:
            frame = cipher.decrypt(_nonce(number), sealed, None)
        except InvalidTag:
            raise Tampered from None
        if len(frame) != min(FRAME, self.size - number * FRAME):
            raise Tampered
        return frame

    def _check_readable(self) -> None:
        self._opened()
        if not self._finished:
            raise UnsupportedOperation("The spool is not finished.")

    def _opened(self) -> tuple[AESGCM, int]:
        if self._cipher is None or self._file is None:
            raise ValueError("The spool is closed.")
        return self._cipher, self._file.fileno()


def _nonce(number: int) -> bytes:
    return number.to_bytes(12)
