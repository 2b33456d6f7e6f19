"""Users who left, and those who may."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class FormerUser:
    """One who left; ``known`` while there is more of them than a pseudonym."""

    id: str
    name: str
    left_at: datetime | None
    known: bool


@dataclass(frozen=True, slots=True)
class StaffPage:
    """``present`` are (number, name) of who may sign in, save whoever looks.

    ``days`` is how long those who left are known by name; "" is for ever.
    """

    present: tuple[Choice, ...]
    former: tuple[FormerUser, ...]
    days: str = ""
    fault: str = ""
