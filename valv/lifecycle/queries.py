"""Reading what the nights did and will do, and what is in store.

Nothing here decides: what is due is asked of the very queries that the run purges by.
Needs the right to storage times.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    IntegerField,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from valv.archive.models import Interaction, RawEvent, Survey
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.retention import ALONE, KIND_OF, StorageTimes, Stored
from valv.lifecycle import nightly
from valv.lifecycle.alone import Alone, alone_of
from valv.lifecycle.due import (
    Due,
    Kept,
    children_due,
    contents_due,
    general_due,
    present,
    that_night,
    unheld,
)
from valv.lifecycle.models import NightlyRun
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.storage_terms import book

MOST_COUNTED = 1_000_000
EACH = Count("*")
CHILDREN: dict[Stored, Any] = {Stored.SURVEYS: Survey, Stored.RAW_EVENTS: RawEvent}


@dataclass(frozen=True, slots=True)
class Store:
    """How much of a class there is, and from when; counted up to ``MOST_COUNTED``."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Coming:
    """What each night to come will take beyond the nights before it, by class."""

    nights: list[tuple[date, dict[Stored, int]]]
    held: int


def coming_date(tenant: Tenant, now: datetime) -> date:
    """The date of the next night: today's began when the day did."""
    return nightly.today(tenant, now) + timedelta(days=1)


def coming_nights(caller: Caller, first: date, *, count: int) -> Coming:
    """What the nights from ``first`` on will take, if nothing arrives meanwhile.

    One query for each class and terms, however many nights. Raises Forbidden.
    """
    caller.require(Right.RETENTION)
    dates = [first + timedelta(days=i) for i in range(count)]
    with scope.reading(caller.tenant.id):
        zone = ZoneInfo(caller.tenant.timezone)
        policy, kept = that_night(first, zone)
        found: dict[Stored, Counter[int]] = {
            stored: _by_night(caller, stored, kept, dates)
            for stored in Stored
            if stored not in ALONE
        }
        for one in alone_of(zone):
            found[one.stored] = _alone_by_night(one, policy.times, dates)
        held = nightly.held_count()
    listed = [
        (run_date, {stored: found[stored][i] for stored in Stored})
        for i, run_date in enumerate(dates)
    ]
    return Coming(listed, held)


def _by_night(
    caller: Caller, stored: Stored, kept: Sequence[Kept], dates: Sequence[date]
) -> Counter[int]:
    zone = ZoneInfo(caller.tenant.timezone)
    counted: Counter[int] = Counter()
    for one in kept:
        dues = [one.due(stored, day, zone) for day in dates]
        known = [due for due in dues if due is not None]
        if known:
            rows = _due(stored, known[-1]).annotate(age=_aged_from(stored))
            counted += _counted(rows, [due.before for due in known])
    return counted


def _alone_by_night(
    alone: Alone, times: StorageTimes, dates: Sequence[date]
) -> Counter[int]:
    cutoffs = [alone.before(times, day) for day in dates]
    known = [before for before in cutoffs if before is not None]
    if not known:
        return Counter()
    rows = alone.due(known[-1]).annotate(age=alone.age)
    return _counted(rows, [alone.edge(one) for one in known], number=alone.number)


def _counted(
    rows: QuerySet[Any],
    cutoffs: Sequence[datetime | date],
    *,
    number: Aggregate = EACH,
) -> Counter[int]:
    """How many are first due at each of some moments, in order."""
    night = Case(
        *(When(age__lt=before, then=Value(i)) for i, before in enumerate(cutoffs)),
        output_field=IntegerField(),
    )
    counted = rows.order_by().annotate(night=night).values_list("night")
    counted = counted.annotate(number=number)
    return Counter(dict(counted.values_list("night", "number")))


def _aged_from(stored: Stored) -> Any:
    """Raw events are as old as their interaction, and say so when it has ended."""
    if stored is not Stored.RAW_EVENTS:
        return F("aged_from")
    bearer = Interaction.objects.filter(id=OuterRef("interaction_id"))
    return Coalesce(Subquery(bearer.values("aged_from")), F("aged_from"))


def _due(stored: Stored, due: Due) -> QuerySet[Any]:
    if stored is Stored.GENERAL:
        return unheld(general_due(due))
    if stored in KIND_OF:
        return unheld(contents_due(stored, due))
    return unheld(children_due(CHILDREN[stored], due))


def _rows(stored: Stored) -> QuerySet[Any]:
    if stored in KIND_OF:
        return present(stored)
    model: Any = CHILDREN.get(stored, Interaction)
    found: QuerySet[Any] = model.objects.all()
    return found


def past_nights(caller: Caller, *, limit: int) -> list[NightlyRun]:
    """The runs behind us, newest first. Raises Forbidden."""
    caller.require(Right.RETENTION)
    with scope.reading(caller.tenant.id):
        return list(NightlyRun.objects.order_by("-date")[:limit])


def in_store(caller: Caller) -> dict[Stored, Store]:
    """What is held of each class now. Raises Forbidden."""
    caller.require(Right.RETENTION)
    with scope.reading(caller.tenant.id):
        numbers = sorted(book().held)
        found = {one: _store(one, numbers) for one in Stored if one not in ALONE}
        alone = alone_of(zone_named(caller.tenant.timezone))
        return found | {one.stored: _store_alone(one) for one in alone}


def _store(stored: Stored, numbers: Iterable[int]) -> Store:
    """By the index that orders what is kept by the same terms, by its age."""
    rows = _rows(stored)
    count = rows.order_by().values("terms")[: MOST_COUNTED + 1].count()
    if stored is Stored.GENERAL:  # by its start, of which there is an index
        oldest = rows.order_by("started_at").values_list("started_at", flat=True)
        return Store(count, oldest.first())
    by_terms = [rows.filter(terms__in=[number]) for number in numbers]
    ends = [one.aggregate(oldest=Min("aged_from"))["oldest"] for one in by_terms]
    return Store(count, min(filter(None, ends), default=None))


def _store_alone(one: Alone) -> Store:
    rows = one.all().order_by()
    oldest = one.moment(rows.aggregate(oldest=Min(one.age))["oldest"])
    if one.is_log:
        return Store(rows[: MOST_COUNTED + 1].count(), oldest)
    return Store(one.count(rows), oldest)
