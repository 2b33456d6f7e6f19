"""Reading the audit log, newest first.

However long the log is, a page reads about as many rows as it shows: each question is
put to one index, value by value, and what else is asked is tried on what that finds.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import attrgetter, or_

from django.db.models import BooleanField, F, Q
from django.db.models.expressions import RawSQL

from valv.audit.models import Entry
from valv.core.identifiers import Fragment, Match
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.phones import folded
from valv.storage import scope
from valv.storage.raw import rows

AT_ONCE = 500
MOST_WAYS = 24
# The values of an indexed column, each by one look into the index.
_DISTINCT = (
    "WITH RECURSIVE one (value) AS ("
    "SELECT min({name}) FROM audit_entry WHERE tenant_id = %s"
    " UNION ALL SELECT (SELECT min({name}) FROM audit_entry"
    " WHERE tenant_id = %s AND {name} > one.value) FROM one"
    " WHERE one.value IS NOT NULL) SELECT value FROM one WHERE value IS NOT NULL"
)
# Written out, or SQLite does not see that the index of such entries is meant.
_HAS_REASON = RawSQL("reason > ''", (), output_field=BooleanField())
NEWEST = ("-at", "-id")
# Of a few interactions all entries are read and put in order; a plain order would have
# the databases walk all of time until they have met enough.
SORTED = ((F("at") + 0).desc(), "-id")

Key = tuple[int, int]
"""When, in milliseconds since 1970, and the row's id: where a page ends."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to look for; an empty one asks for all. Several of one mean *or*.

    ``contents`` are kinds, such as ``recording``, or names of settings. ``actor`` and
    ``reason`` disregard case. ``interaction_ids`` is None where it does not matter of
    which. ``until`` is exclusive.
    """

    actions: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    actor_types: tuple[str, ...] = ()
    actor: tuple[Fragment, ...] = ()
    reason: tuple[Fragment, ...] = ()
    interaction_ids: frozenset[int] | None = None
    since: datetime | None = None
    until: datetime | None = None


def key_of(entry: Entry) -> Key:
    return unix_ms(entry.at), entry.id


def entries(wanted: LogFilter, *, after: Key | None, limit: int) -> list[Entry]:
    """At most ``limit`` numbered entries that come after a key. Inside a scope."""
    found = Entry.objects.filter(_period(wanted, after), seq__isnull=False)
    ways, rest = _ways(wanted)
    order = NEWEST if wanted.interaction_ids is None else SORTED
    listed = (list(found.filter(way, rest).order_by(*order)[:limit]) for way in ways)
    merged = (entry for part in listed for entry in part)
    return sorted(merged, key=attrgetter("at", "id"), reverse=True)[:limit]


def walk(tenant_id: int, wanted: LogFilter) -> Iterator[list[Entry]]:
    """All entries from the newest, some at a time, each in a scope of its own."""
    after: Key | None = None
    while True:
        with scope.reading(tenant_id):
            found = entries(wanted, after=after, limit=AT_ONCE)
        if found:
            yield found
        if len(found) < AT_ONCE:
            return
        after = key_of(found[-1])


def _period(wanted: LogFilter, after: Key | None) -> Q:
    asked = Q()
    if wanted.since is not None:
        asked &= Q(at__gte=wanted.since)
    if wanted.until is not None:
        asked &= Q(at__lt=wanted.until)
    if after is not None:
        at = from_unix_ms(after[0])
        asked &= Q(at__lte=at) & (Q(at__lt=at) | Q(id__lt=after[1]))
    return asked


def _ways(wanted: LogFilter) -> tuple[list[Q], Q]:
    """What each statement asks of its index, and what is asked of all they find."""
    asked = [ways for ways in _asked(wanted) if ways is not None]
    if any(not ways for ways in asked):
        return [], Q()
    lead = next((ways for ways in asked if len(ways) <= MOST_WAYS), None)
    rest = [reduce(or_, ways) for ways in asked if ways is not lead]
    tested = reduce(lambda a, b: a & b, rest, _tests(wanted))
    return [Q()] if lead is None else lead, tested


def _asked(wanted: LogFilter) -> Iterator[list[Q] | None]:
    """The indexed questions, those that find the fewest first; None asks nothing."""
    ids = wanted.interaction_ids
    if ids is not None:
        listed = sorted(ids)
        parts = (listed[at : at + AT_ONCE] for at in range(0, len(listed), AT_ONCE))
        yield [Q(interaction_id__in=part) for part in parts]
    yield _fitting("content", _starts(wanted.contents)) if wanted.contents else None
    yield _fitting("actor", _fits(wanted.actor)) if wanted.actor else None
    yield [Q(action=one) for one in wanted.actions] or None
    yield [Q(actor_type=one) for one in wanted.actor_types] or None


def _starts(kinds: Sequence[str]) -> Callable[[str], bool]:
    return lambda content: content.partition(":")[0] in kinds


def _fits(fragments: Sequence[Fragment]) -> Callable[[str], bool]:
    alike = [Fragment(one.match, folded(one.text)) for one in fragments]
    return lambda name: any(one.fits(folded(name)) for one in alike)


def _fitting(name: str, fits: Callable[[str], bool]) -> list[Q]:
    return [Q(**{name: value}) for value in values_of(name) if fits(value)]


def values_of(name: str) -> list[str]:
    """All values of the column ``actor`` or ``content``. Inside a scope."""
    tenant_id = scope.current()
    found = rows(_DISTINCT.format(name=name), [tenant_id, tenant_id])
    return [str(value) for (value,) in found]


def _tests(wanted: LogFilter) -> Q:
    """What no index finds; it is tried on entries that have a reason, and no others."""
    if not wanted.reason:
        return Q()
    return Q(_HAS_REASON) & reduce(or_, [_reads(one) for one in wanted.reason])


def _reads(fragment: Fragment) -> Q:
    """By a pattern that both databases read alike, for their LIKE knows no å and Å."""
    begins = "^" if fragment.match in {Match.EXACT, Match.PREFIX} else ""
    ends = "$" if fragment.match in {Match.EXACT, Match.SUFFIX} else ""
    return Q(reason__iregex=f"{begins}{re.escape(fragment.text)}{ends}")


def entries_of(interaction_id: int, *, limit: int = 100) -> list[Entry]:
    """Who has looked at one interaction, newest first, numbered yet or not."""
    found = Entry.objects.filter(interaction_id=interaction_id).order_by("-at", "-id")
    return list(found[:limit])


def is_waiting() -> bool:
    """Whether an entry that is Valv's own has no number yet."""
    return Entry.objects.filter(seq=None, mac__isnull=False).exists()
