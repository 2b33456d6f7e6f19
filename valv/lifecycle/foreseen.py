"""What a night would take, class by class, before anything is saved or removed.

Counted by the very queries that the night purges by: how many, from when, how large,
some of them to look at; and what is past its time and stays, for a hold or a minimum.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet, Sum

from valv.archive.models import Interaction, RawEvent, Survey
from valv.core.retention import ALONE, KIND_OF, StorageTimes, Stored, cutoff
from valv.core.storage_rules import AppliesTo, StoragePolicy
from valv.lifecycle.alone import Alone, alone_of
from valv.lifecycle.due import (
    Kept,
    chats_due,
    children_due,
    contents_due,
    general_due,
    present,
    tallied,
    that_night,
    transcripts_due,
    unheld,
)
from valv.storage import scope
from valv.tenants.models import Tenant

SAMPLES = 5
CHILDREN: dict[Stored, Any] = {Stored.SURVEYS: Survey, Stored.RAW_EVENTS: RawEvent}
COUNT = {"count": Count("*")}
COUNT_AND_SIZE = {**COUNT, "bytes": Sum("stored_bytes")}
FORESEEN = tuple(stored for stored in Stored if stored not in ALONE)


@dataclass(slots=True)
class Foreseen:
    """Of one class: what goes, and how much would but for a hold or a minimum.

    ``bytes`` are those of content in store; ``samples`` the oldest, by the moment that
    they ended and the id of the interaction.
    """

    count: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    bytes: int = 0
    held: int = 0
    under_minimum: int = 0
    samples: list[tuple[datetime, int]] = field(default_factory=list)


def foreseen(
    tenant: Tenant,
    run_date: date,
    policy: StoragePolicy | None = None,
    applies_to: AppliesTo = AppliesTo.EXISTING,
) -> dict[Stored, Foreseen]:
    """What the night of a date would take; with a ``policy``, if that was in force."""
    zone = ZoneInfo(tenant.timezone)
    with scope.reading(tenant.id):
        policy, kept = that_night(run_date, zone, policy, applies_to)
        found: dict[Stored, Foreseen] = {stored: Foreseen() for stored in FORESEEN}
        for stored, seen in found.items():
            for one in kept:
                _see(seen, stored, one, run_date, zone)
        alone = {
            one.stored: _seen_alone(one, policy.times, run_date)
            for one in alone_of(zone)
        }
    return found | alone


def _seen_alone(one: Alone, times: StorageTimes, run_date: date) -> Foreseen:
    before = one.before(times, run_date)
    if before is None:
        return Foreseen()
    rows = one.due(before)
    ends = rows.order_by().aggregate(oldest=Min(one.age), newest=Max(one.age))
    oldest, newest = map(one.moment, (ends["oldest"], ends["newest"]))
    return Foreseen(one.count(rows), oldest, newest)


def _see(
    seen: Foreseen, stored: Stored, kept: Kept, run_date: date, zone: ZoneInfo
) -> None:
    seen.under_minimum += _under_minimum(stored, kept, run_date, zone)
    for due in _going(stored, kept, run_date, zone):
        goes, held = tallied(due, **(COUNT_AND_SIZE if stored in KIND_OF else COUNT))
        seen.count += goes["count"]
        seen.held += held["count"]
        seen.bytes += goes.get("bytes", 0)
        _see_ends(seen, stored, unheld(due).order_by())


def _see_ends(seen: Foreseen, stored: Stored, rows: QuerySet[Any]) -> None:
    newest = rows.aggregate(newest=Max("aged_from"))["newest"]
    seen.newest = max(filter(None, (seen.newest, newest)), default=None)
    its_id = "id" if stored is Stored.GENERAL else "interaction_id"
    some = rows.order_by("aged_from").values_list("aged_from", its_id)[:SAMPLES]
    seen.samples = sorted([*seen.samples, *some])[:SAMPLES]
    seen.oldest = min((at for at, _ in seen.samples), default=None)


def _going(
    stored: Stored, kept: Kept, run_date: date, zone: ZoneInfo
) -> list[QuerySet[Any]]:
    """What is past its time, held or not; empty if nothing ever is."""
    if stored is Stored.TRANSCRIPTS:
        written = transcripts_due(kept, run_date, zone)
        return [] if written is None else [written]
    due = kept.due(stored, run_date, zone)
    if due is None:
        return []
    if stored is Stored.GENERAL:
        return [general_due(due)]
    if stored is Stored.CHAT_LOGS:
        return [contents_due(stored, due), chats_due(due)]
    if stored in KIND_OF:
        return [contents_due(stored, due)]
    return [children_due(CHILDREN[stored], due)]


def _under_minimum(stored: Stored, kept: Kept, run_date: date, zone: ZoneInfo) -> int:
    """How many are past their maximum, and are kept by a minimum alone."""
    most, least = kept.terms.maximum(stored), kept.terms.period(stored)
    if most.days == least.days:
        return 0
    first = cutoff(least.days, run_date=run_date, zone=zone)
    last = cutoff(most.days, run_date=run_date, zone=zone)
    if first is None or last is None:
        return 0
    rows = kept.among(_all(stored)).filter(aged_from__gte=first, aged_from__lt=last)
    return int(rows.count())


def _all(stored: Stored) -> QuerySet[Any]:
    if stored in KIND_OF:
        return present(stored)
    model: Any = CHILDREN.get(stored, Interaction)
    found: QuerySet[Any] = model.objects.all()
    return found
