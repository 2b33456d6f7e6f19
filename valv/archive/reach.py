"""A reach in the words of the databases: it narrows what is asked, not the answer."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, QuerySet

from valv.archive.hold_models import Hold
from valv.archive.models import Agent, Interaction, Queue
from valv.core.ids import unix_ms
from valv.core.reach import WHOLE, Reach
from valv.storage.raw import one_of

Condition = tuple[str, list[object]]
RESTRICTED = (
    "EXISTS (SELECT 1 FROM hold_item x JOIN hold h"
    " ON h.tenant_id = x.tenant_id AND h.id = x.hold_id"
    " WHERE x.tenant_id = {row}.tenant_id AND x.interaction_id = {row}.id"
    " AND h.restricts AND h.released_at IS NULL)"
)
M = TypeVar("M", bound=Model)


def within(reach: Reach, *, row: str = "i") -> Condition | None:
    """What holds of an interaction inside, named ``row``; None for all of them.

    Inside a scope, which it reads names in.
    """
    if reach == WHOLE:
        return None
    texts, values = [], list[object]()
    for text, given in _pieces(reach, row):
        texts.append(text)
        values += given
    return f"({' AND '.join(texts)})", values


def _pieces(reach: Reach, row: str) -> Iterable[Condition]:
    if reach.in_use:  # what no hold covers at all is not even looked up
        yield f"(NOT {row}.held OR NOT {RESTRICTED.format(row=row)})", []
    if reach.queues is not None:
        yield one_of(f"{row}.queue_id", queues_in(reach.queues))
    if reach.agents is not None:
        condition, ids = one_of("part.agent_id", agents_in(reach.agents))
        exists = (
            "EXISTS (SELECT 1 FROM participation part"  # noqa: S608
            f" WHERE part.tenant_id = {row}.tenant_id"
            f" AND part.interaction_id = {row}.id AND {condition})"
        )
        yield exists, ids
    if reach.interactions is not None:
        yield one_of(f"{row}.id", sorted(reach.interactions))
    if reach.since is not None:
        yield f"{row}.started_at >= %s", [unix_ms(reach.since)]
    if reach.until is not None:
        yield f"{row}.started_at < %s", [unix_ms(reach.until)]


def of_one_within(reach: Reach, child: str) -> Condition:
    """That what ``child`` hangs on lies inside: it names interaction and tenant."""
    condition = within(reach)
    if condition is None:
        return "1 = 1", []
    text, values = condition
    exists = (
        "EXISTS (SELECT 1 FROM interaction i"  # noqa: S608
        f" WHERE i.tenant_id = {child}.tenant_id"
        f" AND i.id = {child}.interaction_id AND {text})"
    )
    return exists, values


def queues_in(names: Iterable[str]) -> list[int]:
    found = Queue.objects.filter(name__in=sorted(names))
    return list(found.order_by("id").values_list("id", flat=True))


def agents_in(source_ids: Iterable[str]) -> list[int]:
    found = Agent.objects.filter(source_id__in=sorted(source_ids))
    return list(found.order_by("id").values_list("id", flat=True))


def restrictions_stand() -> bool:
    """Whether anybody's processing is restricted in the tenant. Inside a scope."""
    standing = Hold.objects.filter(restricts=True, released_at__isnull=True)
    return bool(standing.exists())


def inside(reach: Reach, interaction_ids: Iterable[int]) -> list[int]:
    """Those of them that lie inside, in the order of ids. Inside a scope."""
    found = narrowed(Interaction.objects.filter(id__in=list(interaction_ids)), reach)
    return list(found.order_by("id").values_list("id", flat=True))


def narrowed(found: QuerySet[M], reach: Reach) -> QuerySet[M]:
    """Those of some interactions, or of what hangs on some, that lie inside.

    Inside a scope.
    """
    if reach == WHOLE:
        return found
    table, is_one = found.model._meta.db_table, found.model is Interaction
    itself = within(reach, row=table) if is_one else None
    text, values = itself or of_one_within(reach, table)
    return found.extra(where=[text], params=values)  # noqa: S610 - our own words
