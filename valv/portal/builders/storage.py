"""The general storage times as they stand in the form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.moments import local_date, zone_named
from valv.core.retention import FOREVER, LONGEST, Days, StorageTimes, Stored
from valv.core.storage_rules import Minimum, StoragePolicy, changed_policy
from valv.lifecycle.queries import MOST_COUNTED, Store
from valv.portal.contexts.storage import StorageTime, TypedTime
from valv.portal.typed import typed
from valv.tenants.models import Tenant

DAYS, FOLLOW, EVER = "days", "follow", "ever"


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent; ``policy`` only if there is no fault in it."""

    times: Mapping[Stored, TypedTime]
    number: str
    decided_on: str
    applies_to: str
    version: str
    policy: StoragePolicy | None = None

    @property
    def is_faultless(self) -> bool:
        return not any(one.fault for one in self.times.values())


def typed_from(post: Mapping[str, str], current: StoragePolicy) -> Typed:
    """Read the form; what cannot be is a fault at its class, and nothing is guessed."""
    given = Typed(
        times={stored: typed_time(post, stored) for stored in Stored},
        number=typed(post, "decision_number"),
        decided_on=typed(post, "decision_on"),
        applies_to=typed(post, "applies_to"),
        version=typed(post, "version"),
    )
    return replace(given, policy=policy_in(given, current))


def typed_time(
    post: Mapping[str, str], stored: Stored, *, before: str = ""
) -> TypedTime:
    """What is typed of a class, in a rule's fields whose names begin so.

    A rule may leave any class to others; the general times leave none to nobody.
    """
    given = {
        part: typed(post, f"{before}{stored}_{part}")
        for part in ("mode", "days", "least")
    }
    one = TypedTime(stored.value, given["mode"], given["days"], given["least"])
    leads = stored is Stored.GENERAL and not before
    modes = (DAYS, EVER) if leads else (DAYS, FOLLOW, EVER)
    return replace(one, fault=_fault_of(one, modes))


def _fault_of(one: TypedTime, modes: tuple[str, ...]) -> str:
    if not _can_be(one, modes):
        return fault()
    if one.mode == DAYS and one.least and int(one.least) > int(one.days):
        return _("At least is more than at most.")
    return ""


def _can_be(one: TypedTime, modes: tuple[str, ...]) -> bool:
    if one.mode not in modes:
        return False
    if one.mode == DAYS and not _is_number(one.days):
        return False
    return not one.least or _is_number(one.least)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= LONGEST


def fault() -> str:
    return _("A whole number of days, from 0 to %(most)s.") % {"most": LONGEST}


def maximum_in(one: TypedTime) -> int | str | None:
    """As ``core.retention`` reads it; None where it follows."""
    if one.mode == DAYS:
        return int(one.days)
    return FOREVER.value if one.mode == EVER else None


def policy_in(given: Typed, current: StoragePolicy) -> StoragePolicy | None:
    """The version that the form makes of the current one; None for a fault in it."""
    if not given.is_faultless:
        return None
    stated = {
        "times": {s.value: maximum_in(one) for s, one in given.times.items()},
        "minimum": least_in(given.times.values()),
        "decision": decision_in(given.number, given.decided_on),
    }
    try:
        return changed_policy(stated, current=current)
    except Malformed:
        return None


def least_in(times: Any) -> dict[str, int]:
    return {one.key: int(one.least) for one in times if one.least}


def decision_in(number: str, decided_on: str) -> dict[str, str]:
    stated = {"number": number, "on": decided_on}
    return {name: text for name, text in stated.items() if text}


def typed_of(policy: StoragePolicy, *, version: int) -> Typed:
    """The form as it stands for the version in force."""
    own = {s: getattr(policy.times, s.value) for s in Stored}
    on = policy.decision.on
    return Typed(
        times={s: typed_as(s, days, policy.minimum) for s, days in own.items()},
        number=policy.decision.number,
        decided_on=on.isoformat() if on else "",
        applies_to="existing",
        version=str(version),
        policy=policy,
    )


def typed_as(stored: Stored, days: Days | None, minimum: Minimum) -> TypedTime:
    mode = FOLLOW if days is None else EVER if days is FOREVER else DAYS
    shown = str(days) if mode == DAYS else ""
    least = minimum.get(stored)
    return TypedTime(stored.value, mode, shown, "" if least is None else str(least))


def storage_rows(
    given: Typed,
    current: StorageTimes,
    stores: Mapping[Stored, Store],
    *,
    tenant: Tenant,
) -> tuple[StorageTime, ...]:
    """A row for each class; what it means is told of what is typed, if it can be."""
    times = given.policy.times if given.policy else current
    return tuple(
        StorageTime(
            given.times[stored],
            effective=number(times.effective(stored)),
            held=min(stores[stored].count, MOST_COUNTED),
            more=stores[stored].count > MOST_COUNTED,
            oldest_on=local(stores[stored].oldest, tenant),
        )
        for stored in Stored
    )


def local(at: datetime | None, tenant: Tenant) -> date | None:
    return None if at is None else local_date(at, zone=zone_named(tenant.timezone))


def number(days: Days) -> int | None:
    return None if days is FOREVER else days
