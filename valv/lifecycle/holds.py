"""Holds: placing them, releasing them, and letting go of what they covered.

A hold is placed in batches and covers more with each; one that was cut short is placed
again under the same name, and goes on. What a search finds is frozen as it is placed;
what is still to come is covered by the rule as it arrives. Releasing is an act of its
own, by two persons where the tenant wants that, and what was covered stays for the
days of grace that the tenant set.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec

from valv.archive import mentions
from valv.archive.hold_models import Hold, HoldItem
from valv.archive.holds import cover, uncover
from valv.archive.identifiers import hash_of
from valv.archive.queries import cursor_key, following, kinds_of
from valv.archive.search.run import search
from valv.archive.sessions import stored_word
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Conflict, Malformed, NotFound, Refused
from valv.core.holds import (
    HoldRule,
    HoldState,
    checked_grace,
    checked_rule,
    lifts_at,
    state_of,
)
from valv.core.identifiers import Kind
from valv.core.moments import format_moment
from valv.core.people import SYSTEM, Actor
from valv.core.permissions import Right
from valv.core.reach import WHOLE
from valv.core.reasons import checked as checked_reason
from valv.core.search import HIGHEST_LIMIT, Count, SearchRequest
from valv.lifecycle.plans import read_known, refuse_odd
from valv.storage import intents, scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.operations import LONGEST_NAME, check_name

BATCH = 100  # a write transaction stays under 250 ms
PLACED, ASKED, RELEASED = "placed", "release_asked", "released"
NAME = "holds"
TEXTS = ("name", "owner", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Why something must stay: what it is about, who answers for it, and the reason."""

    name: str
    owner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a hold is to cover: hits of a search, chosen ones, and what is to come."""

    search: SearchRequest | None = None
    interactions: frozenset[int] = frozenset()
    rule: HoldRule | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold and how many interactions are under it now."""

    hold: Hold
    count: int


def place(caller: Caller, matter: Matter, wanted: Wanted, *, now: datetime) -> Standing:
    """Place a hold, or go on with one of this name that was cut short.

    Raises Forbidden, Malformed for a matter that cannot be told or covers nothing, and
    Conflict for a name that a hold bears that stands.
    """
    caller.require(Right.HOLDS)
    checked = _by_reference(caller.tenant, _checked(matter), now=now)
    rule = wanted.rule
    if rule is not None:
        wanted = replace(wanted, rule=_plain(caller.tenant, checked_rule(rule)))
    if not (wanted.search or wanted.interactions or wanted.rule):
        raise Malformed("Say what it covers.", field="search")
    hold = _begin(caller, checked, wanted, now=now)
    for ids in _found(caller.tenant, wanted, now=now):
        cover_all(caller, hold, ids, now=now)
    with scope.writing(caller.tenant.id):
        Hold.objects.filter(id=hold.id).update(complete_at=now)
        return standing_of(found(hold.id))


def _checked(matter: Matter) -> Matter:
    kept = Matter(
        name=matter.name.strip(),
        owner=matter.owner.strip(),
        reason=checked_reason(matter.reason, required=True),
    )
    for field in ("name", "owner"):
        text = getattr(kept, field)
        try:
            check_name(text)
        except Malformed as error:
            raise Malformed(error.detail, field=field) from None
    return kept


def _by_reference(tenant: Tenant, matter: Matter, *, now: datetime) -> Matter:
    """Whom its texts name is put by reference. Raises Malformed."""
    name, owner = (
        mentions.kept(tenant, text, now=now, field=field, longest=LONGEST_NAME)
        for field, text in (("name", matter.name), ("owner", matter.owner))
    )
    reason = mentions.kept(tenant, matter.reason, now=now)
    return Matter(name=name, owner=owner, reason=reason)


def _plain(tenant: Tenant, rule: HoldRule) -> HoldRule:
    """By the words under which queues and agents are kept."""
    queue, agent = (
        tuple(stored_word(tenant, word) for word in words)
        for words in (rule.queue, rule.agent)
    )
    return msgspec.structs.replace(rule, queue=queue, agent=agent)


def _begin(caller: Caller, matter: Matter, wanted: Wanted, *, now: datetime) -> Hold:
    with scope.writing(caller.tenant.id):
        standing = Hold.objects.filter(name=matter.name, released_at__isnull=True)
        known: Hold | None = standing.first()
        if known is not None and known.complete_at is None:
            return known
        if known is not None:
            raise Conflict("There is a hold of this name already.")
        hold: Hold = Hold.objects.create(
            name=matter.name,
            owner=matter.owner,
            reason=matter.reason,
            rule=None if wanted.rule is None else msgspec.to_builtins(wanted.rule),
            searched=[] if wanted.search is None else kinds_of(wanted.search),
            placed_at=now,
            placed_by=caller.actor.name[:200],
        )
        _enter(hold, PLACED, matter.reason, actor=caller.actor, now=now)
        return hold


def _enter(hold: Hold, what: str, reason: str, *, actor: Actor, now: datetime) -> None:
    act = Act(Action.HOLD, content=what, reason=reason, details={"hold": hold.id})
    record(act, actor=actor, now=now)


def _found(tenant: Tenant, wanted: Wanted, *, now: datetime) -> Iterator[list[int]]:
    if wanted.interactions:
        yield sorted(wanted.interactions)
    request = wanted.search
    if request is None:
        return
    request = replace(request, limit=HIGHEST_LIMIT, count=Count.NONE, cursor=None)
    while True:
        with scope.reading(tenant.id):
            key = cursor_key(tenant.id)
            page = search(tenant, request, reach=WHOLE, key=key, now=now)
        yield sorted(row[1] for row in page.rows)
        if page.next is None:
            return
        request = following(request, page.next)


def cover_all(caller: Caller, hold: Hold, ids: list[int], *, now: datetime) -> None:
    """Lay a hold on interactions, batch by batch."""
    for start in range(0, len(ids), BATCH):
        _cover_batch(caller, hold, ids[start : start + BATCH], now=now)


def _cover_batch(caller: Caller, hold: Hold, ids: list[int], *, now: datetime) -> None:
    with scope.writing(caller.tenant.id):
        ending = cover(hold, ids, actor=caller.actor, now=now)
    intents.carry_out(caller.tenant.id, ending)


def people_of(tenant: Tenant, typed: Iterable[tuple[Kind, str]]) -> tuple[str, ...]:
    """Somebody by their keyed hashes, for a rule.

    Raises Malformed for a fragment, and for what looks like no number or address: it
    would hold nobody.
    """
    typed = tuple(typed)
    known = read_known(tenant, typed)
    refuse_odd(tenant, typed)
    return tuple(hash_of(tenant.id, one.kind, one.normal).hex() for one in known)


def release(caller: Caller, hold_id: int, *, reason: str, now: datetime) -> Standing:
    """Release a hold, or be the first of two to ask for it.

    Raises Forbidden, NotFound, Conflict for one that is released, and Refused
    (``second_person``) for the first of two who confirms it alone.
    """
    caller.require(Right.HOLDS)
    caller.require(Right.RELEASE)
    why = checked_reason(reason, required=True)
    why = mentions.kept(caller.tenant, why, now=now)
    with scope.writing(caller.tenant.id):
        hold = found(hold_id)
        if hold.released_at is not None:
            raise Conflict("The hold is released.")
        if caller.tenant.hold_two_persons and not hold.asked_by:
            _ask(hold, caller.actor, why, now=now)
            return standing_of(hold)
        if not may_release(caller, hold):
            raise Refused("second_person", "Somebody else must confirm the release.")
        days = caller.tenant.hold_grace_days
        let_go(hold, caller.actor, why, grace_days=days, now=now)
        _enter(hold, RELEASED, why, actor=caller.actor, now=now)
    if not caller.tenant.hold_grace_days:
        lift(caller.tenant, now=now, actor=caller.actor)
    with scope.reading(caller.tenant.id):
        return standing_of(hold)


def _ask(hold: Hold, actor: Actor, why: str, *, now: datetime) -> None:
    hold.asked_at, hold.asked_by = now, actor.mark
    hold.asked_by_name = actor.name[:200]
    hold.save(update_fields=["asked_at", "asked_by", "asked_by_name"])
    _enter(hold, ASKED, why, actor=actor, now=now)


def let_go(
    hold: Hold, actor: Actor, why: str, *, grace_days: int, now: datetime
) -> None:
    """Mark a hold as released; what it covers is let go of when its grace is over."""
    hold.released_at, hold.released_by = now, actor.name[:200]
    hold.release_reason, hold.rule = why, None
    hold.lifts_at = lifts_at(now, grace_days=grace_days)
    hold.save()


def lift(tenant: Tenant, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Let go of what released holds covered, once their grace is over."""
    with scope.reading(tenant.id):
        over = Hold.objects.filter(lifts_at__lte=now).order_by("id")
        ids = list(over.values_list("id", flat=True))
    for hold_id in ids:
        while _lift_batch(tenant, hold_id, actor=actor, now=now):
            pass


def _lift_batch(tenant: Tenant, hold_id: int, *, actor: Actor, now: datetime) -> bool:
    with scope.writing(tenant.id):
        items = HoldItem.objects.filter(hold_id=hold_id).order_by("interaction_id")
        ids = list(items.values_list("interaction_id", flat=True)[:BATCH])
        if not ids:
            return False
        uncover(hold_id, ids, actor=actor, now=now)
        return True


def found(hold_id: int) -> Hold:
    """A hold of the tenant whose scope is open. Raises NotFound."""
    found_ones = Hold.objects.filter(id=hold_id, restricts=False)
    hold: Hold | None = found_ones.first()
    if hold is None:
        raise NotFound
    return hold


def holds(caller: Caller) -> list[Standing]:
    """All holds, the newest first. Raises Forbidden."""
    caller.require(Right.HOLDS)
    with scope.reading(caller.tenant.id):
        listed = Hold.objects.filter(restricts=False).order_by("-id")
        return [standing_of(hold) for hold in listed]


def keep_named(tenant: Tenant, *, now: datetime) -> None:
    """Whom the texts of holds that stand name stays as long as they do."""
    with scope.reading(tenant.id):
        standing = Hold.objects.filter(released_at__isnull=True)
        texts = list(standing.values_list(*TEXTS))
    mentions.still_named(tenant.id, chain.from_iterable(texts), now=now)


def standing_of(hold: Hold) -> Standing:
    """A hold as it is shown. Inside a scope."""
    mentions.spell_out(hold.tenant_id, [hold], *TEXTS, "release_reason")
    return Standing(hold, HoldItem.objects.filter(hold_id=hold.id).count())


def may_release(caller: Caller, hold: Hold) -> bool:
    """Whether a release by them would be taken: nobody is both of two persons."""
    alone = caller.tenant.hold_two_persons and is_asked_by(caller, hold)
    return caller.may(Right.RELEASE) and hold.released_at is None and not alone


def is_asked_by(caller: Caller, hold: Hold) -> bool:
    """Whether they are who asked for its release."""
    return hold.asked_by == caller.actor.mark


def rule_of(hold: Hold) -> HoldRule:
    """What it covers of what arrives; nothing once it is released."""
    return msgspec.convert(hold.rule or {}, HoldRule)


def hold_state(hold: Hold, *, now: datetime) -> HoldState:
    """How far a hold has come."""
    return state_of(
        is_complete=hold.complete_at is not None,
        asked_at=hold.asked_at,
        lifts_at=hold.lifts_at,
        now=now,
    )


def shown_hold(standing: Standing, *, now: datetime) -> dict[str, Any]:
    """A hold as it is answered to machines; of people, how many its rule names."""
    hold, rule = standing.hold, rule_of(standing.hold)
    return {
        "id": str(hold.id),
        "state": hold_state(hold, now=now).value,
        "matter": hold.name,
        "owner": hold.owner,
        "reason": hold.reason,
        "interactions": standing.count,
        "coming": {
            "queue": list(rule.queue),
            "agent": list(rule.agent),
            "media": [one.value for one in rule.media],
            "people": len(rule.people),
        },
        "placed_at": format_moment(hold.placed_at),
        "placed_by": hold.placed_by,
        "release_asked_by": hold.asked_by_name,
        "released_at": _told(hold.released_at),
        "released_by": hold.released_by,
        "release_reason": hold.release_reason,
        "lifts_at": _told(hold.lifts_at),
    }


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else format_moment(moment)


def set_release_rules(
    tenant: Tenant, *, grace_days: int, two_persons: bool, actor: Actor, now: datetime
) -> None:
    """How holds are released from now on; it is entered if it changes anything."""
    checked_grace(grace_days)
    with scope.writing(tenant.id):
        row = Tenant.objects.get(id=tenant.id)
        before = release_rules(row)
        after: dict[str, int | bool] = {
            "grace_days": grace_days,
            "two_persons": two_persons,
        }
        if before != after:
            Tenant.objects.filter(id=tenant.id).update(
                hold_grace_days=grace_days, hold_two_persons=two_persons
            )
            details = setting(NAME, before, after)
            record(Act(Action.SETTING, details=details), actor=actor, now=now)
    tenant.hold_grace_days, tenant.hold_two_persons = grace_days, two_persons


def release_rules(tenant: Tenant) -> dict[str, int | bool]:
    """How holds are released in a tenant."""
    return {
        "grace_days": tenant.hold_grace_days,
        "two_persons": tenant.hold_two_persons,
    }
