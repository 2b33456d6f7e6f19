"""Storage times as they stand in the form, and what a change of them would take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.moments import local_date, zone_named
from valv.core.retention import (
    FOREVER,
    LONGEST,
    Days,
    StorageTimes,
    Stored,
    parse_days,
)
from valv.lifecycle.queries import MOST_COUNTED, Store
from valv.portal.contexts.reports import StorageChange, StorageTime
from valv.portal.typed import typed
from valv.tenants.models import Tenant

DAYS, FOLLOW, EVER = "days", "follow", "ever"


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent; ``times`` only if there is no fault in it."""

    modes: Mapping[Stored, str]
    days: Mapping[Stored, str]
    faults: Mapping[Stored, str]
    times: StorageTimes | None


def typed_from(post: Mapping[str, str]) -> Typed:
    """Read the form; what cannot be is a fault at its class, and nothing is guessed."""
    modes = {stored: post.get(f"{stored}_mode", "") for stored in Stored}
    days = {stored: typed(post, f"{stored}_days") for stored in Stored}
    read: dict[str, Days | None] = {}
    faults: dict[Stored, str] = {}
    for stored in Stored:
        try:
            read[stored.value] = _read(stored, modes[stored], days[stored])
        except Malformed:
            faults[stored] = _fault()
    times = None if faults else StorageTimes(**read)  # type: ignore[arg-type]
    return Typed(modes, days, faults, times)


def _read(stored: Stored, mode: str, days: str) -> Days | None:
    if mode == EVER:
        return FOREVER
    if mode == FOLLOW and stored is not Stored.GENERAL:
        return None
    if mode != DAYS:
        raise Malformed("There is no such choice.", field=stored.value)
    return parse_days(days or "?", field=stored.value)


def _fault() -> str:
    return _("A whole number of days, from 0 to %(most)s.") % {"most": LONGEST}


def typed_of(times: StorageTimes) -> Typed:
    """The form as it stands for the times in force."""
    own: dict[Stored, Days | None] = {s: getattr(times, s.value) for s in Stored}
    modes = {stored: _mode(days) for stored, days in own.items()}
    days = {s: str(value) if isinstance(value, int) else "" for s, value in own.items()}
    return Typed(modes, days, {}, times)


def _mode(days: Days | None) -> str:
    if days is None:
        return FOLLOW
    return EVER if days is FOREVER else DAYS


def storage_rows(
    typed: Typed,
    current: StorageTimes,
    stores: Mapping[Stored, Store],
    *,
    tenant: Tenant,
) -> tuple[StorageTime, ...]:
    """A row for each class; what it means is told of what is typed, if it can be."""
    times = typed.times or current
    return tuple(
        StorageTime(
            key=stored.value,
            mode=typed.modes[stored],
            days=typed.days[stored],
            effective=_number(times.effective(stored)),
            held=min(stores[stored].count, MOST_COUNTED),
            more=stores[stored].count > MOST_COUNTED,
            oldest_on=_date(stores[stored].oldest, tenant),
            fault=typed.faults.get(stored, ""),
        )
        for stored in Stored
    )


def _date(at: datetime | None, tenant: Tenant) -> date | None:
    return None if at is None else local_date(at, zone=zone_named(tenant.timezone))


def _number(days: Days) -> int | None:
    return None if days is FOREVER else days


def changes_of(
    before: StorageTimes, after: StorageTimes, goes: Mapping[Stored, int]
) -> tuple[StorageChange, ...]:
    """The classes that are kept for another time, and how many go the coming night."""
    return tuple(
        StorageChange(
            stored.value,
            _number(before.effective(stored)),
            _number(after.effective(stored)),
            goes[stored],
        )
        for stored in Stored
        if _differs(stored, before, after)
    )


def _differs(stored: Stored, before: StorageTimes, after: StorageTimes) -> bool:
    own = getattr(before, stored.value) != getattr(after, stored.value)
    return own or before.effective(stored) != after.effective(stored)
