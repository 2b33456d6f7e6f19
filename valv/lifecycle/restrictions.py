"""Restricting the processing of somebody's data (GDPR 18): kept, and shown to nobody.

A restriction is a hold that also hides: what is there of the person, and what is still
to come, is under it, so that nothing of it goes, and no reader finds, plays or takes
out any of it. It ends when somebody ends it, or by itself at the end of a day. Until
then it is known by keyed hashes whom it is about; afterwards by nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from valv.archive import mentions
from valv.archive.hold_models import Hold, HoldItem
from valv.archive.identifiers import hash_of, reveal
from valv.archive.models import Identifier
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Conflict, Malformed, NotFound
from valv.core.holds import HoldRule
from valv.core.identifiers import Kind
from valv.core.mentions import has_marks
from valv.core.moments import (
    format_moment,
    local_date,
    local_day_bounds,
    zone_named,
)
from valv.core.people import SYSTEM, Actor
from valv.core.permissions import Right
from valv.core.reasons import checked as checked_reason
from valv.lifecycle.holds import TEXTS, cover_all, let_go, lift, rule_of
from valv.lifecycle.matching import hanging_on, told_of, with_names
from valv.lifecycle.plans import Known, ids_of, read_known, refuse_odd
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

BEGUN, ENDED = "restricted", "restriction_ended"
ENDED_BY_ITSELF = "its last day was over"
Typed = Iterable[tuple[Kind, str]]


@dataclass(frozen=True, slots=True)
class Also:
    """Another matter that some of it must stay for."""

    matter: str
    owner: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Restriction:
    """One as it stands or ended; ``about`` is empty once it ended.

    It ``names_somebody`` if that, its reason, or a matter does.
    """

    row: Hold
    count: int
    about: tuple[str, ...]
    also: tuple[Also, ...]
    names_somebody: bool


def restrict(
    caller: Caller,
    typed: Typed,
    *,
    reason: str,
    last_day: date | None = None,
    now: datetime,
) -> Restriction:
    """Restrict somebody's processing, or go on where that was cut short.

    ``last_day`` is the last of it, in the tenant's zone; without one it stands until
    it is ended. Raises Forbidden, Malformed, and Conflict for one that stands already.
    """
    caller.require(Right.PRIVACY)
    tenant = caller.tenant
    typed = tuple(typed)
    known = read_known(tenant, typed)
    refuse_odd(tenant, typed)
    if not known:
        raise Malformed("Say who.", field="phone")
    ends_at = _ends_at(tenant, last_day, now=now)
    why = _kept(tenant, reason, now=now)
    row = _begin(caller, _rule_of(tenant, known), why, ends_at, now=now)
    cover_all(caller, row, sorted(_theirs(tenant, known)), now=now)
    with scope.writing(tenant.id):
        Hold.objects.filter(id=row.id).update(complete_at=now)
        return _seen(tenant, _found(row.id))


def _kept(tenant: Tenant, reason: str, *, now: datetime) -> str:
    return mentions.kept(tenant, checked_reason(reason, required=True), now=now)


def _ends_at(tenant: Tenant, day: date | None, *, now: datetime) -> datetime | None:
    if day is None:
        return None
    zone = zone_named(tenant.timezone)
    if day < local_date(now, zone=zone):
        raise Malformed("That day is over.", field="last_day")
    return local_day_bounds(day, zone=zone)[1]


def _rule_of(tenant: Tenant, known: Iterable[Known]) -> HoldRule:
    hashes = {hash_of(tenant.id, one.kind, one.normal).hex() for one in known}
    return HoldRule(people=tuple(sorted(hashes)))


def _theirs(tenant: Tenant, known: Iterable[Known]) -> set[int]:
    with scope.reading(tenant.id):
        ids = ids_of(tenant, known)
        found = hanging_on(with_names(ids)) if ids else set[int]()
    return found | told_of(tenant.id, ids)


def _begin(
    caller: Caller,
    rule: HoldRule,
    why: str,
    ends_at: datetime | None,
    *,
    now: datetime,
) -> Hold:
    with scope.writing(caller.tenant.id):
        for row in _standing():
            if rule_of(row) == rule and row.complete_at is None:
                return row
            if rule_of(row) == rule:
                raise Conflict("Their processing is restricted already.")
        made: Hold = Hold.objects.create(
            name=f"restriction {now.isoformat()}",
            owner=caller.actor.name[:100],
            reason=why,
            rule=msgspec.to_builtins(rule),
            restricts=True,
            placed_at=now,
            placed_by=caller.actor.name[:200],
            ends_at=ends_at,
        )
        _enter(made, BEGUN, why, actor=caller.actor, now=now)
        return made


def _standing() -> list[Hold]:
    rows = Hold.objects.filter(restricts=True, released_at__isnull=True)
    return list(rows.order_by("id"))


def _enter(row: Hold, what: str, why: str, *, actor: Actor, now: datetime) -> None:
    act = Act(Action.HOLD, content=what, reason=why, details={"hold": row.id})
    record(act, actor=actor, now=now)


def _found(number: int) -> Hold:
    row: Hold | None = Hold.objects.filter(id=number, restricts=True).first()
    if row is None:
        raise NotFound
    return row


def end(caller: Caller, number: int, *, reason: str, now: datetime) -> Restriction:
    """End a restriction: what was kept is shown again, and goes when it is due.

    Raises Forbidden, NotFound, and Conflict for one that ended.
    """
    caller.require(Right.PRIVACY)
    why = _kept(caller.tenant, reason, now=now)
    with scope.writing(caller.tenant.id):
        row = _found(number)
        if row.released_at is not None:
            raise Conflict("The restriction has ended.")
        _end(row, why, actor=caller.actor, now=now)
    lift(caller.tenant, now=now, actor=caller.actor)
    with scope.reading(caller.tenant.id):
        return _seen(caller.tenant, row)


def _end(row: Hold, why: str, *, actor: Actor, now: datetime) -> None:
    let_go(row, actor, why, grace_days=0, now=now)
    _enter(row, ENDED, why, actor=actor, now=now)


def end_over(tenant: Tenant, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """End those whose last day is over; the night lets go of what they covered."""
    with scope.writing(tenant.id):
        for row in _standing():
            if row.ends_at is not None and row.ends_at <= now:
                _end(row, ENDED_BY_ITSELF, actor=actor, now=now)


def restrictions(caller: Caller, *, now: datetime) -> list[Restriction]:
    """All restrictions, newest first; that it is seen whom they are about is entered.

    Raises Forbidden.
    """
    caller.require(Right.PRIVACY)
    with scope.writing(caller.tenant.id):
        rows = Hold.objects.filter(restricts=True).order_by("-id")
        listed = [_seen(caller.tenant, row) for row in rows]
        if any(one.names_somebody for one in listed):
            act = Act(Action.SEE, content="restrictions")
            record(act, actor=caller.actor, now=now)
    return listed


def _seen(tenant: Tenant, row: Hold) -> Restriction:
    covered = HoldItem.objects.filter(hold_id=row.id).values("interaction_id")
    beside = HoldItem.objects.filter(interaction_id__in=covered).values("hold_id")
    matters = Hold.objects.filter(id__in=beside, restricts=False).order_by("id")
    shown, about = [row, *matters], _about(tenant, row)
    texts = (getattr(one, text) for one in shown for text in TEXTS)
    is_marked = has_marks("".join(texts))
    mentions.spell_out(tenant.id, shown, *TEXTS)
    return Restriction(
        row=row,
        count=covered.count(),
        about=about,
        also=tuple(Also(one.name, one.owner, one.placed_at) for one in shown[1:]),
        names_somebody=bool(about) or is_marked,
    )


def _about(tenant: Tenant, row: Hold) -> tuple[str, ...]:
    hashes = [bytes.fromhex(one) for one in rule_of(row).people]
    known = Identifier.objects.filter(hash__in=hashes).values_list("id", flat=True)
    return tuple(sorted(one.shown for one in reveal(tenant.id, known).values()))


def shown_restriction(seen: Restriction) -> dict[str, Any]:
    """As it is answered to machines."""
    row = seen.row
    return {
        "id": str(row.id),
        "about": list(seen.about),
        "reason": row.reason,
        "interactions": seen.count,
        "began_at": format_moment(row.placed_at),
        "began_by": row.placed_by,
        "ends_at": None if row.ends_at is None else format_moment(row.ends_at),
        "ended_at": None if row.released_at is None else format_moment(row.released_at),
        "ended_by": row.released_by,
        "also_held_for": [
            {"matter": o.matter, "owner": o.owner, "since": format_moment(o.since)}
            for o in seen.also
        ],
    }
