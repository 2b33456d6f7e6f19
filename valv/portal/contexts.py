"""What each page shows: plain values, already permitted and masked.

A context holds nothing that can be asked for more: no model, no query, no secret. What
a person may not see is not in it, and a button exists only where a ``may_…`` flag is
set. Times are aware; the templates show them in the zone that is activated, which is
the tenant's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

Choice = tuple[str, str]
"""A value as it stands in the form, and the words shown for it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A word about what was just done; ``kind`` is done, note or fault."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page.

    ``pages`` are the URL names of the pages this person may open, ``here`` the one
    shown; ``theme`` is light, dark or system; ``support`` is set while the tenant's
    support access is in use, and is shown on every page.
    """

    language: str = "en"
    theme: str = "system"
    here: str = ""
    pages: frozenset[str] = frozenset()
    person: str = ""
    tenant: str = ""
    support: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInPage:
    """``next`` is a checked local path; ``providers`` are (URL, name) pairs."""

    next: str = ""
    fault: str = ""
    providers: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInCodePage:
    """The second step: a code from an authenticator, or a recovery code."""

    next: str = ""
    fault: str = ""


class Row(NamedTuple):
    """One hit, in the very words shown: a tuple, for the hot path unpacks it.

    ``identity_state`` is known, anonymised, withheld or none; the words for the last
    three are in ``identity``. ``contents`` are (kind, state, words) of what is and was
    there. ``score`` is empty or like ``9/10``, ``mood`` low, mid or high.
    """

    id: str
    href: str
    media: str
    media_words: str
    direction: str
    started: str
    identity_state: str
    identity: str
    also: str
    queue: str
    agents: str
    wait: str
    talk: str
    outcome: str
    contents: tuple[tuple[str, str, str], ...]
    score: str
    mood: str
    session: str
    held: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The search as typed, to fill the form again.

    ``values`` maps single fields to text, ``several`` the repeated ones to what is
    chosen; ``faults`` maps a field to what is wrong with it.
    """

    values: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]
    faults: Mapping[str, str]
    queues: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()
    outcomes: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of an answer, under its opaque ``search_id``.

    ``count`` is None when nobody counted; ``capped`` says there are more than that.
    ``past_storage`` is the first day still stored, when the period reaches past it.
    ``next`` is the cursor of the page that follows, ``first`` whether this is the
    first.
    """

    search_id: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    count: int | None = None
    capped: bool = False
    next: str = ""
    first: bool = True
    past_storage: date | None = None
    by_person: bool = False
    may_download_recordings: bool = False
    may_delete_recordings: bool = False
    may_download_chat_logs: bool = False
    may_delete_chat_logs: bool = False
    may_export: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``hits`` is None before the first search."""

    form: SearchForm
    hits: Hits | None = None


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
class Content:
    """One recording, chat log or transcript; ``kind`` says which.

    ``state`` is awaiting, present, deleted, expired or refused. ``play`` and ``turns``
    are set only once the person has asked to hear or see, which is an act of its own;
    ``empty`` marks a recording without sound.
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
    empty: bool = False
    play: Play | None = None
    turns: tuple[Turn, ...] | None = None
    may_open: bool = False
    may_download: bool = False
    may_delete: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of the timeline, or a point of it where ``seconds`` is None.

    ``kind`` is menu, queue, callback, conversation, consult, recording, consent or
    registration. ``left`` and ``width`` are percent of the whole.
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
class SurveyAnswer:
    """A score on its stored scale, and the comment if there is one."""

    score: int
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
class InteractionPage:
    """One interaction: general information, and what content there is and was.

    ``back`` is the search one came from. ``looked`` is None for those who may not see
    the audit log.
    """

    id: str
    session_id: str
    media: str
    direction: str
    started_at: datetime
    ended_at: datetime | None
    identity_state: str
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
    registration: tuple[Choice, ...] = ()
    steps: tuple[Step, ...] = ()
    contents: tuple[Content, ...] = ()
    survey: SurveyAnswer | None = None
    anonymised_at: datetime | None = None
    held: bool = False
    restricted: bool = False
    goes_on: date | None = None
    back: str = ""
    looked: tuple[LogEntry, ...] | None = None


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Asks once more before something is deleted.

    ``what`` is recording, chat_log or transcript; ``count`` is how many go, ``held``
    how many stay because of a hold. ``hidden`` fields travel along.
    """

    action: str
    what: str
    back: str
    count: int = 1
    n: int | None = None
    held: int = 0
    reason_required: bool = True
    fault: str = ""
    hidden: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One answer; who gave it is read from the interaction."""

    href: str
    at: datetime
    score: int
    highest: int
    mood: str
    comment: str
    session: str
    identity_state: str
    identity: str
    media: str
    queue: str
    agents: str


@dataclass(frozen=True, slots=True)
class SurveysPage:
    """``distribution`` is (score, answers); ``trend`` (day, mean, answers)."""

    period: str
    rows: tuple[SurveyRow, ...]
    distribution: tuple[tuple[int, int], ...] = ()
    trend: tuple[tuple[date, float, int], ...] = ()
    values: Mapping[str, str] | None = None
    queues: tuple[Choice, ...] = ()
    count: int = 0
    mean: float | None = None
    next: str = ""
    may_export: bool = False


@dataclass(frozen=True, slots=True)
class StorageTime:
    """One class of data; ``mode`` is days, follow (general information) or ever.

    ``days`` is what is typed, ``effective`` what comes of it, None meaning for ever.
    """

    key: str
    mode: str
    days: str
    effective: int | None
    held: int | None = None
    oldest_on: date | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class StorageChange:
    """A change before it is saved: how much it would take the coming night."""

    key: str
    before: int | None
    after: int | None
    goes: int


@dataclass(frozen=True, slots=True)
class StorageTimesPage:
    """``changes`` is None until a preview is asked for."""

    times: tuple[StorageTime, ...]
    changes: tuple[StorageChange, ...] | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class NightDay:
    """How much of each class goes on one night; ``taken`` is (class, count)."""

    on: date
    taken: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class NightRun:
    """What a nightly run did; ``state`` is done, running, partly or failed."""

    on: date
    state: str
    started_at: datetime
    ended_at: datetime | None
    taken: tuple[tuple[str, int], ...] = ()
    held: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TonightPage:
    """The nights to come, and the ones behind us, newest first."""

    starts_at: datetime
    days: tuple[NightDay, ...]
    held: int = 0
    runs: tuple[NightRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the log found; ``first_bad`` is the entry that breaks."""

    ok: bool
    size: int
    pending: int = 0
    first_bad: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """``next`` is the ``before`` value of the page that follows."""

    entries: tuple[LogEntry, ...]
    values: Mapping[str, str]
    chosen: tuple[str, ...] = ()
    faults: Mapping[str, str] | None = None
    next: str = ""
    verdict: Verdict | None = None
    may_verify: bool = False
