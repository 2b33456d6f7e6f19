"""Storage times and their rules as they are typed, and what a change would take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from valv.core.retention import ALONE
from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class TypedTime:
    """One class of data in a form; ``mode`` is days, follow or ever.

    ``days`` and ``least`` are what is typed for the maximum and the minimum.
    """

    key: str
    mode: str
    days: str
    least: str = ""
    fault: str = ""

    @property
    def is_alone(self) -> bool:
        """It hangs on no interaction, and nothing says how long it must stay."""
        return self.key in ALONE


@dataclass(frozen=True, slots=True)
class StorageTime:
    """A class by the general times: what is typed, what comes of it, what there is.

    ``effective`` is None for ever. ``held`` is how many there are; ``more`` that there
    are more than were counted.
    """

    typed: TypedTime
    effective: int | None
    held: int | None = None
    oldest_on: date | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class ClassForeseen:
    """What a change does to a class: its general time, and what the coming night takes.

    ``before`` and ``after`` are None for ever. ``samples`` are the oldest that go: when
    each ended, and where it is seen.
    """

    key: str
    before: int | None
    after: int | None
    goes: int
    oldest_on: date | None = None
    newest_on: date | None = None
    bytes: int = 0
    held: int = 0
    under_minimum: int = 0
    samples: tuple[tuple[date, str], ...] = ()

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class StorageChange:
    """A change before it is saved; ``said`` are label, before and after of each part.

    ``to_new`` says that it touches nothing that is held already; ``waits``, that it
    does not hold as soon as it is saved.
    """

    classes: tuple[ClassForeseen, ...]
    said: tuple[tuple[str, str, str], ...] = ()
    to_new: bool = False
    waits: bool = False

    @property
    def is_none(self) -> bool:
        return not self.said and not any(one.differs for one in self.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingChange:
    """A change that waits: who wants what, and since when.

    ``holds_from`` is None until somebody confirms it. ``said`` are label, before and
    after of each part.
    """

    asked_at: datetime
    asked_by: str
    said: tuple[tuple[str, str, str], ...]
    confirmed_by: str = ""
    holds_from: datetime | None = None
    to_new: bool = False
    may_confirm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """What both forms of storage times have.

    ``version`` is the one that was changed; ``change`` is None until a preview.
    """

    version: str
    applies_to: str = "existing"
    change: StorageChange | None = None
    waiting: WaitingChange | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class HowChanged:
    """After how many days a change holds, as typed, and whether it takes two."""

    wait_days: str
    two_persons: bool
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageTimesPage:
    """The general times; ``rules`` are the names of those that come before them."""

    times: tuple[StorageTime, ...]
    changing: Changing
    how: HowChanged
    number: str = ""
    decided_on: str = ""
    rules: tuple[str, ...] = ()
    changed_at: datetime | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRule:
    """A rule as it stands in the form; what it is for has a value on each line."""

    name: str = ""
    queue: str = ""
    group: str = ""
    topic: str = ""
    media: frozenset[str] = frozenset()
    restricted: str = ""
    times: tuple[TypedTime, ...] = ()
    number: str = ""
    decided_on: str = ""
    told: tuple[Choice, ...] = ()
    fault: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all is typed."""
        stated = (self.name, self.queue, self.group, self.topic, self.media)
        return not any(stated) and not self.restricted


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageRulesPage:
    """The rules in their order; ``names`` are what each condition may be of."""

    rules: tuple[TypedRule, ...]
    changing: Changing
    names: Mapping[str, tuple[str, ...]]
