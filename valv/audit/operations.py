"""Writing the audit log. There is no second way in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.tree import BATCH, alone, number
from valv.core.entries import Columns, canonical, macs_of
from valv.core.ids import unix_ms
from valv.core.people import Actor
from valv.core.ranges import ranges_of
from valv.storage import keys, raw, scope
from valv.storage.keys import KeyKind

ACCOUNT = (Action.FORGET.value, Action.HOLD.value)
WRITTEN = {
    "at": "bigint",
    "action": "varchar",
    "actor_type": "varchar",
    "actor": "varchar",
    "actor_id": "bigint",
    "interaction_id": "bigint",
    "content": "varchar",
    "identifier_id": "bigint",
    "reason": "varchar",
    "details": "text",
    "mac": "bytea",
}
ABOUT = Columns._fields.index("interaction_id")
COVERED, CUT = "leaves", "cut"  # in the details of acts that take something away


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be recorded; ``details`` holds counts and kinds, never values.

    What a setting was and is may stand there, as ``core.changes`` tells it.
    """

    action: Action
    interaction_id: int | None = None
    content: str | None = None
    identifier_id: int | None = None
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record(acts: Act | Iterable[Act], *, actor: Actor, now: datetime) -> None:
    """Write entries into the transaction that is open, for the scope's tenant.

    They stand or fall with the change they speak of. Each has a MAC under the tenant's
    audit key, until the sequencer gives it a leaf. Raises NoTenant outside a scope.
    """
    listed = [acts] if isinstance(acts, Act) else acts
    _vouch_for([told_by(act, actor=actor, now=now) for act in listed])


def record_on_each(
    interaction_ids: Iterable[int], act: Act, *, actor: Actor, now: datetime
) -> None:
    """As ``record`` of one act, done to each of some interactions alike."""
    row = told_by(act, actor=actor, now=now)
    before, after = row[:ABOUT], row[ABOUT + 1 :]
    _vouch_for([(*before, id_, *after) for id_ in interaction_ids])


def _vouch_for(told: list[Any]) -> None:
    """Store what entries say, with a MAC each."""
    tenant_id = scope.current()
    macs = macs_of(keys.of_tenant(tenant_id, KeyKind.AUDIT), tenant_id, told)
    insert([(*row, mac) for row, mac in zip(told, macs, strict=True)])


def insert(entries: list[tuple[object, ...]]) -> None:
    """Store what entries say, each with its MAC: ``record`` alone writes them."""
    raw.insert("audit_entry", WRITTEN, entries)


def told_by(act: Act, *, actor: Actor, now: datetime) -> Columns:
    """What the row of an act says, which nothing vouches for yet."""
    return Columns(
        unix_ms(now),
        act.action.value,
        actor.type.value,
        actor.name[:200],
        actor.id,
        act.interaction_id,
        act.content or act.details.get("setting"),
        act.identifier_id,
        act.reason[:500],
        canonical(act.details),
    )


def columns_of(entry: Entry) -> Columns:
    """What the entry's row holds."""
    return Columns(
        unix_ms(entry.at),
        entry.action,
        entry.actor_type,
        entry.actor,
        entry.actor_id,
        entry.interaction_id,
        entry.content,
        entry.identifier_id,
        entry.reason,
        canonical(entry.details),
    )


def drop_entries_of(
    interaction_ids: Iterable[int],
    why: Callable[[int], Act],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Take away the entries of interactions whose general information goes.

    ``why`` makes the act that stands for them from how many they are. All have their
    number before they go, and their leaves stay in the tree; the act has a higher
    number, and tells the ranges of leaves it covers. Answers how many went.
    """
    ids = list(interaction_ids)
    number_all()
    entries = Entry.objects.filter(interaction_id__among=ids)
    doomed = dict(entries.values_list("id", "seq"))
    act = why(len(doomed))
    covered = ranges_of(seq for seq in doomed.values() if seq is not None)
    if covered:
        act = replace(act, details={**act.details, COVERED: covered})
    record(act, actor=actor, now=now)
    number()
    Entry.objects.filter(id__among=doomed).delete()
    return len(doomed)


def old_entries(before: datetime) -> QuerySet[Entry]:
    """Numbered entries of no interaction from before a moment, the oldest first.

    Those that account for what was taken away stay: without them the log would not
    be whole, and receipts prove nothing.
    """
    found = Entry.objects.filter(
        interaction_id__isnull=True, at__lt=before, seq__isnull=False
    )
    accounts = RawSQL("details NOT LIKE %s", [f'%"{COVERED}":%'], BooleanField())
    return found.exclude(action__in=ACCOUNT).filter(accounts).order_by("at", "id")


def drop_old_entries(
    before: datetime, why: Callable[[int], Act], *, actor: Actor, now: datetime
) -> int:
    """Take some of ``old_entries`` away, as ``drop_entries_of`` does; answers how many.

    None of them is left when none goes.
    """
    number_all()
    doomed = dict(old_entries(before).values_list("id", "seq")[:BATCH])
    if doomed:
        covered = ranges_of(seq for seq in doomed.values() if seq is not None)
        act = why(len(doomed))
        act = replace(act, details={**act.details, COVERED: covered})
        record(act, actor=actor, now=now)
        number()
        Entry.objects.filter(id__among=doomed).delete()
    return len(doomed)


def number_all() -> None:
    """Give all that waits its number, before an act that speaks of them."""
    alone()
    while number() >= BATCH:
        pass
