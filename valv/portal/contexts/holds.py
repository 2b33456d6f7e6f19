"""The pages of holds: what stands, one hold and what it covers, and placing one."""

from dataclasses import dataclass, field
from datetime import datetime

from valv.portal.contexts import Choice
from valv.portal.contexts.search import Row


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold; ``state`` is of ``core.holds``, ``coming`` says what its rule names."""

    id: int
    matter: str
    owner: str
    reason: str
    state: str
    count: int
    placed_at: datetime
    placed_by: str
    coming: tuple[Choice, ...] = ()
    people: int = 0
    asked_at: datetime | None = None
    asked_by: str = ""
    released_at: datetime | None = None
    released_by: str = ""
    release_reason: str = ""
    lifts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldTyped:
    """What was typed of a hold; what is to come stands one on each line."""

    matter: str = ""
    owner: str = ""
    reason: str = ""
    queue: str = ""
    agent: str = ""
    phone: str = ""
    email: str = ""
    handle: str = ""
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldForm:
    """The form that places one; ``fault`` is what is wrong with the field ``wrong``."""

    typed: HoldTyped = field(default_factory=HoldTyped)
    wrong: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class HoldsPage:
    """All holds, those that stand first.

    ``grace`` is days; None for who may not set how holds are released.
    """

    standing: tuple[HoldRow, ...]
    ended: tuple[HoldRow, ...]
    form: HoldForm
    grace: int | None = None
    two_persons: bool = False
    wrong_grace: str = ""


@dataclass(frozen=True, slots=True)
class HoldPage:
    """One hold and the newest of what it covers."""

    hold: HoldRow
    rows: tuple[Row, ...] = ()
    next: int | None = None
    may_release: bool = False
    lacks_right: bool = False
    is_mine: bool = False
    two_persons: bool = False
    grace: int = 0


@dataclass(frozen=True, slots=True)
class HoldHitsPage:
    """Placing one on hits: how many there are, and how many are held already."""

    action: str
    back: str
    form: HoldForm
    count: int
    held: int = 0
    capped: bool = False
    hidden: tuple[Choice, ...] = ()
