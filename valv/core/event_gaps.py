"""Gaps that the events of one interaction show by themselves, in whatever order.

What ends often ends late, and what is known late is told late; only what goes on in a
conversation cannot begin after its end.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from valv.core.completeness import Gap
from valv.core.events import AgentLeg, Event, RecordingMark

LIVELY: Final = frozenset(
    {
        "menu.entered",
        "digits.entered",
        "queue.entered",
        "agent.connected",
        "recording.started",
        "chat.message",
    }
)


def gaps_in(events: Iterable[Event]) -> frozenset[Gap]:
    """What is missing among them, as far as they tell."""
    listed = list(events)
    ended = [event.at for event in listed if event.type == "session.ended"]
    started = [event.at for event in listed if event.type == "session.started"]
    found = {
        Gap.START: not started,
        Gap.AGENT: _unpaired(listed, "agent.connected", "agent.disconnected"),
        Gap.RECORDING_START: _unpaired(
            listed, "recording.started", "recording.stopped"
        ),
        Gap.ENDED_FIRST: bool(started and ended) and min(ended) < min(started),
        Gap.AFTER_END: bool(ended)
        and any(e.at > max(ended) for e in listed if e.type in LIVELY),
        Gap.NUMBERS: _lacks({e.sequence for e in listed if e.sequence is not None}),
    }
    return frozenset(gap for gap, is_there in found.items() if is_there)


def _unpaired(events: Sequence[Event], began: str, ended: str) -> bool:
    """Whether something ended more often than it began; at one moment, in any order."""
    times: Counter[object] = Counter()
    for event in events:
        if event.type in (began, ended):
            times[_what(event)] += 1 if event.type == ended else -1
    return any(times[one] > 0 for one in times)


def _what(event: Event) -> object:
    match event.data:
        case AgentLeg(agent=agent):
            return agent
        case RecordingMark(n=n):
            return n
        case _:
            return None


def _lacks(numbers: set[int]) -> bool:
    """Sources count from 0 or from 1; what comes after the last cannot be missed."""
    return bool(numbers) and len(numbers) <= max(numbers) - min(numbers | {1})
