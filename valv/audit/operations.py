"""Writing the audit log. There is no second way in."""

from collections.abc import Callable, Iterable
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
NUMBER_ONE = "UPDATE audit_entry SET seq = %s WHERE id = %s AND tenant_id = %s"
NUMBER_MANY = (
    "UPDATE audit_entry SET seq = %s + waiting.n"
    " FROM unnest(%s::bigint[]) WITH ORDINALITY AS waiting (id, n)"
    " WHERE audit_entry.id = waiting.id AND audit_entry.tenant_id = %s"
)


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

    At most ``BATCH`` at a time. One sequencer at a time in each tenant: SQLite by its
    write lock, PostgreSQL by an advisory lock that lasts as long as the transaction.
    """
    with scope.writing(tenant_id):
        _alone(tenant_id)
        return _number(tenant_id)


def _number(tenant_id: int) -> int:
    waiting = Entry.objects.filter(seq=None).order_by("id")
    ids = list(waiting.values_list("id", flat=True)[:BATCH])
    last = Entry.objects.aggregate(last=Max("seq"))["last"] or 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(NUMBER_MANY, [last, ids, tenant_id])
        else:
            numbered = [(seq, id_, tenant_id) for seq, id_ in enumerate(ids, last + 1)]
            cursor.executemany(NUMBER_ONE, numbered)
    return len(ids)


def _alone(tenant_id: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [0x56414C56, tenant_id]
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
    number before they go, and the act has a higher one: no number is given twice.
    Answers how many went.
    """
    tenant_id, ids = scope.current(), list(interaction_ids)
    _alone(tenant_id)
    while _number(tenant_id) >= BATCH:
        pass
    doomed = list(
        Entry.objects.filter(interaction_id__in=ids).values_list("id", flat=True)
    )
    record(why(len(doomed)), actor=actor, now=now)
    _number(tenant_id)
    for start in range(0, len(doomed), BATCH):
        Entry.objects.filter(id__in=doomed[start : start + BATCH]).delete()
    return len(doomed)
