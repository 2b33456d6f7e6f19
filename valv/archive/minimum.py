"""The minimum period: until when something may not be removed, whoever wants it gone.

The night needs not ask, for its own times count it in. Everybody else asks here: who
deletes by hand or many at once, and who forgets a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from valv.archive.models import Interaction
from valv.archive.storage_terms import Sorting
from valv.core.interaction import ContentKind
from valv.core.moments import local_date
from valv.core.retention import Stored, stored_as
from valv.core.verdict import Obliged, obliged
from valv.tenants.models import Tenant

# Where whom it was about is told beside the content, and what they wrote.
PERSONAL: Final = (Stored.GENERAL, Stored.SURVEYS, Stored.RAW_EVENTS)


@dataclass(frozen=True, slots=True)
class Minimum:
    """What a tenant's minima say today. Used inside one scope."""

    sorting: Sorting
    zone: ZoneInfo
    today: date

    @classmethod
    def of(cls, tenant: Tenant, *, now: datetime) -> "Minimum":
        zone = ZoneInfo(tenant.timezone)
        return cls(Sorting(), zone, local_date(now, zone=zone))

    def is_none(self) -> bool:
        """Whether no version asks for any, so that nothing need be looked at."""
        policies = self.sorting.book.versions.values()
        return not any(
            policy.minimum or any(rule.minimum for rule in policy.rules)
            for policy in policies
        )

    def of_content(
        self, row: Interaction, kinds: Iterable[ContentKind]
    ) -> Obliged | None:
        """What keeps content of these kinds, longest first; None if nothing does."""
        restricted = bool(row.restricted)
        return self._among(
            row, {stored_as(kind, restricted=restricted) for kind in kinds}
        )

    def of_person(self, row: Interaction) -> Obliged | None:
        """What keeps whom it was about: anonymising takes from each of these."""
        return self._among(row, PERSONAL, is_own=True)

    def _among(
        self, row: Interaction, classes: Iterable[Stored], *, is_own: bool = False
    ) -> Obliged | None:
        if self.is_none():
            return None
        terms = self.sorting.terms(row)
        found = [
            obliged(
                terms.minimum(stored) if is_own else terms.floor(stored),
                ended_at=row.aged_from,
                zone=self.zone,
                today=self.today,
            )
            for stored in classes
        ]
        return max(filter(None, found), key=lambda one: one.until, default=None)
