"""Who may send or fetch something long, so that all others are answered meanwhile.

A server answers on so many threads (``VALV_THREADS``), and whoever fetches a file or
sends one holds a thread for as long as their line takes. No more than a good third of
the threads is held by either; whoever comes then is told to try again soon.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import lru_cache
from threading import BoundedSemaphore

from django.conf import settings
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from valv.core.errors import Busy


class Way(StrEnum):
    """Which way the bytes go."""

    IN = "in"
    OUT = "out"


@lru_cache
def places(way: Way) -> BoundedSemaphore:  # noqa: ARG001 - one for each way
    """The places in this process: as many threads as may be held so at once."""
    return BoundedSemaphore(max(1, settings.VALV_THREADS * 3 // 8))


def place(way: Way) -> "Place":
    """A place, to be closed. Raises Busy at once if all are held."""
    held = places(way)
    if not held.acquire(blocking=False):
        raise Busy("Too many files are on their way. Try again in a moment.")
    return Place(held)


def in_turn(way: Way, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer with a place held until the last byte has gone. Raises Busy."""
    taken = place(way)
    try:
        response = answer()
    except BaseException:
        taken.close()
        raise
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = _Held(iter(response), taken)
    else:
        taken.close()
    return response


class Place:
    """A place that is given back once."""

    def __init__(self, held: BoundedSemaphore) -> None:
        self._held: BoundedSemaphore | None = held

    def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release()

    __del__ = close


class _Held:
    """What is streamed, with its place; the server closes it, however it ends."""

    def __init__(self, content: Iterator[bytes], place: Place) -> None:
        self._content, self._place = content, place

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._content)

    def close(self) -> None:
        self._place.close()
