"""Taking out the content of many interactions, some of them at a time.

As ``sights`` does for one: the entries, one for each recording or log, commit before a
byte is handed over, in the transaction that asked whether each may leave. Statements do
not grow with the interactions.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from valv.archive import contents, lock, spoken
from valv.archive.models import Consent, Content, Interaction
from valv.archive.reach import narrowed
from valv.archive.sights import Opened, name_of
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.answers import Answer, Purpose
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import Actor
from valv.core.purposes import Given, Use, uses_open
from valv.core.reach import EVERYWHERE, Reach


@dataclass(frozen=True, slots=True)
class Take:
    """Which kinds are taken out, what for and why.

    ``may_restricted`` says whether who asked has the right to restricted content. What
    lies outside of ``reach`` is as what is not there.
    """

    kinds: tuple[ContentKind, ...]
    use: Use | None = None
    may_restricted: bool = False
    reason: str = ""
    reach: Reach = EVERYWHERE


@dataclass(slots=True)
class Taken:
    """What may be read now; the interactions that were refused, and those without."""

    opened: list[Opened] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    without: set[int] = field(default_factory=set)


def take_out(ids: Sequence[int], take: Take, *, actor: Actor, now: datetime) -> Taken:
    """Take content out, and enter it. Inside ``writing``, which locks them.

    What was deleted, cut, refused or restricted (GDPR 18) a moment ago is not taken.
    """
    interactions = _locked(ids, take.reach)
    rows = present(interactions, take.kinds)
    given = answers_of([one.id for one in interactions.values() if one.restricted])
    locked = {
        one.id
        for one in interactions.values()
        if one.restricted and not opens(take, given.get(one.id, []))
    }
    found = Taken(refused=locked & {row.interaction_id for row in rows})
    readers = contents.readers(row for row in rows if row.interaction_id not in locked)
    names = spoken.names_of_each(interactions.values())
    for row in rows:
        reader = readers.get(row.id or 0)
        if reader is not None:
            of = interactions[row.interaction_id]
            found.opened.append(Opened(of, row, reader, names[of.id]))
    taken = {one.interaction.id for one in found.opened}
    found.without = set(ids) - taken - found.refused
    record([_act(one, take) for one in found.opened], actor=actor, now=now)
    return found


def _locked(ids: Iterable[int], reach: Reach) -> dict[int, Interaction]:
    """In the order of ids, so that a deletion of theirs comes before, or after.

    Whether each lies within is asked once they are locked, so a restriction does too.
    """
    found = Interaction.objects.filter(id__in=list(ids)).order_by("id")
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    locked = {one.id: one for one in found}
    near = narrowed(Interaction.objects.filter(id__in=list(locked)), reach)
    return {id_: locked[id_] for id_ in sorted(near.values_list("id", flat=True))}


def present(ids: Iterable[int], kinds: Iterable[ContentKind]) -> list[Content]:
    """The contents that are there, in order. Inside a scope."""
    found = Content.objects.filter(
        interaction_id__in=list(ids),
        kind__in=[kind.number for kind in kinds],
        state=ContentState.PRESENT.number,
    )
    return list(found.order_by("interaction_id", "kind", "n"))


def answers_of(
    ids: Sequence[int] | QuerySet[Interaction, int],
) -> dict[int, list[Given]]:
    """All that was answered on some interactions. Inside a scope."""
    found: dict[int, list[Given]] = defaultdict(list)
    rows = Consent.objects.filter(interaction_id__in=ids)
    for id_, purpose, answer in rows.values_list("interaction_id", "purpose", "answer"):
        found[id_].append((Purpose.numbered(purpose), Answer.numbered(answer)))
    return found


def opens(take: Take, given: Iterable[Given]) -> bool:
    """Whether restricted content opens, by the right and by what was answered."""
    return take.may_restricted and take.use in uses_open(given)


def _act(one: Opened, take: Take) -> Act:
    name = name_of(ContentKind.numbered(one.row.kind), one.row.n)
    return Act(
        Action.DOWNLOAD,
        one.interaction.id,
        content=name,
        reason=take.reason,
        details=lock.purpose_of(take.use),
    )
