"""What is past its time: the queries that the run purges by, and previews count by.

Interactions are told apart by their storage terms, so that each query walks an index
and meets what is due alone. Those that a change will sort anew, be it saved or not, are
told apart by its rules' conditions besides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from valv.archive.models import ChatPart, Content, Interaction, RawEvent
from valv.archive.storage_terms import condition, fits_of, only
from valv.core.interaction import ContentKind, ContentState
from valv.core.moments import night_starts_at
from valv.core.retention import KIND_OF, Stored
from valv.core.storage_rules import AppliesTo, StoragePolicy, Terms
from valv.storage.raw import is_sqlite
from valv.tenants.storage_changes import policy_of, waiting_until
from valv.tenants.storage_terms import Book, book

EVERYTHING = Q()
Tally = dict[str, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """Interactions for which the same terms hold: by their numbers, and a condition.

    ``version`` is the id of the storage times' version, where that is saved.
    """

    terms: Terms
    numbers: Sequence[int]
    where: Q = EVERYTHING
    version: int = 0

    def among(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of some interactions, or of what hangs on them, that are so kept."""
        found = rows.filter(terms__in=self.numbers)
        if self.where == EVERYTHING:
            return found
        if rows.model is Interaction:
            return found.filter(self.where)
        its = Interaction.objects.filter(self.where, id=OuterRef("interaction_id"))
        return found.filter(Exists(its))

    def due(self, stored: Stored, run_date: date, zone: ZoneInfo) -> "Due | None":
        """What of a class is past its time on a night; None if nothing ever is."""
        before = self.terms.due_before(stored, run_date=run_date, zone=zone)
        return None if before is None else Due(self, before)


@dataclass(frozen=True, slots=True)
class Due:
    """What ended before a moment, of what is so kept."""

    kept: Kept
    before: datetime

    def among(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.kept.among(rows).filter(aged_from__lt=self.before)


def kept_by(book: Book) -> list[Kept]:
    """All that are sorted, by the number of their terms."""
    numbers = [number for number in book.held if number not in book.stale]
    return [
        Kept(book.terms(number), [number], version=book.held[number].setting_id)
        for number in numbers
    ]


def that_night(
    run_date: date,
    zone: ZoneInfo,
    policy: StoragePolicy | None = None,
    applies_to: AppliesTo = AppliesTo.EXISTING,
) -> tuple[StoragePolicy, list[Kept]]:
    """By what the night of a date will go: ``policy``, if that was in force.

    Else by what is in force then: a change that waits is counted in, if its days have
    passed. Inside a scope.
    """
    if policy is None:
        change = waiting_until(night_starts_at(run_date, zone=zone))
        if change is None:
            terms = book()
            return terms.policy, _in_the_end(terms)
        policy, applies_to = policy_of(change), AppliesTo(change.applies_to)
    if applies_to is AppliesTo.NEW:
        return policy, _in_the_end(book())
    return policy, _once_in_force(policy, book())


def _in_the_end(book: Book) -> list[Kept]:
    """As ``kept_by``, with those that wait as they will be sorted."""
    waiting = [
        kept
        for number in book.stale
        for kept in _sorted(book.versions[book.version_for(number)], [number])
    ]
    return kept_by(book) + waiting


def _once_in_force(policy: StoragePolicy, book: Book) -> list[Kept]:
    """Terms that would follow a version, and the others as it would sort them anew."""
    follow = [number for number in book.held if book.follows(number, policy)]
    anew = [number for number in book.held if number not in follow]
    following = [Kept(Terms(policy, book.held[one].matched), [one]) for one in follow]
    return following + _sorted(policy, anew)


def _sorted(policy: StoragePolicy, numbers: Sequence[int]) -> list[Kept]:
    """Interactions as a version would sort them; with rules, it reads them all."""
    fits = fits_of(policy)
    if not fits:
        return [Kept(Terms(policy), [number]) for number in numbers]
    bits = {
        f"fits_{n}": Case(
            When(condition(fit), then=Value(value=True)),
            default=Value(value=False),
            output_field=BooleanField(),
        )
        for n, fit in enumerate(fits.values())
    }
    rows = Interaction.objects.filter(terms__in=numbers).annotate(**bits).order_by()
    found = set(rows.values_list(*bits).distinct())
    sorts = [_names(fits, one) for one in sorted(found)]
    return [
        Kept(Terms(policy, matched), numbers, only(fits, matched)) for matched in sorts
    ]


def _names(fits: Iterable[str], bits: Iterable[bool]) -> frozenset[str]:
    return frozenset(name for name, is_fit in zip(fits, bits, strict=True) if is_fit)


def general_due(due: Due) -> QuerySet[Interaction]:
    """Interactions past their time, oldest first, held ones too."""
    return due.among(Interaction.objects.all()).order_by("aged_from", "id")


def unheld(due: QuerySet[Any]) -> QuerySet[Any]:
    """Of interactions, or of what hangs on them, that which no hold covers."""
    return due.filter(~_held(due))


def _held(due: QuerySet[Any]) -> Q:
    its_id = "id" if due.model is Interaction else "interaction_id"
    return _of(Q(held=True), its_id)


def tallied(due: QuerySet[Any], **sums: Aggregate) -> tuple[Tally, Tally]:
    """How much of what is due goes, and how much a hold keeps.

    All are summed up, and the few that are held taken off: nothing is asked of each.
    """
    both = (due, due.filter(_held(due)))
    every, kept = (rows.order_by().aggregate(**sums) for rows in both)
    went = {name: (every[name] or 0) - (kept[name] or 0) for name in sums}
    return went, {name: kept[name] or 0 for name in sums}


def _of(which: Q, its_id: str = "interaction_id") -> Q:
    """Some interactions, of which there is a small index, or what hangs on them.

    SQLite lists those once, and would look up the bearer of each row; PostgreSQL joins
    them, and would walk through the list for each row where it is long.
    """
    some = Interaction.objects.filter(which)
    if is_sqlite():
        return Q(**{f"{its_id}__in": some.values("id")})
    return Q(Exists(some.filter(id=OuterRef(its_id))))


def present(stored: Stored) -> QuerySet[Content]:
    """Content of a class that is there; recordings go by what they are part of."""
    found = Content.objects.filter(
        kind=KIND_OF[stored].number, state=ContentState.PRESENT.number
    )
    restricted = _of(Q(restricted=True))
    match stored:
        case Stored.RECORDINGS:
            return found.filter(~restricted)
        case Stored.RESTRICTED:
            return found.filter(restricted)
        case _:
            return found


def contents_due(stored: Stored, due: Due) -> QuerySet[Content]:
    found = due.among(present(stored))
    return found.order_by("aged_from", "interaction_id", "n")


def transcripts_due(
    kept: Kept, run_date: date, zone: ZoneInfo
) -> QuerySet[Content] | None:
    """Transcripts past their time, and those whose recording goes that night.

    None if neither ever is. What hangs on an interaction is of one age.
    """
    classes = (Stored.TRANSCRIPTS, Stored.RECORDINGS, Stored.RESTRICTED)
    dues = [(stored, kept.due(stored, run_date, zone)) for stored in classes]
    befores = {stored: due.before for stored, due in dues if due is not None}
    if not befores:
        return None
    past = [_transcripts_past(*one) for one in befores.items()]
    due = Due(kept, max(befores.values()))
    return due.among(present(Stored.TRANSCRIPTS)).filter(reduce(or_, past))


def _transcripts_past(stored: Stored, before: datetime) -> Q:
    """Of transcripts, those past their own time, or that of what was said in them."""
    if stored is Stored.TRANSCRIPTS:
        return Q(aged_from__lt=before)
    its = {"interaction_id": OuterRef("interaction_id"), "n": OuterRef("n")}
    return Q(Exists(present(stored).filter(**its)), aged_from__lt=before)


def chats_due(due: Due) -> QuerySet[Content]:
    """Chats that are still told, whose last message is past its time already."""
    told = ChatPart.objects.values_list("interaction_id", flat=True)
    waiting = Content.objects.filter(
        interaction_id__in=told,
        kind=ContentKind.CHAT_LOG.number,
        state=ContentState.AWAITING.number,
    )
    return due.among(waiting)


def children_due(child: Any, due: Due) -> QuerySet[Any]:
    """Surveys or raw events past their time, held ones too.

    A raw event of an interaction that runs is as old as its start: it is asked itself.
    """
    found = due.among(child.objects.all())
    if child is RawEvent:
        bearer = Interaction.objects.filter(id=OuterRef("interaction_id"))
        found = found.filter(~Exists(bearer.filter(aged_from__gte=due.before)))
    return found
