"""Nights on either side of a change of clocks: each local day goes once, on its day.

The worker looks every half hour, from some days before the change to some days after.
In Stockholm the clocks change in the small hours; in Cairo at midnight, so that one day
begins at 01:00 and another has its last hour twice.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.cast import OPERATOR, make_tenant
from tests.held import lay_content, lay_interaction
from valv.archive.models import Content, Interaction
from valv.core.interaction import ContentState
from valv.core.retention import StorageTimes
from valv.jobs.work import keep_night
from valv.lifecycle.models import NightlyRun
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)

GENERAL, RECORDINGS = 3, 1
HALF_AN_HOUR = timedelta(minutes=30)
CHANGES = {
    "Stockholm, spring": ("Europe/Stockholm", date(2027, 3, 28), 23),
    "Stockholm, autumn": ("Europe/Stockholm", date(2027, 10, 31), 25),
    "Cairo, spring": ("Africa/Cairo", date(2027, 4, 30), 23),
    "Cairo, autumn": ("Africa/Cairo", date(2027, 10, 28), 25),
}


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first half hour, in UTC, that has this date there."""
    at = datetime.combine(day, time(), UTC) - timedelta(days=1)
    while at.astimezone(zone).date() < day:
        at += HALF_AN_HOUR
    return at


def half_hours(first: date, last: date, zone: ZoneInfo) -> Iterator[datetime]:
    at, end = first_instant(first, zone), first_instant(last, zone)
    while at < end:
        yield at
        at += HALF_AN_HOUR


@pytest.mark.parametrize("change", CHANGES)
def test_each_local_day_goes_once_and_on_its_day(
    installation: None, change: str
) -> None:
    name, day, hours = CHANGES[change]
    zone = ZoneInfo(name)
    tenant = make_tenant("acme", region="SE", timezone=name)
    times = StorageTimes(general=GENERAL, recordings=RECORDINGS)
    set_storage_times(tenant, times, actor=OPERATOR, now=first_instant(day, zone))
    days = [day + timedelta(days=n) for n in range(-5, 2)]
    for one in days:
        lay_both_ends(tenant, one, zone)
    tried: dict[int, datetime] = {}
    first, last = day - timedelta(days=1), day + timedelta(days=3)

    assert len(list(half_hours(day, day + timedelta(days=1), zone))) == hours * 2
    for now in half_hours(first, last, zone):
        keep_night(tenant, now, tried)
        today = now.astimezone(zone).date()
        assert left(tenant, zone) == (
            twice(one for one in days if (today - one).days <= GENERAL),
            twice(one for one in days if (today - one).days <= RECORDINGS),
        )

    with scope.reading(tenant.id):
        runs = list(NightlyRun.objects.order_by("date").values_list("date", "state"))
    nights = (last - first).days
    assert runs == [(first + timedelta(days=n), "done") for n in range(nights)]


def lay_both_ends(tenant: Tenant, day: date, zone: ZoneInfo) -> None:
    """A call in the first and one in the last moment of a local day."""
    end = first_instant(day + timedelta(days=1), zone)
    for at in (first_instant(day, zone), end - timedelta(milliseconds=1)):
        made = lay_interaction(tenant, session=f"{at:%Y%m%d%H%M%S}", started_at=at)
        lay_content(tenant, made, body=b"sound")
        with scope.writing(tenant.id):
            Content.objects.filter(interaction_id=made).update(aged_from=at)


def left(tenant: Tenant, zone: ZoneInfo) -> tuple[list[date], list[date]]:
    with scope.reading(tenant.id):
        calls = Interaction.objects.values_list("started_at", flat=True)
        present = Content.objects.filter(state=ContentState.PRESENT.number)
        sounds = present.values_list("aged_from", flat=True)
        return local(calls, zone), local(sounds, zone)


def local(moments: Iterable[datetime], zone: ZoneInfo) -> list[date]:
    return sorted(at.astimezone(zone).date() for at in moments)


def twice(days: Iterator[date]) -> list[date]:
    return sorted([one for one in days for _ in range(2)])
