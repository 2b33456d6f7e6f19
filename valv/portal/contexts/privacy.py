"""The page on which a person is anonymised: what is planned, and how far it is."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in the list; ``about`` is empty once nobody knows whom it was about."""

    href: str
    created_at: datetime
    by: str
    about: str
    state: str
    kind: str
    matched: int
    held: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """What was typed: one value on each line, and what is to be done."""

    phone: str = ""
    email: str = ""
    handle: str = ""
    anonymise: bool = True
    delete: bool = False
    keep_text: bool = False
    blank: bool = True
    standing: str = ""
    reason: str = ""
    archive: bool = True
    surveys: bool = True
    raw_data: bool = True


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A standing entry; it tells nobody."""

    id: int
    href: str
    created_at: datetime
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AnonymisePage:
    """``fault`` says what is wrong with the field ``wrong``; "" if nothing is."""

    typed: TypedPerson
    jobs: tuple[JobRow, ...] = ()
    entries: tuple[EntryRow, ...] = ()
    wrong: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LinePlanned:
    """The plan for one line of a file of persons; it shows nobody."""

    line: int
    id: str
    href: str
    matched: int
    held: int


@dataclass(frozen=True, slots=True)
class LineRefused:
    """A line that cannot be read, and the kind of what stands there."""

    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class ManyPage:
    """What a file of persons comes to, before anything happens."""

    planned: tuple[LinePlanned, ...]
    refused: tuple[LineRefused, ...]
    leaves: str = ""


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """One thing that was entered, and the ways in which it may be written.

    ``is_odd`` is what does not look like a number, or an address.
    """

    kind: str
    shown: str
    variants: str = ""
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class AlsoSeenRow:
    """Somebody who stands on these interactions and elsewhere too."""

    id: str
    kind: str
    shown: str
    here: int
    elsewhere: int


@dataclass(frozen=True, slots=True)
class HitRow:
    """One interaction of the plan; ``struck`` if nothing is to be done to it.

    One that is ``hidden``, for its processing is restricted, has no page to go to.
    """

    id: str
    href: str
    at: datetime
    media: str
    who: str
    queue: str
    contents: str
    struck: bool = False
    held: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is; ``share`` is whole percents."""

    state: str
    href: str
    done: int
    total: int
    held: int = 0
    failed: bool = False
    at_night: bool = False
    is_going: bool = False

    @property
    def share(self) -> int:
        return 100 if not self.total else 100 * self.done // self.total


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job: a plan that is looked at, or what became of it.

    ``leaves`` names the places that stay as they are; "" if there are none.
    """

    id: str
    kind: str
    created_at: datetime
    by: str
    progress: JobProgress
    known: tuple[PersonKnown, ...]
    typed: TypedPerson
    places: tuple[tuple[str, int], ...]
    also_seen: tuple[AlsoSeenRow, ...] = ()
    hits: tuple[HitRow, ...] = ()
    more_hits: int = 0
    ended_at: datetime | None = None
    gone_at: datetime | None = None
    receipt: str = ""
    keeps_recordings: bool = False
    leaves: str = ""
    leaves_archive: bool = False
    may_cancel: bool = False
    may_delete: bool = False
    counts: tuple[Choice, ...] = ()

    @property
    def has_steps(self) -> bool:
        """Whether anything can be done about a job that is no plan any more."""
        ended = self.progress.state in ("done", "cancelled")
        return self.may_cancel or self.may_delete or not ended
