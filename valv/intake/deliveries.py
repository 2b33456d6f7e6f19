"""News that waits to be taken by a tenant's webhook: at least once, for a few days.

Whoever sends claims a delivery first; of one that died the claim runs out. What nobody
takes is tried less and less often, and then given up.
"""

from datetime import datetime, timedelta

from valv.core.permissions import Right
from valv.intake.models import Delivery
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

CLAIM = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=n) for n in (1, 5, 30, 120, 360, 720, 1440))
AT_ONCE, SHOWN = 3, 5
KEPT = timedelta(days=30)
TEST = "test"


def due(tenant: Tenant, *, now: datetime) -> list[Delivery]:
    """Deliveries to be tried now, claimed by the caller."""
    with scope.reading(tenant.id):
        if not Delivery.objects.filter(due_at__lte=now).exists():
            return []
    claimed = []
    with scope.writing(tenant.id):
        Delivery.objects.filter(created_at__lt=now - KEPT).delete()
        waiting = Delivery.objects.filter(due_at__lte=now).order_by("due_at")
        for delivery in waiting[:AT_ONCE]:
            mine = Delivery.objects.filter(id=delivery.id, due_at=delivery.due_at)
            if mine.update(due_at=now + CLAIM):
                claimed.append(delivery)
    return claimed


def taken(tenant: Tenant, delivery: Delivery, *, now: datetime) -> None:
    with scope.writing(tenant.id):
        Delivery.objects.filter(id=delivery.id).update(
            taken_at=now, due_at=None, tries=delivery.tries + 1, failure=""
        )


def failed(tenant: Tenant, delivery: Delivery, why: str, *, now: datetime) -> None:
    """Try again later, or give up."""
    tries = delivery.tries + 1
    wait = WAITS[tries - 1] if tries <= len(WAITS) else None
    with scope.writing(tenant.id):
        Delivery.objects.filter(id=delivery.id).update(
            due_at=None if wait is None else now + wait, tries=tries, failure=why[:200]
        )


def ask_for_a_test(caller: Caller, *, now: datetime) -> None:
    """Lay out a piece of news that says nothing, to see whether it is taken."""
    caller.require(Right.SETTINGS)
    with scope.writing(caller.tenant.id):
        body = {"type": TEST, "tenant": caller.tenant.slug}
        Delivery.objects.create(body=body, created_at=now, due_at=now)


def newest(caller: Caller) -> list[Delivery]:
    """The last few, newest first. Raises Forbidden."""
    caller.require(Right.SETTINGS)
    with scope.reading(caller.tenant.id):
        return list(Delivery.objects.order_by("-id")[:SHOWN])


def waiting(tenant: Tenant) -> int:
    with scope.reading(tenant.id):
        return Delivery.objects.filter(due_at__isnull=False).count()
