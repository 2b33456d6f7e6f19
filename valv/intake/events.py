"""Raw events on their way in: many at once, in any order, told twice or with gaps.

Durable before the answer. Events of one interaction are taken in one transaction, and
what they tell is read off all of them anew; the answer counts what was taken, what was
known already, and names each line that was refused.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from valv.archive import raw_events
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.people import Actor
from valv.intake import chats, registration
from valv.intake.drafts import Drafts
from valv.intake.event_lines import Incoming, RefusedLine, read_lines
from valv.intake.quieting import quieten
from valv.intake.taking import Took, take
from valv.intake.writing import written
from valv.storage import intents
from valv.tenants.models import Tenant

CHUNK = 500

Sessions = dict[str, list[Incoming]]


class Taken(Struct, frozen=True):
    """What became of a body of events; each line is counted once."""

    accepted: int
    duplicate: int
    refused: list[RefusedLine]


def take_events(tenant: Tenant, body: bytes, *, actor: Actor, now: datetime) -> Taken:
    """Take NDJSON, or a JSON array of events; durable at return.

    Raises BadRequest if nothing of the body can be read, and Busy; after either the
    same body may be sent again.
    """
    lines = read_lines(tenant, body)
    registration.sift(tenant, lines, actor=actor, now=now)
    accepted = duplicate = 0
    refused = list(lines.refused)
    for chunk in _chunks(lines.sessions):
        took = _take_chunk(tenant, chunk, actor=actor, now=now)
        accepted += took.accepted
        duplicate += took.duplicate
        refused += took.refused
    return Taken(accepted, duplicate, sorted(refused, key=lambda one: one.line))


def _chunks(sessions: Sessions) -> Iterator[Sessions]:
    """Sessions whole, in pieces short enough for one transaction."""
    chunk: Sessions = {}
    size = 0
    for session_id, events in sessions.items():
        if chunk and size + len(events) > CHUNK:
            yield chunk
            chunk, size = {}, 0
        chunk[session_id] = events
        size += len(events)
    if chunk:
        yield chunk


def _take_chunk(
    tenant: Tenant, sessions: Sessions, *, actor: Actor, now: datetime
) -> Took:
    hashes = {
        one.event.event_id: raw_events.hash_of(tenant.id, one.event.event_id)
        for one in _all(sessions)
    }
    firsts = {id_: _first(events) for id_, events in sessions.items()}

    def work(drafts: Drafts) -> Took:
        took = take(tenant, drafts, sessions, hashes, actor=actor, now=now)
        if took.accepted:
            act = Act(Action.RECEIVE, details={"events": took.accepted})
            record(act, actor=actor, now=now)
        return took

    took = written(tenant, firsts, work, now=now)
    intents.carry_out(tenant.id, took.doomed)
    for interaction_id in took.ended_chats:
        chats.close(tenant, interaction_id, actor=actor, now=now)
    if took.loud:
        quieten(tenant, took.loud, actor=actor, now=now)
    return took


def _all(sessions: Sessions) -> Iterable[Incoming]:
    return (one for events in sessions.values() for one in events)


def _first(events: Iterable[Incoming]) -> datetime:
    """When the session began, as far as these events tell."""
    listed = [one.event for one in events]
    starts = [event.at for event in listed if event.type == "session.started"]
    return min(starts or (event.at for event in listed))
