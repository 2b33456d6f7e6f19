"""A body of raw events, line by line: what can be taken, and what is refused and why.

A line that is refused is named by its number and id, and the rest goes in. What was to
be masked is blanked as the line is read, before anything is written (law 3). Refuses
the whole only when no line of it can be read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from valv.archive.sessions import stored_agent, stored_session_id, stored_word
from valv.core.errors import BadRequest, Malformed, Refused, ValvError
from valv.core.events import (
    AgentLeg,
    ChatMessage,
    Event,
    QueueEntered,
    RecordingMark,
    RecordingRequested,
    SessionEnded,
    SessionStarted,
    event_id_of,
    read_event,
)
from valv.core.interaction import AgentRef, Party, Registration, Sender
from valv.intake.general import stored_outcome, stored_registration
from valv.intake.parties import Read, read_name, read_party
from valv.tenants.models import Tenant
from valv.tenants.queries import masking_of

MALFORMED = "malformed"


class RefusedLine(Struct, frozen=True):
    """A line that was not taken: which, and by what rule."""

    line: int
    event_id: str | None
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event that can be taken; ``read`` is who it names."""

    line: int
    event: Event
    read: Read = field(default_factory=dict)

    def refused(self, refusal: Refused) -> RefusedLine:
        return RefusedLine(self.line, self.event.event_id, refusal.rule, refusal.detail)


@dataclass(slots=True)
class Lines:
    """What a body holds, by stored session id in the order of first mention."""

    sessions: dict[str, list[Incoming]] = field(default_factory=dict)
    refused: list[RefusedLine] = field(default_factory=list)

    def take_out(self, session_id: str, one: Incoming, refusal: Refused) -> None:
        """Refuse a line after all; of a session with no other nothing is left."""
        self.refused.append(one.refused(refusal))
        self.sessions[session_id].remove(one)
        if not self.sessions[session_id]:
            del self.sessions[session_id]


def read_lines(tenant: Tenant, body: bytes) -> Lines:
    """Read NDJSON, or a JSON array. Raises BadRequest if nothing of it is JSON."""
    found, stored = Lines(), dict[str, str]()
    for number, payload in _payloads(body):
        try:
            one = _incoming(tenant, number, payload)
        except ValvError as error:
            found.refused.append(_refused(number, payload, error))
            continue
        session = one.event.session_id
        if session not in stored:
            stored[session] = stored_session_id(tenant, session)
        found.sessions.setdefault(stored[session], []).append(one)
    return found


_UNREADABLE = object()


def _payloads(body: bytes) -> Iterator[tuple[int, Any]]:
    texts = [(n, text) for n, text in enumerate(_texts(body), start=1) if text.strip()]
    read = [(number, _decoded(text)) for number, text in texts]
    if read and all(payload is _UNREADABLE for _, payload in read):
        raise BadRequest("No line of the body is JSON.")
    yield from read


def _texts(body: bytes) -> Iterable[bytes | msgspec.Raw]:
    body = body.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise BadRequest("The body is empty.")
    if not body.lstrip().startswith(b"["):
        return body.split(b"\n")
    try:
        listed = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body is not a JSON array.") from None
    return [bytes(raw) for raw in listed]


def _decoded(text: bytes | msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _UNREADABLE


def _refused(number: int, payload: Any, error: ValvError) -> RefusedLine:
    rule = error.rule if isinstance(error, Refused) else MALFORMED
    at = getattr(error, "field", None)
    reason = f"{at}: {error.detail}" if at else error.detail
    return RefusedLine(number, event_id_of(payload), rule, reason)


def _incoming(tenant: Tenant, number: int, payload: Any) -> Incoming:
    if payload is _UNREADABLE:
        raise Malformed("The line is not JSON.")
    event = read_event(payload, masking=masking_of(tenant))
    if "\0" in f"{event.session_id}{event.event_id}" or b"\\u0000" in _plain(event):
        raise Malformed("There is a NUL character in it.")
    event = _with_plain_words(tenant, event)
    return Incoming(number, event, _read(tenant, event))


def _plain(event: Event) -> bytes:
    return msgspec.json.encode(event.data)


def _with_plain_words(tenant: Tenant, event: Event) -> Event:
    """The same, with nothing that leads to somebody in what is kept unsealed."""
    data = event.data
    match data:
        case AgentLeg():
            known = stored_agent(tenant, AgentRef(data.agent, data.name))
            data = AgentLeg(agent=known.id, name=known.name)
        case RecordingMark(agent=str(agent)) | RecordingRequested(agent=str(agent)):
            data = msgspec.structs.replace(data, agent=stored_word(tenant, agent))
        case QueueEntered(queue=queue):
            data = msgspec.structs.replace(data, queue=stored_word(tenant, queue))
        case SessionEnded(outcome=str(outcome)):
            data = SessionEnded(outcome=stored_outcome(tenant, outcome))
        case Registration():
            data = stored_registration(tenant, data)
        case _:
            return event
    return msgspec.structs.replace(event, data=data)


def _read(tenant: Tenant, event: Event) -> Read:
    """Who the event names: the one who got in touch, or who writes in the chat."""
    match event.data:
        case SessionStarted(identifiers=Party() as party):
            return read_party(tenant, party)
        case ChatMessage(sender=Sender.CUSTOMER, name=name):
            return read_name(tenant, name)
        case _:
            return {}
