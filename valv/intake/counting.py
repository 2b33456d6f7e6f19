"""Counting a day: what came of what was to come, kept so that no page counts again.

A day is counted from the interactions that started in it; what is missing is listed by
interaction, and follows what is there at each count. Whoever counts claims the day
first, so that two workers do not do the same. Days whose general information is about
to go keep the figures they had.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from django.db import connection

from valv.archive.models import Interaction
from valv.core.completeness import Gap, Parts, parts_of
from valv.core.daily_figures import RECOUNTED, Figures, is_due
from valv.core.ids import month_of
from valv.core.moments import local_date, local_day_bounds, zone_named
from valv.core.retention import Stored
from valv.intake.facts import Lens, confirmed_queues, facts_between
from valv.intake.models import DayCount, Missing
from valv.intake.patience import setting_in_force
from valv.storage import months, scope
from valv.tenants.models import Tenant
from valv.tenants.queries import storage_times

BATCH = 250  # a write transaction stays under 250 ms
KEPT = timedelta(days=400)

Gaps = frozenset[tuple[Gap, int]]
Lacking = dict[int, tuple[datetime, Gaps]]


def figures_of(row: DayCount) -> Figures:
    """A day's figures as they were counted."""
    gaps = {Gap(name): n for name, n in row.gaps.items()}
    return Figures(row.date, row.interactions, row.expected, gaps)


def count_due(tenant: Tenant, *, now: datetime) -> list[date]:
    """Count every day that is due, the newest first; answers which were counted."""
    zone = zone_named(tenant.timezone)
    today = local_date(now, zone=zone)
    with scope.reading(tenant.id):
        cutoff = storage_times().due_before(Stored.GENERAL, run_date=today, zone=zone)
        known = dict(
            DayCount.objects.filter(date__gte=today - RECOUNTED).values_list(
                "date", "counted_at"
            )
        )
    counted = []
    for age in range(RECOUNTED.days + 1):
        on = today - timedelta(days=age)
        first, _ = local_day_bounds(on, zone=zone)
        is_leaving = cutoff is not None and first < cutoff
        if is_leaving or not is_due(on, known.get(on), today=today, now=now):
            continue
        if _claim(tenant, on, known.get(on), now=now):
            count_day(tenant, on, now=now)
            counted.append(on)
    return counted


def _claim(tenant: Tenant, on: date, before: datetime | None, *, now: datetime) -> bool:
    """Whether nobody else counts this day now."""
    with scope.writing(tenant.id):
        DayCount.objects.bulk_create([DayCount(date=on)], ignore_conflicts=True)
        mine = DayCount.objects.filter(date=on, counted_at=before)
        claimed = mine.update(counted_at=now) == 1
        if claimed:
            DayCount.objects.filter(date__lt=on - KEPT).delete()
    return claimed


def count_day(tenant: Tenant, on: date, *, now: datetime) -> Figures:
    """Count one local day, and list what is missing of it."""
    first, end = local_day_bounds(on, zone=zone_named(tenant.timezone))
    with scope.reading(tenant.id):
        lens = Lens(storage_times(), confirmed_queues())
        patience = setting_in_force().patience
    interactions = expected = 0
    lacking: Lacking = {}
    counts: Counter[Gap] = Counter()
    for page in facts_between(tenant, first, end, lens):
        for interaction_id, facts in page.items():
            parts: Parts = parts_of(facts, patience=patience, now=now)
            interactions += 1
            expected += parts.expected
            counts.update(gap for gap, _ in parts.gaps)
            if parts.gaps:
                lacking[interaction_id] = (facts.started_at, parts.gaps)
    _list(tenant, lacking, _listed(tenant, first, end))
    with scope.writing(tenant.id):
        DayCount.objects.filter(date=on).update(
            interactions=interactions,
            expected=expected,
            gaps={gap.value: n for gap, n in counts.items()},
        )
    return Figures(on, interactions, expected, counts)


def _listed(tenant: Tenant, first: datetime, end: datetime) -> Lacking:
    """What stands as missing of a window."""
    found: dict[int, tuple[datetime, set[tuple[Gap, int]]]] = {}
    with scope.reading(tenant.id):
        rows = Missing.objects.filter(started_at__gte=first, started_at__lt=end)
        listed = rows.values_list("interaction_id", "started_at", "kind", "n")
        for interaction_id, at, kind, n in listed:
            _, gaps = found.setdefault(interaction_id, (at, set()))
            gaps.add((Gap.numbered(kind), n))
    return {id_: (at, frozenset(gaps)) for id_, (at, gaps) in found.items()}


def _list(tenant: Tenant, lacking: Lacking, before: Lacking) -> None:
    """Bring the list up to date, a few interactions at a time."""
    changed = [
        id_
        for id_ in sorted(lacking.keys() | before.keys())
        if lacking.get(id_) != before.get(id_)
    ]
    months.ensure(_months(changed))
    for start in range(0, len(changed), BATCH):
        part = changed[start : start + BATCH]
        with scope.writing(tenant.id):
            there = _there(part) & lacking.keys()
            Missing.objects.filter(interaction_id__in=part).delete()
            Missing.objects.bulk_create(_rows({id_: lacking[id_] for id_ in there}))


def _there(interaction_ids: list[int]) -> set[int]:
    """Those that are still there, and stay so until the transaction ends."""
    found = Interaction.objects.filter(id__in=interaction_ids).order_by("id")
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    return set(found.values_list("id", flat=True))


def _rows(lacking: Mapping[int, tuple[datetime, Gaps]]) -> Iterator[Missing]:
    for interaction_id, (at, gaps) in lacking.items():
        for gap, n in sorted(gaps):
            yield Missing(
                interaction_id=interaction_id, kind=gap.number, n=n, started_at=at
            )


def _months(interaction_ids: Iterable[int]) -> set[date]:
    return {date(*month_of(interaction_id), 1) for interaction_id in interaction_ids}
