"""What hangs on no interaction and goes by the general times alone.

Entries of the audit log that are of none, and scores of surveys that went.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from valv.archive.models import KeptScore
from valv.audit.models import Entry
from valv.audit.operations import old_entries
from valv.core.moments import local_date, night_starts_at
from valv.core.retention import ALONE, StorageTimes, Stored

CLASSES = tuple(stored for stored in Stored if stored in ALONE)


@dataclass(frozen=True, slots=True)
class Alone:
    """One such class of a tenant; ``age`` is the column its age is counted from."""

    stored: Stored
    zone: ZoneInfo

    @property
    def is_log(self) -> bool:
        return self.stored is Stored.LOG_ENTRIES

    @property
    def age(self) -> F:
        return F("at" if self.is_log else "day")

    @property
    def number(self) -> Aggregate:
        """A row of scores is of as many answers as it says."""
        return Count("*") if self.is_log else Sum("count")

    def all(self) -> QuerySet[Any]:
        if self.is_log:
            return Entry.objects.filter(interaction_id__isnull=True)
        return KeptScore.objects.all()

    def before(self, times: StorageTimes, run_date: date) -> datetime | None:
        """What is from before this moment goes on that night; None: nothing does."""
        return times.due_before(self.stored, run_date=run_date, zone=self.zone)

    def edge(self, before: datetime) -> datetime | date:
        """A moment, as the column that its age is counted from tells it."""
        return before if self.is_log else local_date(before, zone=self.zone)

    def moment(self, age: datetime | date | None) -> datetime | None:
        """The inverse of ``edge``."""
        if age is None or isinstance(age, datetime):
            return age
        return night_starts_at(age, zone=self.zone)

    def due(self, before: datetime) -> QuerySet[Any]:
        if self.is_log:
            return old_entries(before)
        return KeptScore.objects.filter(day__lt=self.edge(before))

    def count(self, rows: QuerySet[Any]) -> int:
        found = rows.order_by().aggregate(number=Coalesce(self.number, 0))
        return int(found["number"])


def alone_of(zone: ZoneInfo) -> Sequence[Alone]:
    return [Alone(stored, zone) for stored in CLASSES]
