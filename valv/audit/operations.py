"""Writing the audit log. There is no second way in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.core.people import Actor
from valv.storage import scope

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be recorded; ``details`` holds counts and kinds, never values."""

    action: Action
    interaction_id: int | None = None
    content: str | None = None
    identifier_id: int | None = None
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record(acts: Act | Iterable[Act], *, actor: Actor, now: datetime) -> None:
    """Write entries into the transaction that is open, for the scope's tenant.

    They stand or fall with the change they speak of. Raises NoTenant outside a scope.
    """
    listed = [acts] if isinstance(acts, Act) else acts
    Entry.objects.bulk_create(
        (_entry(act, actor=actor, now=now) for act in listed), batch_size=BATCH
    )


def _entry(act: Act, *, actor: Actor, now: datetime) -> Entry:
    return Entry(
        at=now,
        action=act.action.value,
        actor_type=actor.type.value,
        actor=actor.name[:200],
        actor_id=actor.id,
        interaction_id=act.interaction_id,
        content=act.content,
        identifier_id=act.identifier_id,
        reason=act.reason[:500],
        details=act.details,
    )


def sequence(tenant_id: int) -> int:
    """Number the entries that wait, in the order of their arrival; answers how many.

    One sequencer at a time in each tenant: SQLite by its write lock, PostgreSQL by an
    advisory lock that lasts as long as the transaction.
    """
    with scope.writing(tenant_id):
        _alone(tenant_id)
        waiting = list(Entry.objects.filter(seq=None).order_by("id")[:BATCH])
        last = Entry.objects.aggregate(last=Max("seq"))["last"] or 0
        for seq, entry in enumerate(waiting, start=last + 1):
            entry.seq = seq
        Entry.objects.bulk_update(waiting, ["seq"], batch_size=BATCH)
    return len(waiting)


def _alone(tenant_id: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [0x56414C56, tenant_id]
            )


def drop_entries_of(interaction_ids: Iterable[int]) -> int:
    """Take away the entries of interactions whose general information goes."""
    gone, _ = Entry.objects.filter(interaction_id__in=list(interaction_ids)).delete()
    return gone
