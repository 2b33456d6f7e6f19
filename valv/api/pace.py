"""No token may take a server for itself: requests a second, in each process.

What goes beyond is told when to come again. Only counts are kept, by the number of the
token, and in memory alone.
"""

import math
from collections import OrderedDict
from threading import Lock
from time import monotonic

from django.conf import settings

from valv.core.errors import TooOften
from valv.core.pace import Bucket, asked, full

MOST_KEPT = 10_000


class Pace:
    """The buckets of the tokens that asked last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: OrderedDict[int, Bucket] = OrderedDict()

    def check(self, token_id: int, *, at: float) -> None:
        """Count a request. Raises TooOften."""
        per_second: int = settings.VALV_TOKEN_RATE
        with self._lock:
            bucket = self._buckets.pop(token_id, None) or full(per_second, at=at)
            self._buckets[token_id], wait = asked(bucket, per_second, at=at)
            while len(self._buckets) > MOST_KEPT:
                self._buckets.popitem(last=False)
        if wait:
            raise TooOften(math.ceil(wait))

    def cache_clear(self) -> None:
        self._buckets.clear()


pace = Pace()


def check(token_id: int) -> None:
    """Raises TooOften if the token asks more often than it may."""
    pace.check(token_id, at=monotonic())
