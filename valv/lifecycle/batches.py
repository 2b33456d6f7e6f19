"""One batch in its transaction, again if it met another's lock; and how large it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from valv.core.errors import Busy
from valv.storage import scope
from valv.storage.raw import is_sqlite

ATTEMPTS = 5
BATCH = 500  # a write transaction of SQLite stays under 250 ms, its commit with it
IN_TIME = 0.12  # seconds of it until the commit
BATCH_OF_ROWS = 2000  # where others write meanwhile, and a statement costs more
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


@dataclass(slots=True)
class Pace:
    """How many interactions go at once.

    On SQLite whoever writes waits meanwhile, so it is as many as went in time before.
    """

    most: int = field(default_factory=lambda: BATCH if is_sqlite() else BATCH_OF_ROWS)

    def learn(self, count: int, seconds: float) -> None:
        if is_sqlite():
            in_time = min(2 * count, int(count * IN_TIME / max(seconds, 0.001)))
            self.most = max(BATCH, min(in_time, BATCH_OF_ROWS))
