"""Raw events: what a source told us, checked and masked before anything can hold it.

``read_event`` is the only way to make one. Each type has its own fields, and an
unknown type or field is refused, for it could carry what must not be kept. Digits and
values that are marked ``mask``, or that the tenant lists as masked, are blanked here
(law 3), and secret numbers in texts become marks, so that neither store, log nor error
ever sees them; a mark that is neither true nor false is refused rather than guessed.
How a consent was given becomes one of a few words: that a key was pressed, not which.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from valv.core.answers import How, how_from
from valv.core.email_bodies import refuse_body
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
)
from valv.core.masked import masked_answer, masked_party, masked_url
from valv.core.masking import Masking
from valv.core.moments import to_millisecond

MOST_DIGITS = 200
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
    digits: Annotated[str, Meta(max_length=MOST_DIGITS)] | int | None = None
    mask: Flag = None


class VariableSet(_Data, frozen=True, kw_only=True):
    """A variable got a value, perhaps by a menu; None if it was masked."""

    name: Word
    module: Word | None = None
    value: Value = None
    mask: Flag = None


class Consent(_Data, frozen=True, kw_only=True):
    """A question of consent was answered, or counted as answered."""

    purpose: Word
    how: How = How.UNKNOWN
    question: Line | None = None
    version: Word | None = None


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


Sequence = Annotated[int, Meta(ge=0, le=2**53)]


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    event_id: Word
    session_id: Word
    type: Word
    at: Moment
    data: dict[str, object] | None = None
    sequence: Sequence | None = None


class Event(Struct, frozen=True):
    """One thing that happened, with nothing in it that was to be masked.

    ``sequence`` is the source's running number within the session, if it sends one.
    """

    event_id: str
    session_id: str
    type: str
    at: datetime
    data: Data
    sequence: int | None = None

    def as_json(self) -> dict[str, object]:
        """The data as plain values, to be stored and given out again."""
        plain: dict[str, object] = msgspec.to_builtins(self.data)
        return plain


def read_event(payload: object, *, masking: Masking) -> Event:
    """Check one event, and mask it as its tenant has it.

    Raises Malformed, naming field or type and never quoting a value; and Refused
    (``email_body``) for the start of an e-mail that brings its text along.
    """
    envelope = decoded(payload, _Envelope)
    if envelope.type not in TYPES:
        raise Malformed("There is no such type of event.", field="type")
    session_id = checked_session_id(envelope.session_id)
    read = _read_data(envelope.data or {}, type_=TYPES[envelope.type])
    data = _masked(read, masking)
    at = to_millisecond(envelope.at)
    first_id_at(at)  # a time that no id can carry is refused at the door
    return Event(
        envelope.event_id, session_id, envelope.type, at, data, envelope.sequence
    )


def _read_data(data: Mapping[str, object], *, type_: type[Data]) -> Data:
    if type_ is SessionStarted:
        media = next((m for m in Media if m == data.get("media")), None)
        refuse_body(data, media=media)
    if type_ is Consent:
        data = {**data, "how": how_from(data.get("how"))}
    try:
        return decoded(data, type_)
    except Malformed as error:
        field = f"data.{error.field}" if error.field else "data"
        raise Malformed(error.detail, field=field) from None


def _masked(data: Data, masking: Masking) -> Data:
    """The same data without what is to be masked (law 3)."""
    match data:
        case DigitsEntered() | VariableSet():
            return _masked_value(data, masking)
        case SessionStarted():
            return _masked_start(data, masking)
        case ChatMessage(text=text, name=name):
            name = masking.line(name) if name else name
            return replace(data, text=masking.text(text), name=name)
        case Consent(question=str(question)):
            return replace(data, question=masking.line(question))
        case SurveyAnswer():
            return masked_answer(data, masking)
        case _:
            return data


def _masked_value(data: DigitsEntered | VariableSet, masking: Masking) -> Data:
    module, is_marked = data.module, is_true(data.mask)
    if isinstance(data, DigitsEntered):
        if is_marked or masking.hides_digits(module):
            return DigitsEntered(module=module, mask=True)
        return replace(data, digits=masking.value(data.digits, longest=MOST_DIGITS))
    if is_marked or masking.hides_variable(data.name, module=module):
        return VariableSet(name=data.name, module=module, mask=True)
    return replace(data, value=masking.value(data.value))


def _masked_start(data: SessionStarted, masking: Masking) -> SessionStarted:
    return replace(
        data,
        identifiers=data.identifiers and masked_party(data.identifiers, masking),
        subject=data.subject and masking.line(data.subject),
        url=data.url and masked_url(data.url, masking),
        variables=data.variables and masking.values(data.variables),
    )


def event_id_of(payload: object) -> str | None:
    """The id a refused event claimed, to tell the source which it was."""
    claimed = payload.get("event_id") if isinstance(payload, Mapping) else None
    return claimed[:200] if isinstance(claimed, str) else None
