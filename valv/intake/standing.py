"""How complete a tenant is just now, for those who watch over an installation.

Figures of the last days as they were counted; nothing of them is about anybody.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from valv.archive.models import Queue
from valv.core.completeness import Patience
from valv.core.daily_figures import DAYS_BEFORE, Figures, is_worse, share_before
from valv.core.moments import local_date, zone_named
from valv.intake.counting import figures_of
from valv.intake.models import DayCount, Delivery
from valv.intake.patience import setting_in_force
from valv.storage import scope
from valv.tenants.models import Tenant

LAST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Standing:
    """The last days, newest first, and the week before them to measure them by.

    ``new_queues`` are counted once the tenant has confirmed any.
    """

    today: date
    days: list[Figures]
    patience: Patience
    counted_at: datetime | None
    new_queues: int
    waiting: int

    @property
    def last(self) -> list[Figures]:
        return self.days[:LAST_DAYS]

    def is_worse(self, day: Figures) -> bool:
        return is_worse(day, self.days, patience=self.patience)

    def share_before(self, day: Figures) -> float:
        return share_before(day, self.days)


def standing_of(tenant: Tenant, *, now: datetime) -> Standing:
    """What was counted of a tenant's last days."""
    today = local_date(now, zone=zone_named(tenant.timezone))
    first = today - timedelta(days=LAST_DAYS + DAYS_BEFORE - 1)
    with scope.reading(tenant.id):
        rows = list(
            DayCount.objects.filter(date__range=(first, today)).order_by("-date")
        )
        counted = [row.counted_at for row in rows if row.counted_at is not None]
        return Standing(
            today=today,
            days=list(map(figures_of, rows)),
            patience=setting_in_force().patience,
            counted_at=max(counted, default=None),
            new_queues=_new_queues(),
            waiting=Delivery.objects.filter(due_at__isnull=False).count(),
        )


def _new_queues() -> int:
    if not Queue.objects.filter(confirmed_at__isnull=False).exists():
        return 0
    return Queue.objects.filter(confirmed_at=None).count()
