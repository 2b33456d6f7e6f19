"""Telling once that a day is worse than the days before it.

The day is marked and the news laid out in one transaction, so it is told at least once
and decided once. The news holds figures alone: nothing of it is about anybody.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from valv.core.completeness import Patience
from valv.core.daily_figures import (
    DAYS_BEFORE,
    RECENT,
    Figures,
    is_worse,
    share_before,
)
from valv.core.moments import local_date, zone_named
from valv.intake.counting import figures_of
from valv.intake.models import DayCount, Delivery
from valv.intake.patience import setting_in_force
from valv.storage import scope
from valv.tenants.models import Tenant

WORSE = "completeness.worse"
log = logging.getLogger("valv.completeness")


def tell_worse(tenant: Tenant, days: Iterable[date], *, now: datetime) -> None:
    """Look at days just counted, and tell of those that got worse."""
    today = local_date(now, zone=zone_named(tenant.timezone))
    for on in sorted(day for day in days if today - day <= RECENT):
        with scope.writing(tenant.id):
            setting = setting_in_force()
            week = week_of(on)
            day = next(one for one in week if one.on == on)
            if is_worse(day, week, patience=setting.patience) and _mark(on, now=now):
                _tell(tenant, day, week, is_asked=bool(setting.webhook), now=now)


def week_of(on: date) -> list[Figures]:
    """The figures of a day and of the week before it. Inside a scope."""
    first = on - timedelta(days=DAYS_BEFORE)
    return list(map(figures_of, DayCount.objects.filter(date__range=(first, on))))


def _mark(on: date, *, now: datetime) -> bool:
    """Whether it was not told before."""
    return DayCount.objects.filter(date=on, worse_at=None).update(worse_at=now) == 1


def _tell(
    tenant: Tenant,
    day: Figures,
    week: list[Figures],
    *,
    is_asked: bool,
    now: datetime,
) -> None:
    log.warning("tenant %s: more is missing of %s than before", tenant.id, day.on)
    if is_asked:
        news = news_of(tenant, day, week)
        Delivery.objects.create(body=news, created_at=now, due_at=now)


def news_of(tenant: Tenant, day: Figures, week: list[Figures]) -> dict[str, Any]:
    return {
        "type": WORSE,
        "tenant": tenant.slug,
        "day": day.on.isoformat(),
        "interactions": day.interactions,
        "expected": day.expected,
        "missing": day.missing,
        "share": round(day.share, 4),
        "share_before": round(share_before(day, week), 4),
        "gaps": {gap.value: n for gap, n in sorted(day.gaps.items())},
    }


def worsened(patience: Patience, figures: list[Figures]) -> list[Figures]:
    """Which of the days are worse than the week before each."""
    return [day for day in figures if is_worse(day, figures, patience=patience)]
