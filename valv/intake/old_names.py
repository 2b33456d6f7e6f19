"""File names as recorders give them, and what they tell of the call.

Two families: the monitor files of Asterisk and FreePBX
(``in-TO-FROM-20240316-160920-1710600560.12.wav`` and its kin), and deliveries named
``SESSION_NUMBER.wav``. Numbers in a name become identifiers; the name is not kept.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from valv.core.interaction import Direction

SOUNDS = frozenset({
    "wav", "wav49", "w64", "mp3", "ogg", "opus", "flac", "m4a", "mp4", "aac", "amr",
    "aiff", "aif", "au", "caf", "webm", "mka", "wma", "gsm", "g722", "g729", "ulaw",
    "ul", "mulaw", "pcmu", "alaw", "al", "pcma", "sln", "sln12", "sln16", "sln24",
    "sln32", "sln44", "sln48", "sln96", "sln192",
})  # fmt: skip
_MONITOR = re.compile(
    r"(?:(?P<kind>[a-z]{1,12})-(?P<to>[^-]*)-(?P<by>[^-]*)-)?"
    r"(?P<date>[0-9]{8})-(?P<time>[0-9]{6})-"
    r"(?P<unique>(?:[A-Za-z0-9_.]+-)?(?P<epoch>[0-9]{9,10})\.[0-9]{1,10})",
    re.ASCII,
)
_DELIVERED = re.compile(r"(?P<session>.{1,200})_(?P<n>[0-9]{1,4})")
_EXTENSION = re.compile(r"[0-9]{1,6}", re.ASCII)
_OUTWARD = "out"
_QUEUES = frozenset({"q", "rg"})


@dataclass(frozen=True, slots=True)
class Named:
    """What a file name tells; ``n`` and ``started_at`` None where it does not."""

    session_id: str
    n: int | None = None
    started_at: datetime | None = None
    direction: Direction | None = None
    phone: str | None = None
    agents: tuple[str, ...] = ()
    queue: str | None = None


def is_sound(name: str) -> bool:
    """Whether a name has the ending of a recording."""
    return PurePosixPath(name).suffix[1:].lower() in SOUNDS


def stem_of(name: str) -> str:
    """The name without folder and last ending."""
    return PurePosixPath(name).stem


def read_name(name: str) -> Named | None:
    """What a recording's name tells; None if it is of neither family."""
    stem = stem_of(name)
    monitor = _MONITOR.fullmatch(stem)
    if monitor is not None:
        return _monitored(monitor)
    delivered = _DELIVERED.fullmatch(stem)
    if delivered is None or not int(delivered["n"]) >= 1:
        return None
    return Named(delivered["session"], n=int(delivered["n"]))


def _monitored(match: re.Match[str]) -> Named:
    """The unique id begins with the start in Unix time, which knows no zones."""
    started_at = datetime.fromtimestamp(int(match["epoch"]), UTC)
    session_id, kind = match["unique"], match["kind"]
    if kind is None:
        return Named(session_id, started_at=started_at)
    to, by = match["to"], match["by"]
    if kind == _OUTWARD:
        return Named(
            session_id,
            started_at=started_at,
            direction=Direction.OUTBOUND,
            phone=to or None,
            agents=(by,) if by else (),
        )
    if _EXTENSION.fullmatch(by) and kind not in _QUEUES and _EXTENSION.fullmatch(to):
        return Named(
            session_id,
            started_at=started_at,
            direction=Direction.INTERNAL,
            agents=(by, to),
        )
    return Named(
        session_id,
        started_at=started_at,
        direction=Direction.INBOUND,
        phone=by or None,
        agents=(to,) if kind not in _QUEUES and _EXTENSION.fullmatch(to) else (),
        queue=to if kind in _QUEUES and to else None,
    )
