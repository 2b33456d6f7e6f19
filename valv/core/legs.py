"""The legs of a call, read off its events: what the recording rules need to know.

A leg is one agent's stretch of a call. Whoever was on first is the active party; who
comes on beside them is consulted, and becomes active when they are alone. Transfer and
hang-up end a leg, and what is said or asked after that comes too late for it. Order,
repetition and gaps make no difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from valv.core.consent import is_recording_accepted, is_recording_refused, telling
from valv.core.events import (
    AgentLeg,
    Event,
    QueueEntered,
    RecordingMark,
    RecordingRequested,
    SessionStarted,
)
from valv.core.interaction import Direction, is_true
from valv.core.recording import Facts, Manual, Said
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

    def leg_of(self, recording: RecordingRef) -> Leg | None:
        """The leg that a recording is of; without any word, the n-th leg."""
        legs = self.legs
        if recording.agent is not None:
            legs = [leg for leg in legs if leg.agent == recording.agent]
        if not legs:
            return None
        at = recording.started_at
        if at is None:
            return legs[min(recording.n, len(legs)) - 1]
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


def facts_of(events: Iterable[Event], recording: RecordingRef) -> Facts:
    """What the events tell of the leg that a recording is of."""
    call = call_of(events)
    recording = _announced(call.events, recording)
    leg = call.leg_of(recording)
    consulted = leg is not None and _is_consulted(leg, recording)
    facts = _facts(call, leg, recording)
    return replace(facts, is_consulted=consulted)


def facts_now(events: Iterable[Event], *, agent: str | None = None) -> Facts:
    """What the events tell of the leg that is on, of that agent or the active party.

    An agent of whom they do not tell yet is consulted while another is on. Of a call
    that has ended it is the last leg.
    """
    call = call_of(events)
    on = [leg for leg in call.legs if leg.end is None]
    listed = on if call.ended_at is None else call.legs[::-1]
    leg = next((leg for leg in listed if agent in (None, leg.agent)), None)
    consulted = bool(on) if leg is None else leg.active_from is None
    facts = _facts(call, leg, RecordingRef(agent=agent))
    if leg is None and call.legs and call.ended_at is None:
        # What was asked for so far was asked for in legs that are over.
        facts = replace(facts, saved=False, manual=None)
    return replace(facts, is_consulted=consulted, told=True)


def _facts(call: Call, leg: Leg | None, recording: RecordingRef) -> Facts:
    end = call.ended_at if leg is None else leg.end
    agent = recording.agent if leg is None else leg.agent
    asked, said = _asked_for(call, leg, agent), telling(call.events)
    return Facts(
        queue=call.queue if leg is None else leg.queue,
        agent=agent,
        direction=call.direction,
        initiator=call.legs[0].agent if call.legs else agent,
        denied=is_recording_refused(said),
        accepted=is_recording_accepted(said, by=end),
        saved=_is_saved(asked),
        manual=_manual(asked, leg, recording),
        over=end is not None,
        told=any(event.type not in AFTERWARDS for event in call.events),
    )


def _announced(events: Sequence[Event], recording: RecordingRef) -> RecordingRef:
    """The recording with what its own announcement says, whose clock is the call's."""
    for event in events:
        match event.type, event.data:
            case "recording.started", RecordingMark(n=recording.n, agent=agent):
                agent = agent or recording.agent
                return replace(recording, agent=agent, started_at=event.at)
            case _:
                pass
    return recording


def _is_consulted(leg: Leg, recording: RecordingRef) -> bool:
    if recording.started_at is None:
        return leg.active_from is None
    return not leg.is_active(max(leg.start, recording.started_at))


def _asked_for(
    call: Call, leg: Leg | None, agent: str | None
) -> list[tuple[datetime, RecordingRequested]]:
    """What the leg's agent asked for, within the leg; unnamed, it is the active one."""
    return [
        (event.at, event.data)
        for event in call.events
        if isinstance(event.data, RecordingRequested)
        and event.data.agent in (None, agent)
        and _is_within(leg, call, event.at, unnamed=event.data.agent is None)
    ]


def _is_within(leg: Leg | None, call: Call, at: datetime, *, unnamed: bool) -> bool:
    if leg is None:
        return call.ended_at is None or at <= call.ended_at
    begun = leg.is_active(at) if unnamed else leg.start <= at
    return begun and (leg.end is None or at <= leg.end)


def _is_saved(asked: Iterable[tuple[datetime, RecordingRequested]]) -> bool:
    said = [one.action for _, one in asked if one.action in ("save", "unsave")]
    return said[-1:] == ["save"]


def _manual(
    asked: Iterable[tuple[datetime, RecordingRequested]],
    leg: Leg | None,
    recording: RecordingRef,
) -> Manual | None:
    """The start that this recording came of: the last before it, else the last."""
    active = [
        (at, one)
        for at, one in asked
        if one.action in ("start", "stop") and (leg is None or leg.is_active(at))
    ]
    starts = [(at, one) for at, one in active if one.action == "start"]
    begun = recording.started_at
    before = [one for one in starts if begun is None or one[0] <= begun]
    if not starts:
        return None
    _, start = (before or starts)[-1]
    return Manual(
        accepted=said_of(start.accepted),
        informed=said_of(start.informed),
        runs=active[-1][1].action == "start",
    )


def said_of(flag: object) -> Said:
    if flag is None:
        return Said.UNKNOWN
    return Said.YES if is_true(flag) else Said.NO
