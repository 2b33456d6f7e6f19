"""Jobs on many interactions: what is planned, how far it is, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts.privacy import (
    AlsoSeenRow,
    HitRow,
    JobProgress,
    PersonKnown,
)

Counted = tuple[str, int]


@dataclass(frozen=True, slots=True)
class JobsRow:
    """One of a person's jobs; ``what`` is its kind and the kinds of content."""

    href: str
    created_at: datetime
    what: str
    state: str
    total: int
    files: int = 0
    held: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class JobsPage:
    """A person's jobs, the newest first; ``pattern`` is set for who may change it."""

    jobs: tuple[JobsRow, ...] = ()
    pattern: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file to be fetched; ``bytes`` is how long it is."""

    href: str
    name: str
    contents: int
    bytes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Undone:
    """An interaction that it was not done to, and why."""

    href: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class ManyPage:
    """A job on many: ``counts`` are what was found when it was planned.

    ``gone`` counts files that were made and are no more; ``step`` is what begins it,
    and what is ``night`` too may be left to the coming night.
    """

    id: str
    what: str
    created_at: datetime
    by: str
    progress: JobProgress
    counts: tuple[Counted, ...] = ()
    results: tuple[Counted, ...] = ()
    files: tuple[FileRow, ...] = ()
    gone: int = 0
    undone: tuple[Undone, ...] = ()
    may_cancel: bool = False
    is_deletion: bool = False
    reason_required: bool = False
    proposed: tuple[str, ...] = ()
    reason: str = ""
    fault: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class PackagePage:
    """A package for somebody: who and what was found, and who else stands there."""

    many: ManyPage
    known: tuple[PersonKnown, ...] = ()
    others: tuple[AlsoSeenRow, ...] = ()
    hits: tuple[HitRow, ...] = ()
    more_hits: int = 0
    language: str = "en"
