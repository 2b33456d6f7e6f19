"""Reading the archive: search pages, one interaction, and the lists beside them.

A search is noted in ``audit.searches``, after the read; the sight of one interaction is
entered in the audit log in the transaction that reads it.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from valv.archive.access import readable_interaction
from valv.archive.items import Item, item_of, items
from valv.archive.models import Agent
from valv.archive.search.run import Counted, Page, search
from valv.archive.topics import Named, picked_topics
from valv.archive.vocabulary import queue_names
from valv.audit import searches
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.identifiers import swedish_key
from valv.core.permissions import Right
from valv.core.search import SearchRequest
from valv.storage import keys, scope
from valv.tenants.access import Caller

# The same few hundred names are put in order for every search page.
_order = lru_cache(maxsize=10_000)(swedish_key)


_ASIDE = {"patterns", "limit", "count", "cursor"}
_PARAMETERS = [
    (field.name, getattr(SearchRequest(), field.name))
    for field in fields(SearchRequest)
    if field.name not in _ASIDE
]


class SearchAnswer(Struct, frozen=True):
    """A page of items, the cursor of the next, and how many there are in all."""

    items: list[Item]
    next: str | None
    count: Counted | None


def page(
    caller: Caller, request: SearchRequest, *, now: datetime, typing: bool = False
) -> SearchAnswer:
    """One page of a search. ``typing`` says that the next key may follow at once.

    Raises Forbidden without the right to see, Malformed for a cursor of another search.
    """
    caller.require(Right.SEE)
    tenant = caller.tenant
    with scope.reading(tenant.id):
        found = _search(caller, request, now=now)
        listed = items(tenant, found.rows, people=found.people)
    _note(caller, request, found, now=now, typing=typing)
    return SearchAnswer(listed, found.next, found.count)


def walk(
    caller: Caller, request: SearchRequest, *, now: datetime
) -> Iterator[list[Item]]:
    """All hits from the newest, a page at a time, each in a scope of its own.

    For exports, which note themselves in the audit log; nothing is noted here. What is
    changed meanwhile is seen by the pages that are still to come.
    """
    caller.require(Right.SEE)
    tenant = caller.tenant
    while True:
        with scope.reading(tenant.id):
            found = _search(caller, request, now=now)
            listed = items(tenant, found.rows, people=found.people)
        yield listed
        if found.next is None:
            return
        request = following(request, found.next)


def walk_ids(
    caller: Caller, request: SearchRequest, *, now: datetime
) -> Iterator[list[int]]:
    """As ``walk``, the ids of all hits alone."""
    caller.require(Right.SEE)
    while True:
        with scope.reading(caller.tenant.id):
            found = _search(caller, request, now=now)
        yield [row.id for row in found.rows]
        if found.next is None:
            return
        request = following(request, found.next)


def _search(caller: Caller, request: SearchRequest, *, now: datetime) -> Page:
    tenant, key = caller.tenant, cursor_key(caller.tenant.id)
    return search(tenant, request, reach=caller.reach, key=key, now=now)


def following(request: SearchRequest, cursor: str) -> SearchRequest:
    """The same search from a cursor on."""
    return replace(request, cursor=cursor)


def cursor_key(tenant_id: int) -> bytes:
    """Signs the tenant's cursors; those of another tenant do not fit."""
    return keys.digest(tenant_id, "cursor")


def _note(
    caller: Caller, request: SearchRequest, found: Page, *, now: datetime, typing: bool
) -> None:
    count = found.count or Counted(len(found.rows), capped=found.next is not None)
    searches.note(
        caller.tenant.id,
        caller.actor,
        kinds=kinds_of(request),
        found=count.value,
        capped=count.capped,
        now=now,
        typing=typing,
    )


def kinds_of(request: SearchRequest) -> list[str]:
    """Which parameters a search used, without a value of any."""
    kinds = [pattern.kind.value for pattern in request.patterns]
    return kinds + [
        name for name, unset in _PARAMETERS if getattr(request, name) != unset
    ]


def see(caller: Caller, interaction_id: int | str, *, now: datetime) -> Item:
    """One interaction's general information: one audit entry for each call.

    Raises Forbidden, or NotFound for what is not there or not the caller's.
    """
    with scope.writing(caller.tenant.id):
        interaction = readable_interaction(caller, interaction_id)
        act = Act(Action.SEE, interaction_id=interaction.id)
        record(act, actor=caller.actor, now=now)
        return item_of(caller.tenant, interaction)


def queues(caller: Caller) -> list[str]:
    """The queues one sees anything of, in Swedish order, to choose from."""
    caller.require(Right.SEE)
    with scope.reading(caller.tenant.id):
        named = queue_names().values()
    in_reach = caller.reach.queues
    shown = (name for name in named if in_reach is None or name in in_reach)
    return sorted(shown, key=_order)


def topics(caller: Caller) -> list[Named]:
    """What was ever registered, category and topic, in Swedish order."""
    caller.require(Right.SEE)
    with scope.reading(caller.tenant.id):
        picked = picked_topics()
    return sorted(picked, key=lambda one: (_order(one[0]), _order(one[1])))


def agents(caller: Caller) -> list[tuple[str, str]]:
    """The agents in reach, source id and name, in Swedish order of names."""
    caller.require(Right.SEE)
    with scope.reading(caller.tenant.id):
        found = Agent.objects.all()
        if caller.reach.agents is not None:
            found = found.filter(source_id__in=sorted(caller.reach.agents))
        listed = list(found.values_list("source_id", "name"))
    return sorted(listed, key=lambda agent: (_order(agent[1]), agent[0]))
