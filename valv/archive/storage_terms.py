"""Sorting interactions by the rules of the storage times, one by one or many at once.

What a rule names in words is looked up once for each version. Whatever changes what a
rule asks of an interaction saves it, and so sorts it anew, by its own version.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from valv.archive.models import (
    Agent,
    Content,
    Interaction,
    Participation,
    Queue,
    RawEvent,
    Registration,
    Survey,
    Topic,
)
from valv.core.storage_rules import Fit, Rule, StoragePolicy, Terms
from valv.tenants.models import UserGroup
from valv.tenants.storage_terms import Book, book

BEARING: tuple[Any, ...] = (Content, Survey, RawEvent)
BATCH = 250  # a write transaction stays under 250 ms
Topics = Mapping[int, Sequence[int]]


def terms_of(interaction: Interaction) -> Terms:
    """By what an interaction is kept. Inside a scope."""
    return book().terms(interaction.terms)


def fits_of(policy: StoragePolicy) -> dict[str, Fit]:
    """The rules by the numbers that their words have now; new ones may yet come."""
    return {rule.name: _fit(rule) for rule in policy.rules}


def _fit(rule: Rule) -> Fit:
    agents = UserGroup.objects.filter(name__in=rule.group).values_list("agents")
    sources = [one for (listed,) in agents for one in listed]
    return Fit(
        queues=_ids(Queue, rule.queue, name__in=rule.queue),
        agents=_ids(Agent, rule.group, source_id__in=sources),
        media=frozenset(one.number for one in rule.media) if rule.media else None,
        topics=_ids(Topic, rule.topic, name__in=rule.topic),
        restricted=rule.restricted,
    )


def _ids(
    model: Any, named: Sequence[str], **wanted: Sequence[str]
) -> frozenset[int] | None:
    if not named:
        return None
    return frozenset(model.objects.filter(**wanted).values_list("id", flat=True))


def condition(fit: Fit) -> Q:
    """As ``Fit.fits``, in the form a database can search interactions by."""
    asked = Q()
    if fit.queues is not None:
        asked &= Q(queue_id__in=fit.queues)
    if fit.agents is not None:
        there = Participation.objects.filter(agent_id__in=fit.agents)
        asked &= Q(id__in=there.values("interaction_id"))
    if fit.media is not None:
        asked &= Q(media__in=fit.media)
    if fit.topics is not None:
        picked = Registration.objects.filter(topic_id__in=fit.topics)
        asked &= Q(id__in=picked.values("interaction_id"))
    if fit.restricted is not None:
        asked &= Q(restricted=fit.restricted)
    return asked


def only(fits: Mapping[str, Fit], matched: frozenset[str]) -> Q:
    """Interactions that these rules fit, and none of the others."""
    asked = [
        condition(fit) if name in matched else ~condition(fit)
        for name, fit in fits.items()
    ]
    return reduce(and_, asked, Q())


class Sorting:
    """Sorts interactions inside one scope."""

    def __init__(self) -> None:
        self._book = book()
        self._fits: dict[int, dict[str, Fit]] = {}

    @property
    def book(self) -> Book:
        return self._book

    def needs_topics(self) -> bool:
        policies = self._book.versions.values()
        return any(rule.topic for policy in policies for rule in policy.rules)

    def number_of(self, row: Interaction, topics: Sequence[int]) -> int:
        """The number of the terms by which it is kept, made if new. In ``writing``."""
        version = self._version_of(row)
        return self._book.number(version, self._matched(version, row, topics))

    def terms(self, row: Interaction) -> Terms:
        """By what an interaction is kept as it stands, be it saved or not."""
        version = self._version_of(row)
        topics = topics_of([row.id]).get(row.id, ()) if self.needs_topics() else ()
        matched = self._matched(version, row, topics)
        return Terms(self._book.versions[version], matched)

    def _version_of(self, row: Interaction) -> int:
        is_new = row._state.adding  # noqa: SLF001 - Django's own word for it
        return self._book.version_for(None if is_new else row.terms)

    def _matched(
        self, version: int, row: Interaction, topics: Sequence[int]
    ) -> frozenset[str]:
        facts = {
            "queue": row.queue_id,
            "agents": row.agent_ids,
            "media": row.media,
            "topics": topics,
            "restricted": bool(row.restricted),
        }
        fits = self._fits_of(version)
        return frozenset(name for name, fit in fits.items() if fit.fits(**facts))

    def _fits_of(self, version: int) -> dict[str, Fit]:
        if version not in self._fits:
            self._fits[version] = fits_of(self._book.versions[version])
        return self._fits[version]


def topics_of(interaction_ids: Iterable[int]) -> Topics:
    """The topics registered of each of some interactions."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Registration.objects.filter(interaction_id__in=list(interaction_ids))
    for interaction_id, topic_id in rows.values_list("interaction_id", "topic_id"):
        found[interaction_id].append(topic_id)
    return found


def sort_stale(stale: int) -> int:
    """Sort some that a change left behind, by the newest version; answers how many.

    Inside ``writing``; 0 when there are none left.
    """
    rows = list(_locked(Interaction.objects.filter(terms=stale).order_by("aged_from")))
    sorting = Sorting()
    topics = topics_of(row.id for row in rows) if sorting.needs_topics() else {}
    moved: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        moved[sorting.number_of(row, topics.get(row.id, ()))].append(row.id)
    for number, ids in moved.items():
        set_terms(ids, number)
    return len(rows)


def _locked(found: QuerySet[Interaction]) -> QuerySet[Interaction]:
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    return found[:BATCH]


def set_terms(interaction_ids: Sequence[int], number: int) -> None:
    """Keep interactions, and what hangs on them, by these terms."""
    Interaction.objects.filter(id__in=interaction_ids).update(terms=number)
    for model in BEARING:
        model.objects.filter(interaction_id__in=interaction_ids).update(terms=number)
