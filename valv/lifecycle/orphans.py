"""What hangs on an interaction that is not there: found everywhere, and removed.

Rows of an interaction are always written in one transaction with it, or after it, so a
child seen without its interaction has lost it: by a fault, by a restored backup, or
because it was written while the interaction went. Every table with an interaction's id
is looked through, by the model registry, so that a new table cannot be forgotten.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q

from valv.archive import contents, prepared
from valv.archive.models import Content, Interaction, PreparedPart, SharedCopy
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, drop_entries_of, record
from valv.core.ids import month_bounds, month_of
from valv.core.people import Actor
from valv.storage import intents, scope
from valv.storage.models import Intent, Monthly
from valv.storage.raw import rows

BATCH = 500
ALONE = (
    "SELECT DISTINCT child.interaction_id FROM {table} AS child"
    " WHERE child.tenant_id = %s AND child.interaction_id >= %s"
    " AND child.interaction_id < %s AND NOT EXISTS (SELECT 1 FROM interaction AS one"
    " WHERE one.tenant_id = %s AND one.id = child.interaction_id)"
)
ENDS = (
    "SELECT interaction_id FROM {table} WHERE tenant_id = %s"
    " AND interaction_id IS NOT NULL ORDER BY interaction_id {order} LIMIT 1"
)
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
Span = tuple[int, int]


def children() -> list[Any]:
    """Every model whose rows hang on an interaction."""
    return [
        model
        for model in apps.get_models()
        if any(field.attname == "interaction_id" for field in model._meta.fields)
    ]


def find_orphans(tenant_id: int) -> dict[str, int]:
    """How many interactions each table speaks of that do not exist; none left out."""
    found = {
        child._meta.db_table: len(_orphaned(tenant_id, child)) for child in children()
    }
    return {table: count for table, count in found.items() if count}


def _orphaned(tenant_id: int, child: Any) -> set[int]:
    """Ids of interactions that are not there, span by span in short transactions."""
    with scope.reading(tenant_id):
        spans = list(_spans(child))
    found: set[int] = set()
    sql = ALONE.format(table=child._meta.db_table)
    for low, high in spans:
        with scope.reading(tenant_id):
            found |= {id_ for (id_,) in rows(sql, [tenant_id, low, high, tenant_id])}
    return found


def _spans(child: Any) -> Iterator[Span]:
    """One month of ids at a time where the table is laid out by them."""
    if not issubclass(child, Monthly):
        yield LOWEST, HIGHEST
        return
    ends = [
        rows(ENDS.format(table=child._meta.db_table, order=order), [scope.current()])
        for order in ("ASC", "DESC")
    ]
    if not ends[0]:
        return
    (year, month), last = month_of(ends[0][0][0]), month_of(ends[1][0][0])
    while (year, month) <= last:
        yield month_bounds(year, month)
        year, month = year + month // 12, month % 12 + 1


def remove_orphans(tenant_id: int, *, actor: Actor, now: datetime) -> Counter[str]:
    """Remove what ``find_orphans`` finds, keys and bytes too; answers rows by table."""
    gone: Counter[str] = Counter()
    for child in children():
        ids = sorted(_orphaned(tenant_id, child))
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            gone[child._meta.db_table] += _remove(tenant_id, child, part, actor, now)
    return gone


def _remove(
    tenant_id: int, child: Any, ids: list[int], actor: Actor, now: datetime
) -> int:
    with scope.writing(tenant_id):
        there = set(Interaction.objects.filter(id__in=ids).values_list("id", flat=True))
        lost = [id_ for id_ in ids if id_ not in there]
        doomed = _doomed(child, lost, now=now)
        count = _drop(child, lost, actor=actor, now=now)
    intents.carry_out(tenant_id, doomed)
    return count


def _doomed(child: Any, ids: list[int], *, now: datetime) -> list[Intent]:
    """The keys and bytes that rows of a table name."""
    lost = child.objects.filter(interaction_id__in=ids)
    if child is Content:
        return contents.doomed(lost, now=now)
    if child is SharedCopy:
        return intents.commit(contents.copies_ending(lost, now=now))
    if child is PreparedPart:
        which = Q(interaction_id__in=ids)
        return intents.commit(prepared.ending_with(which, now=now))
    return []


def _drop(child: Any, ids: list[int], *, actor: Actor, now: datetime) -> int:
    table = child._meta.db_table
    if child is Entry:
        return drop_entries_of(
            ids,
            lambda count: Act(Action.PURGE, details={"audit_entries": count}),
            actor=actor,
            now=now,
        )
    count: int = child.objects.filter(interaction_id__in=ids).delete()[0]
    if count:
        act = Act(Action.PURGE, details={"orphans": {table: count}})
        record(act, actor=actor, now=now)
    return count
