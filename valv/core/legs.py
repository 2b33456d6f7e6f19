"""The legs of a call, read off its events: what the recording rules need to know.

A leg is one agent's stretch of a call. Whoever was on first is the active party; who
comes on beside them is consulted, and becomes active when they are alone. Transfer and
hang-up end a leg, and what is said or asked after that comes too late for it. Order,
repetition and gaps make no difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from valv.core.consent import is_recording_accepted, is_recording_refused
from valv.core.events import (
    AgentLeg,
    Event,
    QueueEntered,
    RecordingMark,
    RecordingRequested,
    SessionStarted,
)
from valv.core.interaction import Direction, is_true
from valv.core.recording import Answer, Facts, Manual
from valv.core.spans import in_order

# What may come by itself, and tells nothing of how the call went.
AFTERWARDS = frozenset({"survey.answered", "registration.added"})


@dataclass(frozen=True, slots=True)
class Leg:
    """One agent's stretch; ``active_from`` is None while only consulted."""

    agent: str
    queue: str | None
    start: datetime
    active_from: datetime | None = None
    end: datetime | None = None

    def is_on(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def is_active(self, at: datetime) -> bool:
        return self.active_from is not None and self.active_from <= at


@dataclass(frozen=True, slots=True)
class RecordingRef:
    """Which recording is meant, as far as its bearer says."""

    n: int = 1
    agent: str | None = None
    started_at: datetime | None = None


@dataclass(slots=True)
class Call:
    """What the events tell of a call, in order."""

    events: Sequence[Event]
    direction: Direction | None = None
    queue: str | None = None
    ended_at: datetime | None = None
    legs: list[Leg] = field(default_factory=list)

    def leg_of(self, recorded: RecordingRef) -> Leg | None:
        """The leg that a recording is of; without any word, the n-th leg."""
        legs = self.legs
        if recorded.agent is not None:
            legs = [leg for leg in legs if leg.agent == recorded.agent]
        if not legs:
            return None
        at = recorded.started_at
        if at is None:
            return legs[min(recorded.n, len(legs)) - 1]
        on = [leg for leg in legs if leg.is_on(at)]
        active = [leg for leg in on if leg.is_active(at)]
        begun = [leg for leg in legs if leg.start <= at]
        return (active or on or begun[-1:] or legs)[0]


def call_of(events: Iterable[Event]) -> Call:
    """Read a call's legs off its events."""
    call = Call(in_order(events))
    for event in call.events:
        if call.ended_at is None:
            _take(event, call)
    return call


def _take(event: Event, call: Call) -> None:
    match event.type, event.data:
        case _, SessionStarted(direction=direction) if direction is not None:
            call.direction = direction
        case _, QueueEntered(queue=queue):
            call.queue = queue
        case "agent.connected", AgentLeg(agent=agent):
            _connect(agent, call, at=event.at)
        case "agent.disconnected", AgentLeg(agent=agent):
            _end(call, [agent], at=event.at)
        case "session.ended", _:
            call.ended_at = event.at
            _end(call, [leg.agent for leg in call.legs], at=event.at)
        case _:
            pass


def _connect(agent: str, call: Call, *, at: datetime) -> None:
    on = [leg for leg in call.legs if leg.end is None]
    if all(leg.agent != agent for leg in on):
        active_from = None if on else at
        call.legs.append(Leg(agent, call.queue, at, active_from))


def _end(call: Call, agents: Sequence[str], *, at: datetime) -> None:
    call.legs = [
        replace(leg, end=at) if leg.end is None and leg.agent in agents else leg
        for leg in call.legs
    ]
    left = next((i for i, leg in enumerate(call.legs) if leg.end is None), None)
    if left is not None and call.legs[left].active_from is None:
        call.legs[left] = replace(call.legs[left], active_from=at)


def facts_of(events: Iterable[Event], recorded: RecordingRef) -> Facts:
    """What the events tell of the leg that a recording is of."""
    call = call_of(events)
    recorded = _announced(call.events, recorded)
    leg = call.leg_of(recorded)
    end = call.ended_at if leg is None else leg.end
    agent = recorded.agent if leg is None else leg.agent
    asked = _asked_for(call, leg, agent)
    return Facts(
        queue=call.queue if leg is None else leg.queue,
        agent=agent,
        direction=call.direction,
        initiator=call.legs[0].agent if call.legs else recorded.agent,
        is_consulted=leg is not None and _is_consulted(leg, recorded),
        denied=is_recording_refused(call.events),
        accepted=is_recording_accepted(call.events, by=end),
        saved=_is_saved(asked),
        manual=_manual(asked, leg, recorded),
        over=end is not None,
        told=any(event.type not in AFTERWARDS for event in call.events),
    )


def _announced(events: Sequence[Event], recorded: RecordingRef) -> RecordingRef:
    """The recording with what its own announcement says, whose clock is the call's."""
    for event in events:
        match event.type, event.data:
            case "recording.started", RecordingMark(n=recorded.n, agent=agent):
                agent = agent or recorded.agent
                return replace(recorded, agent=agent, started_at=event.at)
            case _:
                pass
    return recorded


def _is_consulted(leg: Leg, recorded: RecordingRef) -> bool:
    if recorded.started_at is None:
        return leg.active_from is None
    return not leg.is_active(max(leg.start, recorded.started_at))


def _asked_for(
    call: Call, leg: Leg | None, agent: str | None
) -> list[tuple[datetime, RecordingRequested]]:
    """What the leg's agent asked for, within the leg."""
    start = None if leg is None else leg.start
    end = call.ended_at if leg is None else leg.end
    return [
        (event.at, event.data)
        for event in call.events
        if isinstance(event.data, RecordingRequested)
        and event.data.agent in (None, agent)
        and (start is None or start <= event.at)
        and (end is None or event.at <= end)
    ]


def _is_saved(asked: Iterable[tuple[datetime, RecordingRequested]]) -> bool:
    said = [one.action for _, one in asked if one.action in ("save", "unsave")]
    return said[-1:] == ["save"]


def _manual(
    asked: Iterable[tuple[datetime, RecordingRequested]],
    leg: Leg | None,
    recorded: RecordingRef,
) -> Manual | None:
    """The start that this recording came of: the last before it, else the last."""
    active = [
        (at, one)
        for at, one in asked
        if one.action in ("start", "stop") and (leg is None or leg.is_active(at))
    ]
    starts = [(at, one) for at, one in active if one.action == "start"]
    begun = recorded.started_at
    before = [one for one in starts if begun is None or one[0] <= begun]
    if not starts:
        return None
    _, start = (before or starts)[-1]
    return Manual(
        accepted=_answer(start.accepted),
        informed=_answer(start.informed),
        runs=active[-1][1].action == "start",
    )


def _answer(flag: object) -> Answer:
    if flag is None:
        return Answer.UNKNOWN
    return Answer.YES if is_true(flag) else Answer.NO
