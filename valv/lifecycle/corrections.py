"""Putting right whom an interaction is with (GDPR 16).

The right number, address, handle or name takes the place of a wrong one, in its raw
events too, and no source changes it back. The wrong one goes for good when nothing
else points at it. The log says which kind was corrected, by whom and why, and neither
of the two, unless the reason does.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from valv.archive import mentions, prepared
from valv.archive.holds import hold_arriving, keep_items
from valv.archive.identifiers import Wanted, resolve, reveal
from valv.archive.models import Interaction, OtherParty, RawEvent
from valv.archive.operations import locked, may_go
from valv.archive.raw_events import open_body, pointed_elsewhere, seal_body
from valv.archive.standing import standing_among, standing_hash
from valv.archive.text import text_keys
from valv.audit.actions import Action
from valv.audit.changes import cut_from
from valv.audit.operations import Act, record
from valv.core.entries import Personal
from valv.core.errors import Conflict, Malformed, Refused
from valv.core.identifiers import Kind, is_odd, read_identifier
from valv.core.permissions import Right
from valv.core.reasons import checked as checked_reason
from valv.intake.stated import EVERYBODY, Stated
from valv.lifecycle.unused import COLUMNS, remove_unused
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.sealed import Tampered
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

VALUE = "value"
OWNERS = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)
Instead = dict[int, int | None]


def correct(
    caller: Caller,
    interaction_id: int,
    kind: Kind,
    typed: str,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Put the right identifier of a kind in place; nothing typed takes it off.

    Raises Forbidden, NotFound, Malformed, ReasonRequired, Conflict for one whose person
    was cut or of whom nothing may be kept, and Refused (``hold``) for one that must
    stay as it is.
    """
    caller.require(Right.PRIVACY)
    tenant = caller.tenant
    right = _read(tenant, kind, typed)
    why = mentions.kept(tenant, checked_reason(reason, required=True), now=now)
    with scope.writing(tenant.id):
        row = _changeable(caller, interaction_id)
        doomed = _correct(caller, row, kind, right, why, now=now)
    intents.carry_out(tenant.id, doomed)


def _read(tenant: Tenant, kind: Kind, typed: str) -> Wanted | None:
    if not typed.strip():
        return None
    try:
        one = read_identifier(typed, kind=kind, region=tenant.region)
    except Malformed as error:
        raise Malformed(error.detail, field=VALUE) from None
    if one.is_withheld:
        raise Malformed("A withheld number is nobody's.", field=VALUE)
    if is_odd(one):
        raise Malformed("It is no number or address.", field=VALUE)
    return Wanted(kind, one.normal, one.shown, one.form.value)


def _changeable(caller: Caller, interaction_id: int) -> Interaction:
    row = locked(interaction_id, reach=caller.reach)
    if row.anonymised_at is not None:
        raise Conflict("The person was cut from this interaction.")
    if not may_go(row):
        raise Refused("hold", "The interaction is on hold, and stays as it is.")
    return row


def _correct(
    caller: Caller,
    row: Interaction,
    kind: Kind,
    right: Wanted | None,
    why: str,
    *,
    now: datetime,
) -> list[Intent]:
    """What is to be destroyed; nothing where it was right already."""
    tenant = caller.tenant
    _refuse_standing(tenant, right, now=now)
    instead = _instead(tenant, row, kind, right, now=now)
    if instead is None:
        return []
    ending = _point(row, kind, now=now)
    _point_events(tenant.id, row.id, instead)
    act = Act(Action.CORRECT, row.id, content=kind.value, reason=why)
    record(act, actor=caller.actor, now=now)
    gone = remove_unused(instead)
    _cut_from_log(caller, gone, now=now)
    ended = prepared.ending_with(Q(interaction_id=row.id), now=now)
    ended += intents.intend(KeyKind.IDENTIFIER, gone, now=now)
    return ending + intents.commit(ended)


def _refuse_standing(tenant: Tenant, right: Wanted | None, *, now: datetime) -> None:
    if right is not None and right.kind in OWNERS:
        hashed = standing_hash(tenant.id, right.kind, right.normal)
        if standing_among([hashed], now=now):
            raise Conflict("A standing entry says that nothing of them is kept.")


def _instead(
    tenant: Tenant,
    row: Interaction,
    kind: Kind,
    right: Wanted | None,
    *,
    now: datetime,
) -> Instead | None:
    """Set the row's identifiers; answers which took the place of which.

    None if all is as it was. A name belongs to who it came with: it goes with them.
    """
    column, owner = COLUMNS[kind], _owner(row)
    wrong = getattr(row, column)
    if right is not None and kind is Kind.NAME:
        right = _owned(right, owner or row.id)
    new = None if right is None else resolve(tenant, [right], now=now)[right]
    if new == wrong and not (kind is Kind.PHONE and row.withheld):
        return None
    setattr(row, column, new)
    instead = {} if wrong is None else {wrong: new}
    if kind is not Kind.NAME and wrong is not None and owner == wrong:
        instead |= _name_instead(tenant, row, now=now)
    return instead


def _owned(name: Wanted, owner_id: int) -> Wanted:
    return Wanted(name.kind, name.normal, name.shown, name.form, owner_id)


def _owner(row: Interaction) -> int | None:
    found = (getattr(row, COLUMNS[kind]) for kind in OWNERS)
    return next((id_ for id_ in found if id_ is not None), None)


def _name_instead(tenant: Tenant, row: Interaction, *, now: datetime) -> Instead:
    """A name that came with the wrong one belongs to the right one from now on."""
    named: int | None = row.name_id
    shown = None if named is None else reveal(tenant.id, [named]).get(named)
    if named is None or shown is None:
        return {}
    same = Wanted(Kind.NAME, shown.normal, shown.shown, shown.form)
    wanted = _owned(same, _owner(row) or row.id)
    row.name_id = resolve(tenant, [wanted], now=now)[wanted]
    return {named: row.name_id} if row.name_id != named else {}


def _point(row: Interaction, kind: Kind, *, now: datetime) -> list[Intent]:
    """Save it: no source changes whom it is with, and who holds it is asked anew."""
    if kind is Kind.PHONE:
        row.withheld = False
    row.stated |= int(EVERYBODY | Stated.CORRECTED)
    row.updated_at = now
    others = OtherParty.objects.filter(interaction_id=row.id)
    held = hold_arriving([(row, others.values_list("identifier_id", flat=True))])
    row.save()
    return keep_items(held, now=now) if held else []


def _point_events(
    tenant_id: int, interaction_id: int, instead: Mapping[int, int | None]
) -> None:
    """Raw events tell the right one, sealed anew; one that does not open stays."""
    key = text_keys(tenant_id, [interaction_id]).get(interaction_id)
    events = RawEvent.objects.filter(interaction_id=interaction_id)
    for event in events if key and instead else ():
        sealed = bytes(event.body or b"")
        body = _moved(sealed, instead, tenant_id, interaction_id, key or b"")
        if body != sealed:
            events.filter(event=event.event).update(body=body)


def _moved(
    sealed: bytes,
    instead: Mapping[int, int | None],
    tenant_id: int,
    interaction_id: int,
    key: bytes,
) -> bytes:
    place = {"tenant_id": tenant_id, "interaction_id": interaction_id}
    try:
        told = open_body(sealed, **place, key=key)
    except Tampered:
        return sealed
    moved = pointed_elsewhere(told, instead)
    return sealed if moved == told else seal_body(moved, **place, key=key)


def _cut_from_log(caller: Caller, gone: list[int], *, now: datetime) -> None:
    """Entries that said they were about the wrong one say so no more."""
    wanted = Q(identifier_id__in=gone)
    if gone:
        why = Act(Action.CORRECT)
        cut_from(wanted, Personal.IDENTIFIER, why=why, actor=caller.actor, now=now)
