"""The page of restrictions of processing: those that stand, and those that ended."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OtherMatter:
    """A hold that some of it stays for besides."""

    matter: str
    owner: str
    since: datetime


@dataclass(frozen=True, slots=True)
class RestrictionRow:
    """One; ``about`` is empty if nobody by it is known here, or once it ended."""

    id: int
    about: str
    reason: str
    count: int
    began_at: datetime
    began_by: str
    last_day: date | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    also: tuple[OtherMatter, ...] = ()


@dataclass(frozen=True, slots=True)
class RestrictionTyped:
    """What was typed, one on each line; ``last_day`` as the browser writes dates."""

    phone: str = ""
    email: str = ""
    handle: str = ""
    reason: str = ""
    last_day: str = ""


@dataclass(frozen=True, slots=True)
class RestrictionsPage:
    """``fault`` is what is wrong with the field ``wrong``; "" if nothing is."""

    standing: tuple[RestrictionRow, ...]
    ended: tuple[RestrictionRow, ...] = ()
    typed: RestrictionTyped = field(default_factory=RestrictionTyped)
    wrong: str = ""
    fault: str = ""
