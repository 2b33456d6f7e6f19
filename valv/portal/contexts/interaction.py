"""One interaction: general information, timeline, content, who has looked."""

from dataclasses import dataclass
from datetime import date, datetime

from valv.portal.contexts import Choice
from valv.portal.contexts.holds import HoldRow
from valv.portal.contexts.raw_data import RawEvents


@dataclass(frozen=True, slots=True)
class Removal:
    """When content went, by whom, and why."""

    at: datetime
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message or spoken turn; ``role`` is customer, agent, bot or system.

    ``at`` is for a chat log, ``seconds`` into the recording for a transcript.
    """

    role: str
    name: str
    text: str
    at: datetime | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """A short-lived play handle: where the audio and its peaks are read."""

    audio: str
    peaks: str
    lanes: tuple[str, ...] = ()
    at_once: bool = True


@dataclass(frozen=True, slots=True)
class Pause:
    """Where a recording was paused, in seconds of its sound.

    ``left`` and ``width`` are percent of the whole; the sound may have been cut there.
    """

    start: float
    end: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Consent:
    """What was asked and answered; codes for purpose, answer and how."""

    purpose: str
    answer: str
    how: str
    at: datetime
    question: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """By which rule content is kept, waits or was refused, and what was agreed to.

    ``version`` is that of the recording rules; None where they say nothing. Of a manual
    start, what the agent told of the caller: yes, no or unknown.
    """

    rule: str
    version: int | None = None
    consents: tuple[Consent, ...] = ()
    informed: str = ""
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One recording, chat log or transcript; ``kind`` says which.

    ``state`` is awaiting, present, deleted, expired or refused. ``play`` and ``turns``
    are set only once the person has asked to hear or see, which is an act of its own;
    ``empty`` marks a recording without sound. What is ``restricted`` opens for one of
    its ``uses``, for nothing if there are none.
    """

    kind: str
    n: int
    state: str
    seconds: float | None = None
    bytes: int | None = None
    agent: str = ""
    started_at: datetime | None = None
    removal: Removal | None = None
    restricted: bool = False
    uses: tuple[str, ...] = ()
    empty: bool = False
    pauses: tuple[Pause, ...] = ()
    play: Play | None = None
    turns: tuple[Turn, ...] | None = None
    may_open: bool = False
    may_download: bool = False
    may_delete: bool = False
    may_send: bool = False
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of the timeline, or a point of it where ``seconds`` is None.

    ``kind`` is menu, queue, callback, conversation, consult, recording, paused, consent
    or registration. ``left`` and ``width`` are percent of the whole.
    """

    kind: str
    label: str
    at: datetime
    seconds: float | None
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Identity:
    """One outside party; ``kind`` is phone, email, handle or name."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A topic that was picked, and whether the tenant's list has it."""

    category: str
    topic: str
    is_defined: bool = True


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the chat log by e-mail; ``to`` is empty once the person is cut."""

    asked_at: datetime
    is_sent: bool
    to: str = ""


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """A score on its stored scale, as written, and the comment; either may lack."""

    score: str
    lowest: int
    highest: int
    comment: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An audit entry as a sentence; ``href`` leads to its interaction."""

    seq: str
    at: datetime
    action: str
    sentence: str
    actor_type: str
    reason: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was sent; ``state`` is open, or why it leads nowhere.

    ``to`` is empty once who it went to was forgotten; ``done`` is what was done by it.
    """

    number: int
    interaction: str
    session_id: str
    to: str
    code_to: str
    state: str
    plays: int
    most_plays: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    done: tuple[LogEntry, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in ("open", "used")


@dataclass(frozen=True, slots=True)
class Life:
    """How far it has come; ``state`` is live, awaiting_content or complete.

    ``seen`` names what is shown, to ask by whether there is news of it; ``news`` says
    that there is.
    """

    state: str
    seen: str
    news: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when a class of what there is stays, None for ever, and what says so.

    It goes when it is older than ``days``. ``stays_until`` is a minimum period's that
    is not over.
    """

    key: str
    goes_on: date | None
    days: int | None
    rule: str = ""
    decision: str = ""
    stays_until: date | None = None


@dataclass(frozen=True, slots=True)
class InteractionPage:
    """One interaction: general information, and what content there is and was.

    ``links`` are secure links that were sent. ``back`` is the search one came from.
    ``looked`` is None for those who may not see the audit log. ``raw`` is set only once
    raw events are asked for, an act of its own.
    """

    id: str
    session_id: str
    media: str
    direction: str
    started_at: datetime
    ended_at: datetime | None
    identity_state: str
    life: Life
    identities: tuple[Identity, ...] = ()
    others: tuple[Identity, ...] = ()
    queue: str = ""
    agents: tuple[str, ...] = ()
    wait_seconds: float | None = None
    talk_seconds: float | None = None
    outcome: str = ""
    subject: str = ""
    url: str = ""
    variables: tuple[Choice, ...] = ()
    consents: tuple[Consent, ...] = ()
    copies: tuple[Copy, ...] = ()
    registration: tuple[Registered, ...] = ()
    steps: tuple[Step, ...] = ()
    contents: tuple[Content, ...] = ()
    survey: SurveyAnswer | None = None
    anonymised_at: datetime | None = None
    held: bool = False
    matters: tuple[HoldRow, ...] = ()
    restricted: bool = False
    kept: tuple[Kept, ...] = ()
    back: str = ""
    looked: tuple[LogEntry, ...] | None = None
    may_see_raw: bool = False
    raw: RawEvents | None = None
    may_share: bool = False
    may_correct: bool = False
    links: tuple[Link, ...] = ()
