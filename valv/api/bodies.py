"""Request bodies as they arrive, in pieces, however long they are.

``request.body`` would hold the whole in memory, and Django's own upload handlers would
lay it on disk in the clear. Refuses a body that ends before the length it was said to
have. Of a body in chunks it cannot tell an end from a lost connection, since the server
tells neither apart: ``whole_bodies`` asks such a body to vouch for itself.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from django.http import HttpRequest

from valv.core.errors import BadRequest, TooLarge

CHUNK = 256 * 1024
MOST_DRAINED = 64 * 1024 * 1024
TAKEN = "valv.taken"
TOO_LARGE = "A body has at most {} bytes here."


def length_of(request: HttpRequest) -> int | None:
    """The length the body is said to have; None if it comes in chunks."""
    said = request.META.get("CONTENT_LENGTH") or ""
    if said.isdecimal():
        return int(said)
    return None if "chunked" in request.headers.get("Transfer-Encoding", "") else 0


def chunks(request: HttpRequest, *, limit: int) -> Iterator[bytes]:
    """The body, piece by piece. Raises TooLarge, at once where it says so itself."""
    length = length_of(request)
    if length is not None and length > limit:
        raise TooLarge(TOO_LARGE.format(limit))
    stream: IO[bytes] = request.META["wsgi.input"]
    taken = 0
    while length is None or taken < length:
        chunk = _read(stream, CHUNK if length is None else min(CHUNK, length - taken))
        if not chunk:
            break
        taken += len(chunk)
        request.META[TAKEN] = taken
        if taken > limit:
            raise TooLarge(TOO_LARGE.format(limit))
        yield chunk
    if length is not None and taken < length:
        raise BadRequest("The body ended before its stated length.")


def _read(stream: IO[bytes], size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError:
        raise BadRequest("The body was cut short.") from None


def whole(request: HttpRequest, *, limit: int) -> bytes:
    """All of a body that is small enough to be held. Raises as ``chunks``."""
    return b"".join(chunks(request, limit=limit))


def drain(request: HttpRequest) -> None:
    """Read off and drop what is left of a body, so that the answer arrives.

    Many senders read no answer before all is sent. One that asked whether to go on is
    told by the answer itself, and what is left of a very long one is not awaited. Of a
    body in chunks that is as much as one may be long.
    """
    length = length_of(request)
    left = MOST_DRAINED if length is None else length - request.META.get(TAKEN, 0)
    waits = "100-continue" in request.headers.get("Expect", "").lower()
    if waits or left > MOST_DRAINED:
        return
    stream: IO[bytes] = request.META["wsgi.input"]
    with suppress(OSError):
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)


class Reader:
    """The body as a file for parsers, which ask for more than there is."""

    def __init__(self, request: HttpRequest, *, limit: int) -> None:
        self._chunks = chunks(request, limit=limit)
        self._left = b""

    def read(self, size: int | None = None) -> bytes:
        if not self._left:
            self._left = next(self._chunks, b"")
        given = self._left if size is None else self._left[:size]
        self._left = self._left[len(given) :]
        return given
