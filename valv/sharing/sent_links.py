"""Which links were sent, to whom, how they stand, and what was done by them.

A list of them shows addresses, and is entered as a sight.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from valv.archive import identifiers
from valv.archive.access import readable_interaction
from valv.archive.log_reading import Line
from valv.archive.models import SecureLink, SharedCopy
from valv.archive.reach import narrowed
from valv.archive.sessions import session_ids_of
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.people import ActorType
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.access import Caller

LINKS = "links"  # how the log names the list
OPEN, UNSENT, GONE = "open", "unsent", "gone"


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link; addresses are empty once whoever it went to was forgotten.

    ``state`` is open, unsent, gone (what it was of is), or why it ended. ``done`` are
    the visitor's acts, newest first.
    """

    link: SecureLink
    session_id: str
    to: str
    code_to: str
    state: str
    done: tuple[Line, ...]


def links_of(caller: Caller, interaction_id: str, *, now: datetime) -> list[SentLink]:
    """The links of one interaction, newest first; none for who may not send any.

    Seeing the interaction is entered by whoever shows it.
    """
    if not caller.may(Right.LINKS):
        return []
    with scope.reading(caller.tenant.id):
        row = readable_interaction(caller, interaction_id)
        return _shown(_newest(Q(interaction_id=row.id)), now=now)


def all_links(
    caller: Caller, *, before: int | None, limit: int, now: datetime
) -> list[SentLink]:
    """The newest links in the caller's reach, or those before. Raises Forbidden."""
    caller.require(Right.LINKS)
    older = Q() if before is None else Q(id__lt=before)
    with scope.writing(caller.tenant.id):
        inside = narrowed(_newest(older), caller.reach)
        found = _shown(inside[:limit], now=now)
        act = Act(Action.SEE, content=LINKS, details={"found": len(found)})
        record(act, actor=caller.actor, now=now)
    return found


def _newest(which: Q) -> QuerySet[SecureLink]:
    return SecureLink.objects.filter(which).order_by("-id")


def _shown(links: Iterable[SecureLink], *, now: datetime) -> list[SentLink]:
    listed = list(links)
    people = {id_ for one in listed for id_ in (one.recipient_id, one.code_to_id)}
    shown = identifiers.reveal(scope.current(), people)
    sessions = session_ids_of({one.interaction_id for one in listed})
    held = _with_copies(listed)
    done = _done(listed)
    return [
        SentLink(
            one,
            sessions.get(one.interaction_id, ""),
            shown[one.recipient_id].shown if one.recipient_id in shown else "",
            shown[one.code_to_id].shown if one.code_to_id in shown else "",
            _state(one, has_copies=one.id in held, now=now),
            tuple(
                Line(entry, sessions.get(one.interaction_id))
                for entry in done.get(one.id, ())
            ),
        )
        for one in listed
    ]


def _with_copies(links: Iterable[SecureLink]) -> set[int]:
    copies = SharedCopy.objects.filter(link_id__in=[one.id for one in links])
    return set(copies.values_list("link_id", flat=True))


def _state(link: SecureLink, *, has_copies: bool, now: datetime) -> str:
    if link.ended_why:
        return str(link.ended_why)
    if link.sent_at is None:
        return UNSENT
    if not has_copies:
        return GONE
    if link.expires_at <= now:
        return "expired"
    return "used" if link.plays >= link.most_plays else OPEN


def _done(links: Iterable[SecureLink]) -> Mapping[int, list[Entry]]:
    listed = list(links)
    entries = Entry.objects.filter(
        interaction_id__in={one.interaction_id for one in listed},
        actor_type=ActorType.EXTERNAL,
        actor_id__in=[one.id for one in listed],
    )
    found: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries.order_by("-at", "-id"):
        found[entry.actor_id or 0].append(entry)
    return found
