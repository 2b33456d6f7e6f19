"""Storage times and their rules: shown, changed, and what a change would remove."""

from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from valv.api.endpoint import Answer, Call, endpoint
from valv.archive.kept import KeptPart, explain
from valv.core.permissions import Right
from valv.core.retention import Stored
from valv.core.storage_rules import AppliesTo, Decision, Minimum, Rules
from valv.lifecycle.storage_told import (
    told_foreseen,
    told_in_force,
    wanted_from,
)
from valv.storage import scope
from valv.tenants.queries import TIMES, storage_times
from valv.tenants.storage_changes import (
    change_storage,
    confirm,
    how_changed,
    set_how_changed,
    withdraw,
)

Time = int | str | None
Times = dict[str, Time]


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


class RulesStated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What of the storage times is to be another; what is not named stays."""

    times: Times | UnsetType = UNSET
    minimum: Minimum | UnsetType = UNSET
    rules: Rules | UnsetType = UNSET
    decision: Decision | UnsetType = UNSET
    applies_to: AppliesTo = AppliesTo.EXISTING


class PreviewStated(RulesStated, frozen=True):
    """The same; or, as of general times alone, each class by its name."""

    general: Time | UnsetType = UNSET
    recordings: Time | UnsetType = UNSET
    restricted: Time | UnsetType = UNSET
    chat_logs: Time | UnsetType = UNSET
    transcripts: Time | UnsetType = UNSET
    surveys: Time | UnsetType = UNSET
    raw_events: Time | UnsetType = UNSET
    log_entries: Time | UnsetType = UNSET
    scores: Time | UnsetType = UNSET


class ChangeWaiting(Struct, frozen=True):
    """A change that waits; ``holds_from`` is null until a second person confirms it."""

    asked_at: str
    asked_by: str
    confirmed_by: str
    holds_from: str | None
    applies_to: AppliesTo
    times: Times
    minimum: Minimum
    rules: Rules
    decision: Decision


class RulesShown(Struct, frozen=True):
    """The version in force: since when, by whom, and what waits to follow it."""

    version: int
    since: str | None
    set_by: str
    times: Times
    minimum: Minimum
    rules: Rules
    decision: Decision
    waiting: ChangeWaiting | None


class ClassPreview(Struct, frozen=True):
    """Of one class: what goes, from when, and what stays all the same."""

    count: int
    oldest: str | None
    newest: str | None
    bytes: int
    held: int
    under_minimum: int
    samples: list[str]


class Preview(Struct, frozen=True):
    """What tonight would remove, as the report of a night tells it, and by class."""

    date: str
    general: int
    recordings: int
    restricted: int
    chat_logs: int
    transcripts: int
    surveys: int
    raw_events: int
    log_entries: int
    scores: int
    audit_entries: int
    identifiers: int
    held: int
    failed: int
    classes: dict[Stored, ClassPreview]


class HowChanged(Struct, frozen=True, forbid_unknown_fields=True):
    """How storage times are changed: after how many days, 0 to 90, and by how many."""

    wait_days: int
    two_persons: bool


def _times(call: Call) -> Times:
    with scope.reading(call.caller.tenant.id):
        return storage_times().as_json()


@endpoint("GET", "/retention", right=Right.RETENTION, answers={200: Times})
def show_storage_times(call: Call) -> Times:
    """Show how many days each class of data is kept where no rule says otherwise.

    A number of days, ``forever``, or null for as long as general information.
    """
    return _times(call)


@endpoint(
    "PUT",
    "/retention",
    right=Right.RETENTION,
    body=Times,
    answers={200: Times, 202: Times},
)
def put_storage_times(call: Call) -> Answer:
    """Set storage times; classes that are not named stay as they are.

    202 where a change waits first: then what is answered holds still.
    """
    status = _change(call, RulesStated(times=call.json(Times)))
    return Answer(_times(call), status=status)


def _plain(stated: RulesStated) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(stated, str_keys=True)
    return plain


def _change(call: Call, stated: RulesStated) -> int:
    """The status to answer by: whether the change holds, or waits."""
    caller = call.caller
    wanted = wanted_from(caller.tenant, _plain(stated))
    waits = change_storage(
        caller.tenant,
        wanted.policy,
        applies_to=wanted.applies_to,
        actor=caller.actor,
        now=call.now,
    )
    return 200 if waits is None else 202


@endpoint("GET", "/retention/rules", right=Right.RETENTION, answers={200: RulesShown})
def show_storage_rules(call: Call) -> dict[str, Any]:
    """Show storage times, minima and rules: the version in force, and what waits.

    Rules stand in their order: for each class the first that fits decides.
    """
    return told_in_force(call.caller.tenant)


@endpoint(
    "PUT",
    "/retention/rules",
    right=Right.RETENTION,
    body=RulesStated,
    answers={200: RulesShown, 202: RulesShown},
)
def put_storage_rules(call: Call) -> Answer:
    """Set ``times``, ``minimum``, ``rules`` or ``decision``, as a version of its own.

    What is not named stays. ``applies_to`` is existing, as unsaid, or new: then what is
    held already stays on the version that it came under. 202 where a change waits
    first, for its days or for a second person: it is answered under ``waiting``. 409
    while another one waits.
    """
    status = _change(call, call.json(RulesStated))
    return Answer(told_in_force(call.caller.tenant), status=status)


@endpoint(
    "POST",
    "/retention/preview",
    right=Right.RETENTION,
    body=PreviewStated,
    answers={200: Preview},
)
def preview_storage_times(call: Call) -> dict[str, Any]:
    """Say what tonight would remove under other storage times; nothing changes.

    Takes what either PUT takes. ``classes`` tells of each class how much goes, from
    when, its bytes and some samples, and what stays for a hold or a minimum.
    """
    tenant, stated = call.caller.tenant, _plain(call.json(PreviewStated))
    by_name = {name: stated.pop(name) for name in TIMES if name in stated}
    stated["times"] = {**stated.get("times", {}), **by_name}
    return told_foreseen(tenant, wanted_from(tenant, stated), now=call.now)


@endpoint(
    "POST",
    "/retention/waiting/confirm",
    right=Right.RETENTION,
    answers={200: RulesShown},
)
def confirm_storage_change(call: Call) -> dict[str, Any]:
    """Be the second person for the change that waits.

    403 with the rule ``second_person`` for who asked for it.
    """
    confirm(call.caller, now=call.now)
    return told_in_force(call.caller.tenant)


@endpoint(
    "DELETE", "/retention/waiting", right=Right.RETENTION, answers={200: RulesShown}
)
def withdraw_storage_change(call: Call) -> dict[str, Any]:
    """Withdraw the change that waits: it will never hold."""
    withdraw(call.caller, now=call.now)
    return told_in_force(call.caller.tenant)


@endpoint(
    "GET", "/settings/retention", right=Right.RETENTION, answers={200: HowChanged}
)
def show_how_storage_changes(call: Call) -> dict[str, int | bool]:
    """Show how storage times are changed."""
    return how_changed(call.caller.tenant)


@endpoint(
    "PUT",
    "/settings/retention",
    right=Right.RETENTION,
    body=HowChanged,
    answers={200: HowChanged},
)
def put_how_storage_changes(call: Call) -> dict[str, int | bool]:
    """Set how storage times are changed, from the next change on."""
    asked, caller = call.json(HowChanged), call.caller
    set_how_changed(
        caller.tenant,
        wait_days=asked.wait_days,
        two_persons=asked.two_persons,
        actor=caller.actor,
        now=call.now,
    )
    return how_changed(caller.tenant)


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
