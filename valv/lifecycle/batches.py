"""One batch in its transaction; again if it met another's lock."""

from collections.abc import Callable

from valv.core.errors import Busy
from valv.storage import scope
from valv.storage.models import Intent

ATTEMPTS = 5


def tried(
    tenant_id: int, batch: Callable[[], list[Intent] | None]
) -> list[Intent] | None:
    """What the batch intends, committed; None if there was nothing to do.

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
