"""The audit log as people ask it: by who called, too, and with what things are called.

Whom an act was about is known by the archive alone, through identifiers: the log
repeats nothing of them. So whoever was forgotten is found here no more, either. Each
reading is itself an act, with its entry in the transaction that reads.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from valv.archive import mentions
from valv.archive import people as people_of
from valv.archive.identifiers import epoch, lookup
from valv.archive.models import Interaction, OtherParty
from valv.archive.sessions import session_ids_of
from valv.audit.actions import Action
from valv.audit.asked import Asked
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.queries import AT_ONCE, Key, LogFilter, entries, key_of, walk
from valv.audit.verify import settle
from valv.core.changes import Change
from valv.core.errors import Malformed
from valv.core.identifiers import Pattern
from valv.core.people import ActorType
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

LOG, BY_SUPPORT = "audit_log", "support"
MOST_ABOUT = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, and what the source calls the interaction, if it is still held.

    The entry's reason is as it is read; as it is kept, it is in a proof.
    """

    entry: Entry
    session_id: str | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log; ``next`` is where the one after it begins, if there is one."""

    lines: list[Line]
    next: Key | None


def read_log(
    caller: Caller, asked: Asked, *, after: Key | None, limit: int, now: datetime
) -> LogPage:
    """Read a page of the log: one entry for each call, with how much was found.

    Raises Forbidden; Malformed where so many people fit that nobody can be meant.
    """
    caller.require(Right.AUDIT)
    tenant = caller.tenant
    settle(tenant.id)
    with scope.writing(tenant.id):
        wanted = _about(tenant, asked)
        found = entries(wanted, after=after, limit=limit + 1)
        shown = found[:limit]
        details = {"by": list(asked.by), "found": len(shown)}
        record(Act(Action.LOG, details=details), actor=caller.actor, now=now)
        lines = list(_named(shown))
    more = len(found) > limit
    return LogPage(lines, key_of(shown[-1]) if more else None)


def take_out(
    caller: Caller, asked: Asked, *, form: str, now: datetime
) -> Iterator[Line]:
    """All that is asked for, to be written to a file; entered before the first.

    Raises as ``read_log`` does.
    """
    caller.require(Right.AUDIT)
    tenant = caller.tenant
    settle(tenant.id)
    with scope.writing(tenant.id):
        wanted = _about(tenant, asked)
        details = {"form": form, "by": list(asked.by)}
        act = Act(Action.EXPORT, content=LOG, details=details)
        record(act, actor=caller.actor, now=now)
    return _lines(tenant.id, wanted)


def change_of(entry: Entry) -> tuple[str, list[Change]]:
    """Which setting was changed, and each value of it from what to what.

    Entries from before changes were told have none.
    """
    name = str(entry.details.get("setting", ""))
    found: list[Change] = entry.details.get("changes", [])
    return name, found


def _lines(tenant_id: int, wanted: LogFilter) -> Iterator[Line]:
    for part in walk(tenant_id, wanted):
        with scope.reading(tenant_id):
            lines = list(_named(part))
        yield from lines


def _named(found: Iterable[Entry]) -> Iterator[Line]:
    listed = list(found)
    mentions.spell_out(scope.current(), listed, "reason")
    about = {one.interaction_id for one in listed} - {None}
    sessions = session_ids_of(id_ for id_ in about if id_ is not None)
    for one in listed:
        yield Line(one, sessions.get(one.interaction_id or 0))


def _about(tenant: Tenant, asked: Asked) -> LogFilter:
    """The filter with the interactions of the people who are meant. Inside a scope."""
    asked = replace(asked, wanted=_as_kept(tenant, asked.wanted))
    if not asked.people:
        return asked.wanted
    meant = [_interactions_of(tenant, pattern) for pattern in asked.people]
    if asked.wanted.interaction_ids is not None:
        meant.append(set(asked.wanted.interaction_ids))
    ids = frozenset(set.intersection(*meant))
    return replace(asked.wanted, interaction_ids=ids)


def _as_kept(tenant: Tenant, wanted: LogFilter) -> LogFilter:
    """Reasons as they are kept: whom they name by number or address by reference."""
    reasons = (
        replace(one, text=mentions.sought(tenant, one.text)) for one in wanted.reason
    )
    return replace(wanted, reason=tuple(reasons))


def _interactions_of(tenant: Tenant, pattern: Pattern) -> set[int]:
    ids = sorted(_identifiers_of(tenant, pattern))
    found: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        own = Interaction.objects.filter(**{f"{pattern.kind.value}_id__in": part})
        others = OtherParty.objects.filter(identifier_id__in=part)
        left = MOST_ABOUT + 1 - len(found)
        found.update(own.values_list("id", flat=True)[:left])
        found.update(others.values_list("interaction_id", flat=True)[:left])
        if len(found) > MOST_ABOUT:
            raise _too_many(pattern)
    return found


def _identifiers_of(tenant: Tenant, pattern: Pattern) -> set[int]:
    if pattern.is_exact:
        texts = [one.text for one in pattern.alternatives]
        return {id_ for text in texts for id_ in lookup(tenant, pattern.kind, text)}
    people = people_of.of(tenant.id, epoch=epoch())
    fitting = people.fitting(pattern)
    if fitting.capped:
        raise _too_many(pattern)
    return set(fitting.ids)


def _too_many(pattern: Pattern) -> Malformed:
    return Malformed("It fits too many people. Write more.", field=pattern.kind.value)


def look_at_support(caller: Caller, *, limit: int, now: datetime) -> list[Line]:
    """What support did, as one who lets support in opens the page; that is entered.

    Raises Forbidden.
    """
    with scope.writing(caller.tenant.id):
        lines = done_by_support(caller, limit=limit)
        record(Act(Action.LOG, content=BY_SUPPORT), actor=caller.actor, now=now)
    return lines


def done_by_support(caller: Caller, *, limit: int) -> list[Line]:
    """What support did in the tenant, newest first, numbered yet or not.

    For one who lets support in: it is part of what they granted. A page that is open
    asks again and again, which is no sight of its own. Raises Forbidden.
    """
    caller.require(Right.SUPPORT)
    with scope.reading(caller.tenant.id):
        found = Entry.objects.filter(actor_type=ActorType.SUPPORT)
        return list(_named(found.order_by("-at", "-id")[:limit]))
