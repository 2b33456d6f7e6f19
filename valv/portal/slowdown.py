"""Slows down whoever guesses passwords, and locks nobody out.

Counted is by address typed together with where from, and by where from alone. After a
few failures one waits, twice as long each time up to a limit; what is tried meanwhile
is neither read nor counted. Someone who guesses from elsewhere does not slow down the
person whose address it is. Each process counts for itself, and forgets at its end.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

MOST_REMEMBERED = 20_000
FORGOTTEN_AFTER = 900.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and how long one waits at most, in seconds."""

    free: int
    longest: float

    def wait_after(self, failures: int) -> float:
        over = min(failures - self.free, 30)
        return 0.0 if over < 0 else min(self.longest, 2.0**over)


OF_A_PAIR = Patience(free=5, longest=30)
OF_A_PLACE = Patience(free=30, longest=5)


@dataclass(slots=True)
class _Failed:
    times: int = 0
    last: float = 0.0


class Attempts:
    """The failures lately seen; ``cache_clear`` forgets them all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failed: OrderedDict[Hashable, _Failed] = OrderedDict()

    def seconds_to_wait(self, address: str, place: str) -> float:
        now = monotonic()
        with self._lock:
            return max(
                self._left(key, patience, now)
                for key, patience in _keys(address, place)
            )

    def _left(self, key: Hashable, patience: Patience, now: float) -> float:
        failed = self._failed.get(key)
        if failed is None or now - failed.last > FORGOTTEN_AFTER:
            return 0.0
        return failed.last + patience.wait_after(failed.times) - now

    def note_failure(self, address: str, place: str) -> None:
        now = monotonic()
        with self._lock:
            for key, _ in _keys(address, place):
                failed = self._failed.setdefault(key, _Failed())
                if now - failed.last > FORGOTTEN_AFTER:
                    failed.times = 0
                failed.times, failed.last = failed.times + 1, now
                self._failed.move_to_end(key)
            while len(self._failed) > MOST_REMEMBERED:
                self._failed.popitem(last=False)

    def note_success(self, address: str, place: str) -> None:
        pair, _ = _keys(address, place)[0]
        with self._lock:
            self._failed.pop(pair, None)

    def cache_clear(self) -> None:
        with self._lock:
            self._failed.clear()


def _keys(address: str, place: str) -> list[tuple[Hashable, Patience]]:
    pair = hashlib.sha256(f"{address}\0{place}".encode()).digest()
    return [(pair, OF_A_PAIR), (place, OF_A_PLACE)]
