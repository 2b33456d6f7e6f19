"""Calls as a switch tells of them while they run, and what is to become of each."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from valv.core.events import read_event
from valv.core.journey import Journey, journey_of
from valv.core.masking import Masking, MaskingRules
from valv.core.moments import format_moment

MASKING = Masking.of(MaskingRules(), region="SE")
QUEUES = ("Support", "Invoices", "Switchboard")


@dataclass(frozen=True)
class Call:
    """One call: its events by time, as they are sent."""

    session: str
    events: list[dict[str, Any]]

    def journey(self) -> Journey:
        """What the model says of it."""
        return journey_of(read_event(event, masking=MASKING) for event in self.events)


def calls(
    count: int, *, seconds: float, chance: Random, name: str = "live"
) -> list[Call]:
    """Calls that all run at once: begun in the first tenth, over in the last third."""
    start = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return [
        _call(f"{name}-{number:05}", number, start, seconds, chance)
        for number in range(count)
    ]


def _call(
    session: str, number: int, start: datetime, seconds: float, chance: Random
) -> Call:
    told = _told(number, chance)
    begins = chance.uniform(0, seconds / 10)
    ends = chance.uniform(seconds * 2 / 3, seconds)
    between = sorted(chance.uniform(begins, ends) for _ in told[2:])
    events = [
        {
            "event_id": f"{session}-{place}",
            "session_id": session,
            "type": type_,
            "at": format_moment(start + timedelta(seconds=at)),
            "data": data,
        }
        for place, (at, (type_, data)) in enumerate(
            zip([begins, *between, ends], told, strict=True)
        )
    ]
    return Call(session, events)


def _told(number: int, chance: Random) -> list[tuple[str, dict[str, Any]]]:
    first, second = f"a{chance.randrange(200)}", f"b{chance.randrange(200)}"
    party = {"phone": f"+4670174{number % 10_000:04}", "name": f"Caller {number}"}
    queue = chance.choice(QUEUES)
    told: list[tuple[str, dict[str, Any]]] = [
        ("session.started", {"media": "phone", "identifiers": party}),
        ("menu.entered", {"menu": "Main"}),
        ("variable.set", {"name": "order", "value": f"R{number}"}),
        ("queue.entered", {"queue": queue}),
        ("agent.connected", {"agent": first, "name": f"Agent {first}"}),
        ("recording.started", {"n": 1, "agent": first}),
        ("variable.set", {"name": "case", "value": f"C{number}"}),
    ]
    if chance.random() < 0.3:  # consulted, or handed over
        told += [
            ("agent.connected", {"agent": second}),
            ("agent.disconnected", {"agent": chance.choice((first, second))}),
        ]
    told += [
        ("recording.stopped", {"n": 1, "agent": first}),
        ("registration.added", {"category": "Order", "topic": "Late"}),
        ("session.ended", {"outcome": "answered"}),
    ]
    return told
