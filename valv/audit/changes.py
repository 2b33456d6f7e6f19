"""The two lawful changes of entries that are written: cutting, and taking over.

*Cutting* removes a personal field from entries and leaves its commitment, so that
every proof still holds and nobody can tell from it who it was. *Taking over* gives
entries of a Valv from before the tree their place in it, once; they are vouched for
from then on and not before. Both are told by an entry of their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from valv.audit.actions import Action
from valv.audit.models import Entry, SignedCheckpoint, Tile
from valv.audit.operations import COVERED, CUT, Act, columns_of, number_all, record
from valv.audit.tree import BATCH, alone, number, sequence
from valv.core.entries import Personal, cut, is_cut, mac_of, values_of
from valv.core.people import Actor
from valv.core.ranges import ranges_of
from valv.storage import keys, scope
from valv.storage.keys import KeyKind

BLANK: Mapping[Personal, Mapping[str, Any]] = {
    Personal.ACTOR: {"actor": "", "actor_id": None},
    Personal.REASON: {"reason": ""},
    Personal.IDENTIFIER: {"identifier_id": None},
    Personal.DETAILS: {"details": {}},
}
ROWS_CHANGED = ("salts", "cuts", "mac")


def cut_from(
    wanted: Q,
    personal: Personal,
    *,
    why: Act,
    actor: Actor,
    now: datetime,
    put: Mapping[str, Any] | None = None,
) -> int:
    """Cut a field from the entries that ``wanted`` finds; answers how many.

    ``put`` gives what stands there instead, such as a pseudonym; nothing unless stated.
    ``why`` is entered in the same transaction, with the numbers it covers. Call inside
    a ``writing`` scope.
    """
    number_all()
    written = {**BLANK[personal], **(put or {})}
    found = Entry.objects.filter(wanted, seq__isnull=False).order_by("seq")
    doomed = [one for one in found if _has(one, personal)]
    for entry in doomed:
        _cut(entry, personal, written)
    fields = [*ROWS_CHANGED, *written]
    Entry.objects.bulk_update(doomed, fields, batch_size=BATCH // 4)
    covered = ranges_of(entry.seq for entry in doomed if entry.seq is not None)
    told = {**why.details, CUT: personal.name.lower(), COVERED: covered}
    if doomed:
        record(replace(why, details=told), actor=actor, now=now)
        number()
    return len(doomed)


def _has(entry: Entry, personal: Personal) -> bool:
    there = values_of(columns_of(entry))[personal] is not None
    return there and not is_cut(bytes(entry.salts or b""), personal)


def _cut(entry: Entry, personal: Personal, written: Mapping[str, Any]) -> None:
    kept = None if entry.cuts is None else bytes(entry.cuts)
    salts, cuts = cut(columns_of(entry), bytes(entry.salts or b""), kept, personal)
    for name, value in written.items():
        setattr(entry, name, value)
    entry.salts, entry.cuts = salts, cuts
    tenant_id = scope.current()
    key = keys.of_tenant(tenant_id, KeyKind.AUDIT)
    told = (entry.seq, *columns_of(entry), salts, cuts)
    entry.mac = mac_of(key, tenant_id, *told)


def adopt_log(tenant_id: int, *, actor: Actor, now: datetime) -> int:
    """Give the entries of an older Valv their place in the tree; answers how many.

    They are numbered anew, in their old order. Does nothing where there is a tree.
    """
    with scope.writing(tenant_id):
        alone()
        if Tile.objects.exists() or SignedCheckpoint.objects.exists():
            return 0
        Entry.objects.filter(seq__isnull=False).update(seq=None)
        adopted = _vouch(tenant_id)
        if adopted:
            act = Act(Action.OPERATE, details={"audit_entries_adopted": adopted})
            record(act, actor=actor, now=now)
    while sequence(tenant_id) >= BATCH:
        pass
    return adopted


def _vouch(tenant_id: int) -> int:
    key = keys.of_tenant(tenant_id, KeyKind.AUDIT)
    last = adopted = 0
    while True:
        found = Entry.objects.filter(id__gt=last, mac=None).order_by("id")
        part = list(found[:BATCH])
        if not part:
            return adopted
        for entry in part:
            entry.mac = mac_of(key, tenant_id, *columns_of(entry))
        Entry.objects.bulk_update(part, ["mac", "details"], batch_size=BATCH // 4)
        last, adopted = part[-1].id, adopted + len(part)
