"""One batch in its transaction; again if it met another's lock."""

from collections.abc import Callable
from typing import TypeVar

from valv.core.errors import Busy
from valv.storage import scope

ATTEMPTS = 5
T = TypeVar("T")


def tried(tenant_id: int, batch: Callable[[], T]) -> T:
    """What the batch answers, committed; of one that ends something, what it intends.

    Raises Busy when it met a lock five times.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with scope.writing(tenant_id):
                return batch()
        except Busy:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("not reached")
