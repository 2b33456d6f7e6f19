"""Changes of the storage times, and those that wait before they hold.

A tenant may want a second person to confirm each, and some days to pass in which
anybody who sees to the storage times can withdraw it. One change waits at a time; the
first night after its days puts it in force.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Conflict, Malformed, NotFound, Refused
from valv.core.people import Actor
from valv.core.permissions import Right
from valv.core.retention import times_from
from valv.core.storage_rules import AppliesTo, StoragePolicy, policy_from
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import StorageChange, Tenant
from valv.tenants.storage_terms import (
    check_version,
    put_in_force,
    refuse_words,
    storage_policy,
    told_of,
)

LONGEST_WAIT = 90
NAME = "storage_change"
WAITS = "A change of the storage times waits already; withdraw or confirm it first."


def change_storage(
    tenant: Tenant,
    policy: StoragePolicy,
    *,
    applies_to: AppliesTo = AppliesTo.EXISTING,
    actor: Actor,
    now: datetime,
    instead_of: int | None = None,
) -> StorageChange | None:
    """Change the storage times as the tenant wants that done.

    Answers the change that waits now, or None: then it is in force. ``instead_of`` is
    the number of the version that was changed. Raises Conflict if that is not in force
    any more, or another change waits, and Malformed for words that lead to somebody.
    """
    refuse_words(tenant, policy)
    with scope.writing(tenant.id):
        tenant.refresh_from_db(fields=["storage_wait_days", "storage_two_persons"])
        check_version(instead_of)
        if waiting() is not None:
            raise Conflict(WAITS)
        if not (tenant.storage_wait_days or tenant.storage_two_persons):
            put_in_force(policy, applies_to, set_by=actor.name, actor=actor, now=now)
            return None
        return _ask(tenant, policy, applies_to, actor=actor, now=now)


def _ask(
    tenant: Tenant,
    policy: StoragePolicy,
    applies_to: AppliesTo,
    *,
    actor: Actor,
    now: datetime,
) -> StorageChange:
    details = setting(NAME, told_of(storage_policy()), told_of(policy))
    details |= {"applies_to": applies_to.value}
    record(Act(Action.SETTING, details=details), actor=actor, now=now)
    alone = not tenant.storage_two_persons
    change = StorageChange(
        policy=policy.as_json(),
        applies_to=applies_to.value,
        asked_at=now,
        asked_by=actor.mark,
        asked_by_name=actor.name[:200],
        holds_from=_after_wait(tenant, now) if alone else None,
    )
    try:
        change.save(force_insert=True)
    except IntegrityError:
        raise Conflict(WAITS) from None
    return change


def _after_wait(tenant: Tenant, now: datetime) -> datetime:
    return now + timedelta(days=tenant.storage_wait_days)


def waiting() -> StorageChange | None:
    """The change that waits, if one does. Inside a scope."""
    found: StorageChange | None = StorageChange.objects.order_by("-id").first()
    return found if found is not None and not found.outcome else None


def waiting_until(moment: datetime) -> StorageChange | None:
    """The change that will be in force by a moment, if nobody withdraws it."""
    found = waiting()
    if found is None or found.holds_from is None or found.holds_from > moment:
        return None
    return found


def policy_of(change: StorageChange) -> StoragePolicy:
    plain = dict(change.policy)
    return policy_from(plain, times=times_from(plain.pop("times")))


def groups_named() -> frozenset[str]:
    """User groups that a rule in force, or one that waits to be, names. In a scope."""
    change = waiting()
    policies = [storage_policy(), *([] if change is None else [policy_of(change)])]
    rules = (rule for policy in policies for rule in policy.rules)
    return frozenset(name for rule in rules for name in rule.group)


def may_confirm(caller: Caller, change: StorageChange) -> bool:
    """Whether it awaits a second person, who they may be."""
    waits = not change.outcome and change.holds_from is None
    return waits and change.asked_by != caller.actor.mark


def confirm(caller: Caller, *, now: datetime) -> StorageChange:
    """Be the second person; it holds when its days have passed, or at once.

    Raises Forbidden, NotFound if none waits for that, and Refused (``second_person``)
    for who asked for it.
    """
    caller.require(Right.RETENTION)
    with scope.writing(caller.tenant.id):
        change = waiting()
        if change is None or change.holds_from is not None:
            raise NotFound
        if not may_confirm(caller, change):
            raise Refused("second_person", "Somebody else must confirm the change.")
        change.confirmed_at, change.confirmed_by = now, caller.actor.name[:200]
        change.holds_from = _after_wait(caller.tenant, now)
        change.save()
        _enter("confirmed", actor=caller.actor, now=now)
        if change.holds_from <= now:
            _put(change, actor=caller.actor, now=now)
    return change


def withdraw(caller: Caller, *, now: datetime) -> None:
    """Let the change that waits never hold. Raises Forbidden, and NotFound."""
    caller.require(Right.RETENTION)
    with scope.writing(caller.tenant.id):
        change = waiting()
        if change is None:
            raise NotFound
        change.outcome, change.ended_at = "withdrawn", now
        change.save()
        _enter("withdrawn", actor=caller.actor, now=now)


def _enter(what: str, *, actor: Actor, now: datetime) -> None:
    details = setting(NAME, {"state": "waiting"}, {"state": what})
    record(Act(Action.SETTING, details=details), actor=actor, now=now)


def put_due(tenant: Tenant, *, actor: Actor, now: datetime) -> None:
    """Put the change in force whose days have passed, if there is one."""
    with scope.writing(tenant.id):
        change = waiting_until(now)
        if change is not None:
            _put(change, actor=actor, now=now)


def _put(change: StorageChange, *, actor: Actor, now: datetime) -> None:
    change.outcome, change.ended_at = "in_force", now
    change.save()
    policy, applies_to = policy_of(change), AppliesTo(change.applies_to)
    set_by = ", ".join(filter(None, (change.asked_by_name, change.confirmed_by)))
    put_in_force(policy, applies_to, set_by=set_by[:200], actor=actor, now=now)


def how_changed(tenant: Tenant) -> dict[str, int | bool]:
    """How storage times are changed in a tenant."""
    return {
        "wait_days": tenant.storage_wait_days,
        "two_persons": tenant.storage_two_persons,
    }


def set_how_changed(
    tenant: Tenant, *, wait_days: int, two_persons: bool, actor: Actor, now: datetime
) -> None:
    """How storage times are changed from now on; what waits already goes on as it was.

    Raises Malformed for more than 90 days.
    """
    if not 0 <= wait_days <= LONGEST_WAIT:
        raise Malformed(f"From 0 to {LONGEST_WAIT} days.", field="wait_days")
    with scope.writing(tenant.id):
        before = how_changed(Tenant.objects.get(id=tenant.id))
        after: dict[str, int | bool] = {
            "wait_days": wait_days,
            "two_persons": two_persons,
        }
        if before != after:
            Tenant.objects.filter(id=tenant.id).update(
                storage_wait_days=wait_days, storage_two_persons=two_persons
            )
            details = setting("storage_changes", _named(before), _named(after))
            record(Act(Action.SETTING, details=details), actor=actor, now=now)
    tenant.storage_wait_days, tenant.storage_two_persons = wait_days, two_persons


def _named(how: Mapping[str, int | bool]) -> dict[str, int | bool]:
    """By the names under which the change log has words for them."""
    return {f"storage_{name}": value for name, value in how.items()}
