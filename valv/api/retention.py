"""Storage times and their rules: shown, changed, and what a change would remove."""

from datetime import date
from typing import Any

from msgspec import Struct

from valv.api.endpoint import Call, endpoint
from valv.archive.kept import KeptPart, explain
from valv.core.errors import Malformed
from valv.core.interaction import decoded
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.retention import StorageTimes, times_from
from valv.core.storage_rules import AppliesTo, StoragePolicy, changed_policy
from valv.lifecycle import nightly
from valv.lifecycle.foreseen import Foreseen, foreseen
from valv.storage import scope
from valv.tenants.queries import storage_times
from valv.tenants.storage_terms import (
    set_storage_policy,
    set_storage_times,
    storage_policy,
    version_in_force,
)

Times = dict[str, int | str | None]


class PartKept(Struct, frozen=True):
    """A class of what there is of an interaction, and until when it is kept.

    ``days`` and ``goes_on`` are null for ever; ``rule`` is empty for the general times.
    Before ``may_go_on`` a minimum forbids to remove it.
    """

    part: str
    days: int | None
    goes_on: str | None
    rule: str
    decision: str
    decided_on: str | None
    may_go_on: str | None


class InteractionKept(Struct, frozen=True):
    """By which version of the storage times an interaction is kept, part by part."""

    version: int
    held: bool
    parts: list[PartKept]


Policy = dict[str, Any]
Preview = dict[str, Any]
PARTS = {"times", "minimum", "rules", "decision", "applies_to"}


def _now_in_force(call: Call) -> StorageTimes:
    with scope.reading(call.caller.tenant.id):
        return storage_times()


@endpoint("GET", "/retention", right=Right.RETENTION, answers={200: Times})
def show_storage_times(call: Call) -> Times:
    """Show how many days each class of data is kept where no rule says otherwise.

    A number of days, ``forever``, or null for as long as general information.
    """
    return _now_in_force(call).as_json()


@endpoint("PUT", "/retention", right=Right.RETENTION, body=Times, answers={200: Times})
def put_storage_times(call: Call) -> Times:
    """Set storage times; classes that are not named stay as they are."""
    times = times_from(call.json(Times), current=_now_in_force(call))
    caller = call.caller
    set_storage_times(caller.tenant, times, actor=caller.actor, now=call.now)
    return times.as_json()


@endpoint("GET", "/retention/rules", right=Right.RETENTION, answers={200: Policy})
def show_storage_rules(call: Call) -> Policy:
    """Show storage times, minima and rules: the version in force.

    Rules stand in their order: for each class the first that fits decides.
    """
    return _in_force(call)


@endpoint(
    "PUT",
    "/retention/rules",
    right=Right.RETENTION,
    body=Policy,
    answers={200: Policy},
)
def put_storage_rules(call: Call) -> Policy:
    """Set ``times``, ``minimum``, ``rules`` or ``decision``, as a version of its own.

    What is not named stays. ``applies_to`` is existing, as unsaid, or new: then what is
    held already stays on the version that it came under.
    """
    policy, applies_to = _stated(call, call.json(Policy))
    set_storage_policy(
        call.caller.tenant,
        policy,
        applies_to=applies_to,
        actor=call.caller.actor,
        now=call.now,
    )
    return _in_force(call)


def _in_force(call: Call) -> Policy:
    with scope.reading(call.caller.tenant.id):
        found = version_in_force()
    since = found.since and format_moment(found.since)
    told = {"version": found.number, "since": since, "set_by": found.set_by}
    return {**told, **found.policy.as_json()}


@endpoint(
    "POST",
    "/retention/preview",
    right=Right.RETENTION,
    body=Policy,
    answers={200: Preview},
)
def preview_storage_times(call: Call) -> Preview:
    """Say what tonight would remove under other storage times; nothing changes.

    Takes what either PUT takes. ``classes`` tells of each class how much goes, from
    when, its bytes and some samples, and what stays for a hold or a minimum.
    """
    tenant, asked = call.caller.tenant, call.json(Policy)
    date = nightly.today(tenant, call.now)
    stated = asked if asked.keys() & PARTS else {"times": asked}
    policy, applies_to = _stated(call, stated)
    wanted = None if applies_to is AppliesTo.NEW else policy
    classes = foreseen(tenant, date, policy=wanted)
    report = nightly.preview(tenant, date, policy=wanted).as_json()
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


@endpoint(
    "GET",
    "/interactions/{id}/retention",
    right=Right.SEE,
    answers={200: InteractionKept},
)
def explain_interaction(call: Call, id: str) -> InteractionKept:  # noqa: A002
    """Say when each part of an interaction goes, by which rule and decision."""
    found = explain(call.caller, id)
    return InteractionKept(
        found.version, found.held, [_part(one) for one in found.parts]
    )


def _part(one: KeptPart) -> PartKept:
    return PartKept(
        part=one.stored.value,
        days=one.days,
        goes_on=_day(one.goes_on),
        rule=one.rule,
        decision=one.decision.number,
        decided_on=_day(one.decision.on),
        may_go_on=_day(one.may_go_on),
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _stated(call: Call, asked: Policy) -> tuple[StoragePolicy, AppliesTo]:
    if not asked.keys() <= PARTS:
        raise Malformed(f"It has {', '.join(sorted(PARTS))}.")
    with scope.reading(call.caller.tenant.id):
        current = storage_policy()
    applies_to = decoded(asked.get("applies_to", "existing"), AppliesTo)
    parts = {name: asked[name] for name in asked.keys() - {"applies_to"}}
    return changed_policy(parts, current=current), applies_to
