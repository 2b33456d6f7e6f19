"""Storage times as machines and the command line are told them, and state them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from valv.core.errors import Malformed
from valv.core.interaction import decoded
from valv.core.moments import format_moment
from valv.core.storage_rules import AppliesTo, StoragePolicy, changed_policy
from valv.lifecycle import nightly
from valv.lifecycle.foreseen import Foreseen, foreseen
from valv.storage import scope
from valv.tenants.models import StorageChange, Tenant
from valv.tenants.storage_changes import policy_of, waiting
from valv.tenants.storage_terms import storage_policy, version_in_force

PARTS = {"times", "minimum", "rules", "decision", "applies_to"}


class Wanted(NamedTuple):
    """A version that is asked for, and whether what is held already follows it."""

    policy: StoragePolicy
    applies_to: AppliesTo


def wanted_from(tenant: Tenant, stated: Mapping[str, Any]) -> Wanted:
    """The version in force with what is stated changed. Raises Malformed."""
    if not stated.keys() <= PARTS:
        raise Malformed(f"It has {', '.join(sorted(PARTS))}.")
    with scope.reading(tenant.id):
        current = storage_policy()
    applies_to = decoded(stated.get("applies_to", "existing"), AppliesTo)
    parts = {name: stated[name] for name in stated.keys() - {"applies_to"}}
    return Wanted(changed_policy(parts, current=current), applies_to)


def told_in_force(tenant: Tenant) -> dict[str, Any]:
    """The version in force, and the change that waits, if one does."""
    with scope.reading(tenant.id):
        found, change = version_in_force(), waiting()
    return {
        "version": found.number,
        "since": found.since and format_moment(found.since),
        "set_by": found.set_by,
        **found.policy.as_json(),
        "waiting": None if change is None else _told(change),
    }


def _told(change: StorageChange) -> dict[str, Any]:
    return {
        "asked_at": format_moment(change.asked_at),
        "asked_by": change.asked_by_name,
        "confirmed_by": change.confirmed_by,
        "holds_from": change.holds_from and format_moment(change.holds_from),
        "applies_to": change.applies_to,
        **policy_of(change).as_json(),
    }


def told_foreseen(tenant: Tenant, wanted: Wanted, *, now: datetime) -> dict[str, Any]:
    """What tonight would remove if that was in force, class by class."""
    date = nightly.today(tenant, now)
    with scope.reading(tenant.id):
        classes = foreseen(tenant, date, *wanted)
        report = nightly.report_of(date, classes).as_json()
    told = {stored.value: _foreseen(one) for stored, one in classes.items()}
    return {**report, "classes": told}


def _foreseen(one: Foreseen) -> dict[str, Any]:
    return {
        "count": one.count,
        "oldest": one.oldest and format_moment(one.oldest),
        "newest": one.newest and format_moment(one.newest),
        "bytes": one.bytes,
        "held": one.held,
        "under_minimum": one.under_minimum,
        "samples": [str(id_) for _, id_ in one.samples],
    }
