"""Calls that show what can become of a call, told as events by session ids of theirs.

Each is made up to be looked at: in the demo, on the pictures of docs/journey.md, and by
the tests that read its timeline. Refuses nothing and writes nothing; times are seconds
from the start of the call.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from valv.core.interaction import decoded
from valv.core.moments import format_moment
from valv.core.recording_policy import Policy

Told = tuple[float, str, dict[str, Any]]
QUEUES = SERVICE, SALES, INVOICES = (
    "Example service",
    "Example sales",
    "Example invoices",
)
BO, CLEO, EVA = "ex-bo", "ex-cleo", "ex-eva"
NAMES: Final = {BO: "Bo Ek", CLEO: "Cleo Lind", EVA: "Eva Holm"}
POLICY: Final = decoded(
    {
        "rules": [
            {"mode": "forced", "on": "queue", "name": SERVICE},
            {"mode": "pending", "on": "queue", "name": SALES},
            {"mode": "manual", "on": "queue", "name": INVOICES},
            {"mode": "forced", "on": "agent", "name": EVA},
        ],
        "consent_needed": True,
        "question": "May we record this call? Press 1 for yes, 2 for no.",
        "question_version": "1",
    },
    Policy,
)


@dataclass(frozen=True, slots=True)
class Sound:
    """Recording ``n`` as its source sends it, in seconds from the start of the call."""

    n: int
    agent: str
    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Example:
    """One call, with its sounds; it began so many ``hours`` ago, or on an evening."""

    name: str
    hours: float
    told: tuple[Told, ...]
    sounds: tuple[Sound, ...] = ()
    evening: bool = False

    @property
    def session_id(self) -> str:
        return f"example-{self.name}"

    def start(self, now: datetime) -> datetime:
        at = now - timedelta(hours=self.hours)
        return at.replace(hour=21, minute=40, second=0) if self.evening else at

    def events(self, start: datetime) -> Iterator[dict[str, Any]]:
        for number, (seconds, type_, data) in enumerate(self.told, start=1):
            yield {
                "event_id": f"{self.session_id}-{number:02}",
                "session_id": self.session_id,
                "type": type_,
                "at": format_moment(start + timedelta(seconds=seconds)),
                "data": data,
            }


def _start(phone: str, *, direction: str = "inbound", **variables: str) -> Told:
    data: dict[str, Any] = {"media": "phone", "direction": direction}
    if phone:
        data["identifiers"] = {"phone": phone}
    return 0, "session.started", data | ({"variables": variables} if variables else {})


def _yes(at: float) -> Told:
    return at, "consent.given", {"purpose": "recording", "how": "1"}


def _no(at: float, purpose: str = "recording") -> Told:
    return at, "consent.refused", {"purpose": purpose, "how": "2"}


def _menu(at: float) -> Told:
    return at, "menu.entered", {"menu": "Main menu"}


def _queue(at: float, queue: str, **more: bool) -> Told:
    return at, "queue.entered", {"queue": queue, **more}


def _on(at: float, agent: str) -> Told:
    return at, "agent.connected", {"agent": agent, "name": NAMES[agent]}


def _off(at: float, agent: str) -> Told:
    return at, "agent.disconnected", {"agent": agent}


def _asked(at: float, action: str, agent: str, **more: bool) -> Told:
    return at, "recording.requested", {"action": action, "agent": agent, **more}


def _rec(at: float, agent: str, n: int = 1) -> Told:
    return at, "recording.started", {"n": n, "agent": agent}


def _cut(at: float, n: int = 1) -> Told:
    return at, "recording.stopped", {"n": n}


def _end(at: float, outcome: str = "answered") -> Told:
    return at, "session.ended", {"outcome": outcome}


NIGHT: Final = 9.5 * 3600
EXAMPLES: Final = (
    Example(
        "transfer",
        3,
        (
            _start("+46701740605"), _menu(0), _yes(14), _queue(18, SERVICE),
            _on(60, BO), _rec(60, BO), _cut(110), _off(110, BO), _queue(110, SERVICE),
            _on(128, CLEO), _rec(128, CLEO, 2), _cut(196, 2), _off(196, CLEO),
            _end(196),
        ),
        (Sound(1, BO, 60, 50), Sound(2, CLEO, 128, 68)),
    ),
    Example(
        "consult",
        4,
        (
            _start("+46701740606"), _menu(0), _yes(12), _queue(15, SERVICE),
            _on(40, BO), _rec(40, BO), _queue(80, INVOICES), _on(96, CLEO),
            _off(130, CLEO), _cut(170), _off(170, BO), _end(170),
        ),
        (Sound(1, BO, 40, 130),),
    ),
    Example(
        "callback",
        5,
        (
            _start("+46701740607"), _menu(0), _yes(12), _queue(16, SERVICE),
            _queue(75, SERVICE, callback=True), _on(420, BO), _rec(420, BO), _cut(495),
            _off(495, BO), _end(495),
        ),
        (Sound(1, BO, 420, 75),),
    ),
    Example(
        "abandoned",
        6,
        (
            _start("+46701740608"), _menu(0), _queue(20, SERVICE),
            _end(143, "abandoned"),
        ),
    ),
    Example(
        "two-queues",
        7,
        (
            _start("+46701740609"), _menu(0), _yes(10), _queue(14, INVOICES),
            _queue(70, SERVICE), _on(118, CLEO), _rec(118, CLEO), _cut(190),
            _off(190, CLEO), _end(190),
        ),
        (Sound(1, CLEO, 118, 72),),
    ),
    Example(
        "pending-saved",
        26,
        (
            _start("+46701740610"), _queue(4, SALES), _on(30, BO), _rec(30, BO),
            _asked(74, "save", BO), _cut(110), _off(110, BO), _end(110),
        ),
        (Sound(1, BO, 30, 80),),
    ),
    Example(
        "pending-unsaved",
        27,
        (
            _start("+46701740611"), _queue(4, SALES), _on(30, BO), _rec(30, BO),
            _asked(60, "save", BO), _asked(66, "unsave", BO), _cut(95), _off(95, BO),
            _end(95),
        ),
        (Sound(1, BO, 30, 65),),
    ),
    Example(
        "manual-start",
        28,
        (
            _start("+46701740612"), _queue(3, INVOICES), _on(25, CLEO),
            _asked(58, "start", CLEO, informed=True, accepted=True), _rec(58, CLEO),
            _asked(104, "stop", CLEO), _cut(104), _off(130, CLEO), _end(130),
        ),
        (Sound(1, CLEO, 58, 46),),
    ),
    Example(
        "refused",
        29,
        (
            _start("+46701740613"), _menu(0), _no(13), _queue(16, SERVICE),
            _on(50, BO), _off(140, BO), _end(140),
        ),
        (Sound(1, BO, 50, 90),),
    ),
    Example(
        "restricted",
        30,
        (
            _start("+46701740614", SET_RESTRICTED="true"), _menu(0), _yes(12),
            _no(24, "quality"), _queue(28, SERVICE), _on(70, CLEO), _rec(70, CLEO),
            _cut(150), _off(150, CLEO), _end(150),
        ),
        (Sound(1, CLEO, 70, 80),),
    ),
    Example(
        "outbound",
        31,
        (
            _start("+46701740615", direction="outbound"), _queue(2, SALES),
            _on(24, BO), _rec(24, BO), _asked(60, "save", BO), _cut(99), _off(99, BO),
            _end(99),
        ),
        (Sound(1, BO, 24, 75),),
    ),
    Example(
        "internal",
        32,
        (
            _start("", direction="internal"), _on(0, EVA), _yes(1), _on(6, CLEO),
            _rec(6, EVA), _cut(71), _off(71, CLEO), _off(71, EVA), _end(71),
        ),
        (Sound(1, EVA, 6, 65),),
    ),
    Example(
        "overnight",
        48,
        (
            _start("+46701740616"), _menu(0), _yes(11), _queue(15, SERVICE),
            _queue(50, SERVICE, callback=True), _on(NIGHT, BO), _rec(NIGHT, BO),
            _cut(NIGHT + 90), _off(NIGHT + 90, BO), _end(NIGHT + 90),
        ),
        (Sound(1, BO, NIGHT, 90),),
        evening=True,
    ),
    Example(
        "pause",
        8,
        (
            _start("+46701740617"), _menu(0), _yes(9), _queue(12, SERVICE),
            _on(40, CLEO), _rec(40, CLEO), _cut(75), _rec(95, CLEO), _cut(140),
            _off(140, CLEO), _end(140),
        ),
        (Sound(1, CLEO, 40, 100),),
    ),
)  # fmt: skip
BY_NAME: Final = {one.name: one for one in EXAMPLES}
