"""What may be granted to the operator's support, and for how long.

Never what reaches into people's lives or who may do what: a support person looks, and
decides nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from valv.core.errors import Malformed
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.reach import Reach

MOST = timedelta(days=30)
LONGEST_TEAM = 100
GRANTABLE = (
    Right.SEE,
    Right.PLAY,
    Right.DOWNLOAD,
    Right.EXPORT,
    Right.SURVEYS,
    Right.RAW_DATA,
)


@dataclass(frozen=True, slots=True)
class Granted:
    """What one grant says: which rights, how far, until when, and why."""

    rights: frozenset[Right]
    reach: Reach
    until: datetime
    reason: str

    def as_json(self) -> dict[str, Any]:
        """In plain values, for the log and the API."""
        reach = self.reach
        return {
            "rights": [one.value for one in GRANTABLE if one in self.rights],
            "queues": None if reach.queues is None else sorted(reach.queues),
            "interactions": None
            if reach.interactions is None
            else [str(one) for one in sorted(reach.interactions)],
            "from": reach.since and format_moment(reach.since),
            "to": reach.until and format_moment(reach.until),
            "until": format_moment(self.until),
        }


def checked(granted: Granted, *, of: frozenset[Right], now: datetime) -> Granted:
    """What may be granted by one who has the rights ``of``. Raises Malformed."""
    if not granted.rights or not granted.rights <= set(GRANTABLE):
        raise Malformed("Support is let see, play and the like alone.", field="rights")
    if Right.SEE not in granted.rights:
        raise Malformed("Whoever is let in must be let see.", field="rights")
    if not granted.rights <= of:
        raise Malformed("Nobody grants what they may not do.", field="rights")
    if not now < granted.until <= now + MOST:
        raise Malformed("It ends within 30 days.", field="until")
    if not granted.reason.strip():
        raise Malformed("Say why.", field="reason")
    return granted


def reach_as_json(reach: Reach) -> dict[str, Any]:
    """As it is stored."""
    stored: dict[str, Any] = msgspec.to_builtins(reach)
    return {name: value for name, value in stored.items() if value is not None}


def reach_from_json(stored: dict[str, Any]) -> Reach:
    """The inverse of ``reach_as_json``."""
    return msgspec.convert(stored, Reach)
