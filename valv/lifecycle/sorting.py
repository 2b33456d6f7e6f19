"""Sorting anew what a change of the storage rules left behind, in small batches.

Until then each interaction is kept by the times that it was kept by, and the night does
not look at it. What is left to do is known by the interactions themselves, so it may be
stopped anywhere and gone on with.
"""

from datetime import datetime, timedelta

from valv.archive.models import Interaction
from valv.archive.storage_terms import sort_stale
from valv.lifecycle.batches import tried
from valv.storage import scope
from valv.storage.models import Intent
from valv.tenants.models import StorageTerms, Tenant

LATE = timedelta(hours=1)  # nobody who read the terms before is still at it


def sort_left(tenant: Tenant, *, now: datetime) -> None:
    """Sort all that waits. Raises Busy."""
    with scope.reading(tenant.id):
        waiting = StorageTerms.objects.filter(stale_since__isnull=False)
        numbers = sorted(waiting.values_list("number", flat=True))
    for number in numbers:
        while tried(tenant.id, lambda number=number: _batch(number)) is not None:  # type: ignore[misc]
            pass
    if numbers:
        _drop(tenant, numbers, before=now - LATE)


def _batch(number: int) -> list[Intent] | None:
    return [] if sort_stale(number) else None


def _drop(tenant: Tenant, numbers: list[int], *, before: datetime) -> None:
    with scope.writing(tenant.id):
        used = Interaction.objects.filter(terms__in=numbers).values_list("terms")
        old = StorageTerms.objects.filter(number__in=numbers, stale_since__lt=before)
        old.exclude(number__in=[number for (number,) in used.distinct()]).delete()
