"""What an intake brings: one interaction's general information, and its content.

These are the values that every way in, whatever its format, turns its material into.
``UNSET`` stands for a field that was not mentioned, ``None`` for one that was cleared.
Texts are bounded and times are UTC in whole milliseconds, whoever builds the value.

Refuses content for media that have none (law 4).
"""

import re
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from valv.core.answers import ConsentRecord
from valv.core.errors import BadRequest, Malformed, Refused
from valv.core.ids import first_id_at
from valv.core.moments import to_millisecond
from valv.core.numbered import Numbered

T = TypeVar("T")


class Media(Numbered):
    """How someone got in touch."""

    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"
    ETASK = "etask"
    SOCIAL = "social"


class Direction(Numbered):
    """Who got in touch with whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class ContentKind(Numbered):
    """What was said, in its forms."""

    RECORDING = "recording"
    CHAT_LOG = "chat_log"
    TRANSCRIPT = "transcript"


class ContentState(Numbered):
    """Where a content is in its life; all but the first two are final."""

    AWAITING = "awaiting"
    PRESENT = "present"
    DELETED = "deleted"
    EXPIRED = "expired"
    REFUSED = "refused"


class Sender(Numbered):
    """Who speaks in a chat log or transcript; by role, never by name."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


Moment = Annotated[datetime, Meta(tz=True)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
# PostgreSQL holds no NUL, and what is kept in plain must fit both databases alike.
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\0]*$")]
LONGEST_LINE, LONGEST_TEXT = 2_000, 100_000
LARGEST_WHOLE = 1e21  # larger ones are written with an exponent
Line = Annotated[str, Meta(max_length=LONGEST_LINE)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Number = Annotated[int, Meta(ge=1, le=10_000)]


class _Timed(Struct, frozen=True, kw_only=True):
    """Brings every time among the fields to UTC and whole milliseconds.

    Raises Malformed for one that could not be kept, or not be shown in every zone.
    """

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, datetime):
                kept = _kept(value, field=name)
                msgspec.structs.force_setattr(self, name, kept)


def _kept(at: datetime, *, field: str) -> datetime:
    try:
        at = to_millisecond(at)
        first_id_at(at)
    except Malformed as error:
        raise Malformed(error.detail, field=field) from None
    return at


def checked_session_id(text: str) -> str:
    """What a source calls an interaction. Raises Malformed for one that cannot be kept.

    Whatever comes in by it must be found by it, in an address and on a screen.
    """
    if not text.isprintable():
        raise Malformed("A session id is printable.", field="session_id")
    return decoded(text, Word)


class Party(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone outside, as typed; read by ``identifiers.read_identifier``."""

    phone: Line | UnsetType | None = UNSET
    email: Line | UnsetType | None = UNSET
    name: Line | UnsetType | None = UNSET
    handle: Line | UnsetType | None = UNSET

    def typed(self) -> dict[str, str]:
        """The identifiers that are there, by kind."""
        fields = msgspec.structs.asdict(self)
        return {kind: text for kind, text in fields.items() if text}


class AgentRef(Struct, frozen=True, forbid_unknown_fields=True):
    """An agent by the source's id, and the name to show."""

    id: Word
    name: Word | None = None


class Registration(_Timed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic the agent picked under a category."""

    topic: Word
    category: Word | None = None
    at: Moment | None = None


class General(_Timed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known about an interaction; only the start must be said.

    An agent may be given as a bare id; variables of any plain type become text, in
    which true is ``true``.
    """

    started_at: Moment
    media: Media | UnsetType = UNSET
    direction: Direction | UnsetType | None = UNSET
    ended_at: Moment | UnsetType | None = UNSET
    queue: Word | UnsetType | None = UNSET
    agents: tuple[AgentRef | Word, ...] | UnsetType | None = UNSET
    wait_seconds: Seconds | UnsetType | None = UNSET
    talk_seconds: Seconds | UnsetType | None = UNSET
    outcome: Word | UnsetType | None = UNSET
    identifiers: Party | UnsetType | None = UNSET
    others: tuple[Party, ...] | UnsetType | None = UNSET
    subject: Line | UnsetType | None = UNSET
    url: Line | UnsetType | None = UNSET
    variables: dict[Word, Line | int | float | bool | None] | UnsetType | None = UNSET
    registration: tuple[Registration, ...] | UnsetType | None = UNSET
    restricted: bool | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.ended_at, datetime) and self.ended_at < self.started_at:
            raise Malformed("It ended before it started.", field="ended_at")
        check_url(self.url or None)
        _set_agents(self)
        _set_variables(self)

    @property
    def agent_refs(self) -> tuple[AgentRef, ...]:
        """The agents in order, none when unset or cleared."""
        return tuple(a for a in self.agents or () if isinstance(a, AgentRef))


def check_url(url: str | None) -> None:
    """Raise Malformed unless it is one that a page may safely link to."""
    if url and not re.match(r"https?://", url, re.IGNORECASE):
        raise Malformed("The URL is not of http or https.", field="url")


def _set_agents(general: General) -> None:
    if general.agents:
        agents = [AgentRef(a) if isinstance(a, str) else a for a in general.agents]
        msgspec.structs.force_setattr(general, "agents", tuple(dict.fromkeys(agents)))


def _set_variables(general: General) -> None:
    if general.variables:
        texts = {name: as_text(value) for name, value in general.variables.items()}
        msgspec.structs.force_setattr(general, "variables", texts)


class Message(_Timed, frozen=True, kw_only=True, rename={"sender": "from"}):
    """One line of a chat; ``name`` is for the identifiers, not for the stored log."""

    at: Moment
    sender: Sender
    text: Text
    name: Line | None = None


class ChatLog(Struct, frozen=True):
    """A chat's messages, in the order in which they were given."""

    messages: tuple[Message, ...]


class SurveyAnswer(_Timed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the person thought of it, on the scale that was asked."""

    score: int | float | None = None
    scale: tuple[int, int] = (0, 10)
    comment: Line | None = None
    at: Moment | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.scale
        if low >= high:
            raise Malformed("The scale has no length.", field="scale")
        if self.score is not None and not low <= self.score <= high:
            raise Malformed("The score is outside its scale.", field="score")
        if self.score is None and not self.comment:
            raise Malformed("A survey has a score or a comment.", field="score")


class RecordingPart(_Timed, frozen=True, kw_only=True):
    """One recording; its bytes are inline, or beside it under ``filename``.

    ``digests`` are SHA-512 sums, one of which the bytes must have; empty if none was
    given. ``agent`` is the agent's id.
    """

    n: Number
    started_at: Moment | None = None
    seconds: Seconds | None = None
    agent: Word | None = None
    channels: tuple[Sender | None, ...] = ()
    mediatype: Word | None = None
    filename: Line | None = None
    body: bytes | None = None
    digests: tuple[bytes, ...] = ()


class Utterance(Struct, frozen=True, kw_only=True):
    """One thing said, ``seconds`` into the recording where that is known."""

    sender: Sender
    text: Text
    seconds: Seconds | None = None


class Transcript(Struct, frozen=True, kw_only=True):
    """What was said in recording ``n``, in writing."""

    n: Number
    utterances: tuple[Utterance, ...]
    vendor: Word | None = None


class Arrival(Struct, frozen=True, kw_only=True):
    """One whole interaction, from a vCon or an older archive.

    The refusals, and that it is restricted, are evidence in the material itself.
    """

    session_id: Word
    general: General
    recordings: tuple[RecordingPart, ...] = ()
    chat_log: ChatLog | None = None
    transcripts: tuple[Transcript, ...] = ()
    survey: SurveyAnswer | None = None
    recording_refused: bool = False
    storage_refused: bool = False
    restricted: bool = False
    consents: tuple[ConsentRecord, ...] = ()

    def __post_init__(self) -> None:
        checked_session_id(self.session_id)

    def has_content(self) -> bool:
        return bool(self.chat_log or self.recordings or self.transcripts)


def as_text(value: object) -> str | None:
    """A plain value as text; True is ``true``, and 3.0 is ``3``."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    is_whole = value.is_integer() and abs(value) < LARGEST_WHOLE
    return str(int(value)) if is_whole else f"{value:.15g}"


def is_true(value: object) -> bool:
    """Whether a source's flag is set: ``true`` and ``"true"`` are equal."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def decoded(payload: object, type_: type[T]) -> T:
    """Make a value of one of these types out of decoded JSON.

    Raises Malformed, naming the field and never quoting the value.
    """
    try:
        return msgspec.convert(payload, type_)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None


def decoded_json(body: bytes, type_: type[T]) -> T:
    """As ``decoded``, from JSON text. Raises BadRequest for what is none."""
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body is not JSON.") from None


def _malformed(message: str) -> Malformed:
    problem, _, path = message.rpartition(" - at ")
    field = path.strip("`").removeprefix("$").removeprefix(".") or None
    if not problem:
        problem, field = message, None
    return Malformed(_unquoted(problem) + ".", field=field)


def _unquoted(problem: str) -> str:
    problem = re.sub(r"matching regex .*", "without NUL", problem)
    # What stands in quotes may be anybody's data, and so may the name of a field
    # unless it looks like one.
    told = re.fullmatch(r"(.* unknown field) `[a-z_]{1,40}`", problem)
    if not told:
        problem = re.sub(r"['\"].*['\"]", "", problem, flags=re.DOTALL)
        problem = re.sub(r"(unknown field) .*", r"\1", problem, flags=re.DOTALL)
    return " ".join(problem.split())


_BODILESS = frozenset({Media.EMAIL, Media.ETASK})


def refuse_content(media: Media, *, social_kept: bool) -> None:
    """Refuse content for media that have none.

    Raises Refused: ``email_body`` for e-mail and e-tasks, and ``social_content`` for
    social contacts unless the tenant keeps theirs.
    """
    if media in _BODILESS:
        raise Refused("email_body", "An e-mail or e-task has no stored content.")
    if media is Media.SOCIAL and not social_kept:
        raise Refused("social_content", "Content of social media is not stored.")
