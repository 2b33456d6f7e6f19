"""On which interactions an identifier hangs, and who else is known there.

An identifier may stand on an interaction, among its further parties, as one to whom a
copy of the chat was sent, or only in its raw events. Nobody is found by a name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from valv.archive.flags import WHOM, Flag
from valv.archive.minimum import Minimum
from valv.archive.models import (
    ChatCopy,
    Identifier,
    Interaction,
    OtherParty,
)
from valv.core.identifiers import Kind
from valv.lifecycle.models import JobItem
from valv.lifecycle.plans import ItemState
from valv.lifecycle.unused import COLUMNS, told_in_each
from valv.storage import scope
from valv.storage.raw import one_of, rows
from valv.tenants.models import Tenant

MOST_SHOWN = 50
BATCH = 500
ANY_HELD = "SELECT 1 FROM interaction WHERE tenant_id = %s AND held LIMIT 1"
HELD_WITH = [
    f"SELECT {column} FROM interaction AS i"  # noqa: S608
    " WHERE i.tenant_id = %s AND i.held AND {}"
    for column in COLUMNS.values()
]
HELD_BESIDE = [
    f"SELECT c.identifier_id FROM {table} AS c JOIN interaction AS i"  # noqa: S608
    " ON i.tenant_id = c.tenant_id AND i.id = c.interaction_id"
    " WHERE c.tenant_id = %s AND i.held AND {}"
    for table in ("other_party", "chat_copy")
]


# As the index says it, or SQLite walks all of the tenant's identifiers.
OWNED = "SELECT id FROM identifier WHERE tenant_id = %s AND NOT (owner_id = 0) AND {}"
# As the index says it; of those that were cut, few left events that tell of anybody.
TOLD_APART = (
    "SELECT id FROM interaction WHERE tenant_id = %s AND id > %s"  # noqa: S608
    f" AND (flags & {int(Flag.RAW)}) > 0"
    f" AND ((stated & {WHOM}) > 0 OR anonymised_at IS NOT NULL)"
    " AND (anonymised_at IS NULL OR EXISTS (SELECT 1 FROM raw_event AS r"
    " WHERE +r.tenant_id = interaction.tenant_id"
    " AND r.interaction_id = interaction.id AND length(r.body) > 0))"
    " ORDER BY id LIMIT %s"
)


def with_names(ids: Iterable[int]) -> set[int]:
    """Identifiers, and the names that belong to them. Inside a scope."""
    wanted = set(ids)
    where, values = one_of("owner_id", wanted)
    owned = rows(OWNED.format(where), [scope.current(), *values])
    return wanted | {id_ for (id_,) in owned}


def hanging_on(ids: Iterable[int]) -> set[int]:
    """The interactions that identifiers stand on, or beside. Inside a scope."""
    wanted = list(ids)
    found: set[int] = set()
    for column in COLUMNS.values():
        rows_ = Interaction.objects.filter(**{f"{column}__in": wanted})
        found |= set(rows_.values_list("id", flat=True))
    for child in (OtherParty, ChatCopy):
        beside = child.objects.filter(identifier_id__in=wanted)
        found |= set(beside.values_list("interaction_id", flat=True))
    return found


def told_of(tenant_id: int, ids: Iterable[int]) -> set[int]:
    """The interactions whose raw events alone tell of one of the identifiers.

    Only where a source stated somebody outright can events tell of somebody else, or
    where a job cut the person and left raw data as it was.
    """
    wanted, found, last = set(ids), set[int](), -1
    while wanted:
        with scope.reading(tenant_id):
            some = _told_apart(after=last)
            told = told_in_each(some)
        found |= {id_ for id_, named in told.items() if named & wanted}
        if len(some) < BATCH:
            break
        last = some[-1]
    return found


def _told_apart(*, after: int) -> list[int]:
    found = rows(TOLD_APART, [scope.current(), after, BATCH])
    return [id_ for (id_,) in found]


def on_hold(ids: Iterable[int]) -> set[int]:
    """Those of the identifiers that an interaction under a hold still points at.

    Mostly nothing is under a hold at all, which is asked first: it takes less time.
    """
    if not rows(ANY_HELD, [scope.current()]):
        return set()
    wanted = set(ids)
    parts = [
        *zip(HELD_WITH, (f"+i.{column}" for column in COLUMNS.values()), strict=True),
        *((sql, "c.identifier_id") for sql in HELD_BESIDE),
    ]
    asked = [(sql, *one_of(column, wanted)) for sql, column in parts]
    found = rows(
        " UNION ALL ".join(sql.format(where) for sql, where, _ in asked),
        [one for _, _, values in asked for one in (scope.current(), *values)],
    )
    return {id_ for (id_,) in found}


def obliged(tenant: Tenant, ids: Iterable[int], *, now: datetime) -> set[int]:
    """Those that an interaction within its minimum period still points at."""
    minimum = Minimum.of(tenant, now=now)
    if minimum.is_none():
        return set()
    wanted = set(ids)
    hanging = Interaction.objects.filter(id__in=hanging_on(wanted))
    kept = [row for row in hanging if minimum.of_person(row) is not None]
    named = {getattr(row, column) for row in kept for column in COLUMNS.values()}
    for child in (OtherParty, ChatCopy):
        beside = child.objects.filter(interaction_id__in=[row.id for row in kept])
        named |= set(beside.values_list("identifier_id", flat=True))
    return named & wanted


def struck_of(job_id: int, ids: Iterable[int]) -> set[int]:
    """Those of the identifiers that an interaction that was struck off points at."""
    wanted = set(ids)
    struck = items_of(job_id, ItemState.STRUCK)
    kept: set[int] = set()
    for column in COLUMNS.values():
        with_it = {f"{column}__in": wanted, "id__in": struck}
        found = Interaction.objects.filter(**with_it)
        kept |= set(found.values_list(column, flat=True))
    for child in (OtherParty, ChatCopy):
        beside = child.objects.filter(identifier_id__in=wanted)
        beside = beside.filter(interaction_id__in=struck)
        kept |= set(beside.values_list("identifier_id", flat=True))
    return kept


def items_of(job_id: int, *states: ItemState) -> QuerySet[JobItem, int]:
    """The ids of a job's interactions in some states, as a subquery."""
    found = JobItem.objects.filter(job_id=job_id, state__in=states or list(ItemState))
    return found.values_list("interaction_id", flat=True)


@dataclass(frozen=True, slots=True)
class AlsoSeen:
    """An identifier that stands on the job's interactions, and elsewhere too.

    ``here`` and ``elsewhere`` count interactions.
    """

    id: int
    kind: Kind
    here: int
    elsewhere: int


def also_seen(job_id: int, *, but: Iterable[int]) -> list[AlsoSeen]:
    """Who else stands on a job's interactions, and on others too; most seen first.

    Inside a scope. What stands nowhere else goes with them and is not listed.
    """
    ours = items_of(job_id, ItemState.WAITING, ItemState.DONE)
    found = [
        one
        for kind, column in COLUMNS.items()
        if kind is not Kind.NAME
        for one in _seen(kind, column, ours, set(but))
    ]
    return sorted(found, key=lambda one: (-one.elsewhere, one.id))[:MOST_SHOWN]


def _seen(
    kind: Kind, column: str, ours: QuerySet[JobItem, int], but: set[int]
) -> Iterator[AlsoSeen]:
    here = _counts(Interaction, column, Q(id__in=ours))
    beside = Identifier.objects.filter(kind=kind.number).values("id")
    here += _counts(
        OtherParty,
        "identifier_id",
        Q(interaction_id__in=ours, identifier_id__in=beside),
    )
    for start in range(0, len(here), BATCH):
        part = list(here)[start : start + BATCH]
        all_ = _counts(Interaction, column, Q(**{f"{column}__in": part}))
        all_ += _counts(OtherParty, "identifier_id", Q(identifier_id__in=part))
        for id_ in part:
            if all_[id_] > here[id_] and id_ not in but:
                yield AlsoSeen(id_, kind, here[id_], all_[id_] - here[id_])


def others_on(job_id: int, *, but: Iterable[int]) -> list[AlsoSeen]:
    """Everyone else who stands on a job's interactions, most seen first, with names.

    Inside a scope. A name that belongs to one of them, or to one of ``but``, goes
    unsaid.
    """
    ours = items_of(job_id, ItemState.WAITING, ItemState.DONE)
    here: Counter[int] = Counter()
    for column in COLUMNS.values():
        here += _counts(Interaction, column, Q(id__in=ours))
    here += _counts(OtherParty, "identifier_id", Q(interaction_id__in=ours))
    known = set(but) | here.keys()
    found = Identifier.objects.filter(id__in=here.keys() - set(but))
    return [
        AlsoSeen(one.id, Kind.numbered(one.kind), here[one.id], 0)
        for one in sorted(found, key=lambda one: (-here[one.id], one.id))
        if one.owner_id not in known
    ]


def _counts(model: type, column: str, where: Q) -> Counter[int]:
    found = (
        model.objects.filter(where, **{f"{column}__isnull": False})  # type: ignore[attr-defined]
        .order_by()
        .values_list(column)
        .annotate(count=Count("*"))
    )
    return Counter(dict(found))
