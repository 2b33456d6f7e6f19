"""Sealing: AES-256-GCM over streams, over small values and over keys.

A stream is sealed in frames (the STREAM construction), so that a range of it opens by
fetching only the frames it touches. All that is sealed is bound to a *context*, such
as tenant, object and role, and opens under no other. ``docs/format.md`` has the layout,
the numbers, and the attacks it is tried against.

It refuses to yield a byte that it has not authenticated, and a read that reaches the
end always proves that the end is there.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from os import urandom
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from valv.core.errors import Malformed, TooLarge, ValvError

KEY_BYTES = 32
FRAME = 64 * 1024
TAG = 16
MAX_FRAMES = 2**32

_MAGIC = b"VALV"
_VERSION = 1
_PREFIX = 7
_NONCE = 12
_HEADER = Struct(f">4sBI{_PREFIX}s")
_STREAM_NONCE = Struct(f">{_PREFIX}sI?")
HEADER = _HEADER.size

# What is sealed as one thing never opens as another, whatever its context.
_AS_STREAM = b"valv stream\0"
_AS_VALUE = b"valv value\0"
_AS_KEY = b"valv key\0"

OpenRange = Callable[[int, int | None], Iterator[bytes]]


class Tampered(ValvError):
    """Sealed bytes were changed, cut, moved, or are opened with another key."""

    title = "Sealed bytes do not open"

    def __init__(self) -> None:
        super().__init__(
            "Sealed bytes do not open: they were changed, cut or moved, "
            "or this is not their key."
        )


def blob_context(tenant_id: int, *, object_id: int, role: str) -> bytes:
    """Say whose blob it is and what for; ``role`` is such as ``audio`` or ``peaks``."""
    if ":" in role:
        raise Malformed("A role has no colon in it.", field="role")
    return f"blob:{tenant_id}:{object_id}:{role}".encode()


def seal(
    chunks: Iterable[bytes], *, key: bytes, context: bytes, frame_size: int = FRAME
) -> Iterator[bytes]:
    """Seal a stream: the header, then its frames, as the chunks come.

    A key may seal many streams, but forgetting is per key, so give each its own.
    Raises TooLarge past 2^32 frames (256 TiB).
    """
    cipher = _cipher(key)
    header = _HEADER.pack(_MAGIC, _VERSION, frame_size, urandom(_PREFIX))
    return chain((header,), _sealed_frames(chunks, cipher, header, context=context))


def sealed_size(plain_size: int, *, frame_size: int = FRAME) -> int:
    """How many bytes a stream of ``plain_size`` bytes is when sealed."""
    frames = max(1, -(-plain_size // frame_size))
    return HEADER + plain_size + frames * TAG


class SealedReader:
    """Opens ranges of a sealed stream; nothing is fetched until it is read.

    ``open_range(start, end)`` gives the sealed bytes; ``size`` is how many there
    should be: take it from the row rather than from the store, and a blob that was
    cut is known at its first read. Raises Tampered for a size no stream has.
    """

    def __init__(
        self,
        open_range: OpenRange,
        size: int,
        *,
        key: bytes,
        context: bytes,
        frame_size: int = FRAME,
    ) -> None:
        self._open_range = open_range
        self._size = size
        self._cipher = _cipher(key)
        self._context = context
        self._frame = frame_size
        self._frames = -(-(size - HEADER) // (frame_size + TAG))
        self._header = b""
        self.plain_size = size - HEADER - self._frames * TAG
        if (
            self.plain_size < 0
            or sealed_size(self.plain_size, frame_size=frame_size) != size
        ):
            raise Tampered

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Open the bytes from ``start`` up to, not including, ``end``, as a slice.

        The first frame is opened before this returns, so that what is wrong from the
        start is raised here. Raises Tampered, and what ``open_range`` raises.
        """
        if start < 0 or (end is not None and end < start):
            raise Malformed("A range runs forward from zero or later.", field="range")
        pieces = filter(None, self._plain(start, end))
        return chain((first,) if (first := next(pieces, b"")) else (), pieces)

    def _plain(self, start: int, end: int | None) -> Iterator[bytes]:
        numbers = self._touched(start, end)
        stop = self.plain_size if end is None else end
        for number, frame in zip(numbers, self._opened(numbers), strict=True):
            base = number * self._frame
            yield frame[max(0, start - base) : max(0, stop - base)]

    def _touched(self, start: int, end: int | None) -> range:
        """The frames to open: those of the range and, if it reaches it, the last."""
        if end is None or end >= self.plain_size:
            return range(min(start // self._frame, self._frames - 1), self._frames)
        return range(start // self._frame, -(-end // self._frame) if end > start else 0)

    def _opened(self, numbers: range) -> Iterator[bytes]:
        if not numbers:
            return
        aad, prefix, pieces = self._fetched(numbers)
        for number, piece in zip(numbers, pieces, strict=True):
            nonce = _STREAM_NONCE.pack(prefix, number, number == self._frames - 1)
            yield _opened(self._cipher, nonce, piece, aad)

    def _fetched(self, numbers: range) -> tuple[bytes, bytes, Iterator[bytes]]:
        ends = [min(self._size, self._offset(number + 1)) for number in numbers]
        if self._header:
            start = self._offset(numbers.start)
            pieces = self._pieces(start, ends)
        elif numbers.start == 0:
            # One request brings the header with its first frame.
            pieces = self._pieces(0, [HEADER, *ends])
            self._header = next(pieces)
        else:
            self._header = next(self._pieces(0, [HEADER]))
            pieces = self._pieces(self._offset(numbers.start), ends)
        return self._aad(), self._header[-_PREFIX:], pieces

    def _aad(self) -> bytes:
        magic, version, frame_size, _ = _HEADER.unpack(self._header)
        if (magic, version, frame_size) != (_MAGIC, _VERSION, self._frame):
            raise Tampered
        return _AS_STREAM + self._header + self._context

    def _offset(self, number: int) -> int:
        return HEADER + number * (self._frame + TAG)

    def _pieces(self, start: int, ends: list[int]) -> Iterator[bytes]:
        """Fetch once from ``start``, cut at each of ``ends``."""
        pending = bytearray()
        chunks = self._open_range(start, ends[-1])
        for end in ends:
            while len(pending) < end - start:
                if (chunk := next(chunks, None)) is None:
                    raise Tampered
                pending += chunk
            yield bytes(memoryview(pending)[: end - start])
            del pending[: end - start]
            start = end


def seal_value(plain: bytes, *, key: bytes, context: bytes) -> bytes:
    """Seal a small value; a key may seal 2^32 of them."""
    return _sealed_whole(plain, key, _AS_VALUE + context)


def open_value(sealed: bytes, *, key: bytes, context: bytes) -> bytes:
    """Open a small value. Raises Tampered."""
    return _opened_whole(sealed, key, _AS_VALUE + context)


def wrap(key: bytes, under: bytes, context: bytes) -> bytes:
    """Seal a key under another; one key may wrap 2^32 others."""
    if len(key) != KEY_BYTES:
        raise ValueError("A key has 32 bytes.")
    return _sealed_whole(key, under, _AS_KEY + context)


def unwrap(wrapped: bytes, under: bytes, context: bytes) -> bytes:
    """Open a wrapped key. Raises Tampered."""
    return _opened_whole(wrapped, under, _AS_KEY + context)


def _sealed_frames(
    chunks: Iterable[bytes], cipher: AESGCM, header: bytes, *, context: bytes
) -> Iterator[bytes]:
    _, _, frame_size, prefix = _HEADER.unpack(header)
    aad = _AS_STREAM + header + context
    for number, (frame, is_last) in enumerate(_frames(chunks, frame_size)):
        if number >= MAX_FRAMES:
            raise TooLarge("A sealed stream has at most 2^32 frames.")
        nonce = _STREAM_NONCE.pack(prefix, number, is_last)
        yield cipher.encrypt(nonce, frame, aad)


def _frames(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Cut into frames; the last, alone allowed to be short or empty, is told."""
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        while len(pending) > size:
            yield bytes(memoryview(pending)[:size]), False
            del pending[:size]
    yield bytes(pending), True


def _sealed_whole(plain: bytes, key: bytes, aad: bytes) -> bytes:
    nonce = urandom(_NONCE)
    return bytes((_VERSION,)) + nonce + _cipher(key).encrypt(nonce, plain, aad)


def _opened_whole(sealed: bytes, key: bytes, aad: bytes) -> bytes:
    if len(sealed) < 1 + _NONCE + TAG or sealed[0] != _VERSION:
        raise Tampered
    nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    return _opened(_cipher(key), nonce, rest, aad)


def _opened(cipher: AESGCM, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise Tampered from None


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError("A key has 32 bytes.")
    return AESGCM(key)
