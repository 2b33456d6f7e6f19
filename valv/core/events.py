"""Raw events: what a source told us, checked and masked before anything can hold it.

``read_event`` is the only way to make one. Each type has its own fields, and an
unknown type or field is refused, for it could carry what must not be kept. Digits and
values marked ``mask`` are blanked here (law 3), so that neither store, log nor error
ever sees them; a mark that is neither true nor false is refused rather than guessed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from valv.core.errors import Malformed
from valv.core.ids import first_id_at
from valv.core.interaction import (
    Direction,
    Line,
    Media,
    Moment,
    Number,
    Party,
    Registration,
    Sender,
    SurveyAnswer,
    Text,
    Word,
    check_url,
    checked_session_id,
    decoded,
    is_true,
    refuse_body,
)
from valv.core.moments import to_millisecond

Value = Line | int | float | bool | None
Flag = bool | Literal["true", "false", "True", "False", "TRUE", "FALSE"] | None


class _Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of one type of event."""


class SessionStarted(_Data, frozen=True, kw_only=True):
    """Someone got in touch."""

    media: Media
    direction: Direction | None = None
    access_point: Line | None = None
    identifiers: Party | None = None
    subject: Line | None = None
    url: Line | None = None
    variables: dict[Word, Value] | None = None

    def __post_init__(self) -> None:
        check_url(self.url)


class MenuEntered(_Data, frozen=True, kw_only=True):
    """A menu began."""

    menu: Word


class DigitsEntered(_Data, frozen=True, kw_only=True):
    """Keys were pressed; None if they were masked."""

    module: Word | None = None
    digits: Annotated[str, Meta(max_length=200)] | int | None = None
    mask: Flag = None


class VariableSet(_Data, frozen=True, kw_only=True):
    """A variable got a value; None if it was masked."""

    name: Word
    value: Value = None
    mask: Flag = None


class Consent(_Data, frozen=True, kw_only=True):
    """A question of consent was answered, or counted as answered."""

    purpose: Word
    how: Line | None = None
    question: Line | None = None


class QueueEntered(_Data, frozen=True, kw_only=True):
    """Waiting began; ``callback`` if the person no longer holds the line."""

    queue: Word
    callback: Flag = None


class AgentLeg(_Data, frozen=True, kw_only=True):
    """An agent came on, or went."""

    agent: Word
    name: Word | None = None


class RecordingRequested(_Data, frozen=True, kw_only=True):
    """An agent asked for a recording to start, stop, be kept or not be kept."""

    action: Literal["start", "stop", "save", "unsave"]
    agent: Word | None = None
    informed: Flag = None
    accepted: Flag = None


class RecordingMark(_Data, frozen=True, kw_only=True):
    """A recording began or ended."""

    n: Number
    agent: Word | None = None


class ChatMessage(_Data, frozen=True, kw_only=True, rename={"sender": "from"}):
    """Something was written in a chat."""

    sender: Sender
    text: Text
    name: Line | None = None


class SessionEnded(_Data, frozen=True, kw_only=True):
    """It is over."""

    outcome: Word | None = None


class Nothing(_Data, frozen=True, kw_only=True):
    """The type says it all."""


Data = (
    SessionStarted | MenuEntered | DigitsEntered | VariableSet | Consent | QueueEntered
    | AgentLeg | RecordingRequested | RecordingMark | ChatMessage | Registration
    | SurveyAnswer | SessionEnded | Nothing
)  # fmt: skip

TYPES: dict[str, type[Data]] = {
    "session.started": SessionStarted,
    "menu.entered": MenuEntered,
    "digits.entered": DigitsEntered,
    "variable.set": VariableSet,
    "consent.given": Consent,
    "consent.refused": Consent,
    "queue.entered": QueueEntered,
    "agent.connected": AgentLeg,
    "agent.disconnected": AgentLeg,
    "recording.requested": RecordingRequested,
    "recording.started": RecordingMark,
    "recording.stopped": RecordingMark,
    "chat.storage_refused": Nothing,
    "chat.message": ChatMessage,
    "registration.added": Registration,
    "survey.answered": SurveyAnswer,
    "session.ended": SessionEnded,
}


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    event_id: Word
    session_id: Word
    type: Word
    at: Moment
    data: dict[str, object] | None = None


class Event(Struct, frozen=True):
    """One thing that happened, with nothing in it that was to be masked."""

    event_id: str
    session_id: str
    type: str
    at: datetime
    data: Data

    def as_json(self) -> dict[str, object]:
        """The data as plain values, to be stored and given out again."""
        plain: dict[str, object] = msgspec.to_builtins(self.data)
        return plain


def read_event(payload: object) -> Event:
    """Check and mask one event.

    Raises Malformed, naming field or type and never quoting a value; and Refused
    (``email_body``) for the start of an e-mail that brings its text along.
    """
    envelope = decoded(payload, _Envelope)
    if envelope.type not in TYPES:
        raise Malformed("There is no such type of event.", field="type")
    session_id = checked_session_id(envelope.session_id)
    data = _read_data(envelope.data or {}, type_=TYPES[envelope.type])
    at = to_millisecond(envelope.at)
    first_id_at(at)  # a time that no id can carry is refused at the door
    return Event(envelope.event_id, session_id, envelope.type, at, data)


def _read_data(data: Mapping[str, object], *, type_: type[Data]) -> Data:
    if type_ is SessionStarted:
        media = next((m for m in Media if m == data.get("media")), None)
        refuse_body(data, media=media)
    try:
        return _masked(decoded(data, type_))
    except Malformed as error:
        field = f"data.{error.field}" if error.field else "data"
        raise Malformed(error.detail, field=field) from None


def _masked(data: Data) -> Data:
    """The same data without what its ``mask`` covers (law 3)."""
    if isinstance(data, DigitsEntered) and is_true(data.mask):
        return DigitsEntered(module=data.module, mask=True)
    if isinstance(data, VariableSet) and is_true(data.mask):
        return VariableSet(name=data.name, mask=True)
    return data


def event_id_of(payload: object) -> str | None:
    """The id a refused event claimed, to tell the source which it was."""
    claimed = payload.get("event_id") if isinstance(payload, Mapping) else None
    return claimed[:200] if isinstance(claimed, str) else None
