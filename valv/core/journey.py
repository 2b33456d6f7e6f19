"""One interaction's way, read off its events: where it was, and for how long.

Every event is taken once, and they are put in order by time and id, so that what
arrives late, twice or shuffled gives the same journey. An interaction is in one state
at a time: in a conversation, a *consult* while two agents are on, a *consult queue*
while an agent waits for another on its behalf, else a queue or a menu. Time to connect
and to wrap up is in no state.

A refusal stands, once given, whatever is said later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from valv.core.consent import (
    is_recording_accepted,
    is_recording_refused,
    is_storage_refused,
)
from valv.core.events import (
    AgentLeg,
    ChatMessage,
    Consent,
    Event,
    MenuEntered,
    QueueEntered,
    RecordingMark,
    SessionEnded,
    SessionStarted,
    VariableSet,
)
from valv.core.interaction import (
    AgentRef,
    ChatLog,
    Direction,
    General,
    Message,
    RecordingPart,
    Registration,
    SurveyAnswer,
    as_text,
    is_true,
)

D = TypeVar("D")


class State(StrEnum):
    """What an interaction can be in, or have going on beside it."""

    MENU = "menu"
    QUEUE = "queue"
    CALLBACK = "callback"
    CONVERSATION = "conversation"
    CONSULT = "consult"
    CONSULT_QUEUE = "consult_queue"
    RECORDING = "recording"


TALKING = frozenset({State.CONVERSATION, State.CONSULT, State.CONSULT_QUEUE})
WAITING = frozenset({State.QUEUE, State.CALLBACK})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in one state; ``label`` is the menu, queue, agents or recording."""

    state: State
    start: datetime
    end: datetime
    label: str

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Mark:
    """A consent given or refused at a moment."""

    at: datetime
    given: bool
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """All that the events say of one interaction."""

    started_at: datetime
    last_event_at: datetime
    ended_at: datetime | None
    spans: tuple[Span, ...]
    recordings: tuple[Span, ...]
    marks: tuple[Mark, ...]
    queues: tuple[str, ...]
    agents: tuple[AgentRef, ...]
    wait_seconds: float
    talk_seconds: float
    outcome: str | None
    start: SessionStarted | None
    variables: dict[str, str | None]
    registration: tuple[Registration, ...]
    survey: SurveyAnswer | None
    parts: tuple[RecordingPart, ...]
    chat_log: ChatLog | None
    recording_refused: bool
    recording_accepted: bool
    storage_refused: bool
    restricted: bool

    def general(self) -> General:
        """The general information the events give; what they do not say is unset."""
        start = self.start
        return General(
            started_at=self.started_at,
            media=start.media if start else UNSET,
            direction=_said(start.direction if start else None),
            ended_at=_said(self.ended_at),
            queue=self.queues[-1] if self.queues else UNSET,
            agents=self.agents or UNSET,
            wait_seconds=self.wait_seconds if self.queues else UNSET,
            talk_seconds=self.talk_seconds if self.agents else UNSET,
            outcome=_said(self.outcome),
            identifiers=_said(start.identifiers if start else None),
            subject=_said(start.subject if start else None),
            url=_said(start.url if start else None),
            variables=dict(self.variables) or UNSET,
            registration=self.registration or UNSET,
            restricted=self.restricted or UNSET,
        )


def _said(value: D | None) -> D | UnsetType:
    return UNSET if value is None else value


def journey_of(events: Iterable[Event]) -> Journey:
    """Read the journey of one interaction; raises ValueError without any event."""
    ordered = in_order(events)
    if not ordered:
        raise ValueError("A journey has at least one event.")
    start = next(iter(_data(ordered, SessionStarted)), None)
    spans = _spans(ordered, outbound=_is_outbound(start))
    recordings = _recordings(ordered)
    variables = _variables(ordered)
    return Journey(
        started_at=_first_at(ordered),
        last_event_at=ordered[-1].at,
        ended_at=_ended_at(ordered),
        spans=spans,
        recordings=recordings,
        marks=_marks(ordered),
        queues=tuple(dict.fromkeys(d.queue for d in _data(ordered, QueueEntered))),
        agents=_agents(ordered),
        wait_seconds=_total(spans, WAITING),
        talk_seconds=_total(spans, TALKING),
        outcome=_outcome(ordered),
        start=start,
        variables=variables,
        registration=tuple(dict.fromkeys(_registrations(ordered))),
        survey=_survey(ordered),
        parts=_parts(ordered, recordings),
        chat_log=_chat_log(ordered),
        recording_refused=is_recording_refused(ordered),
        recording_accepted=is_recording_accepted(ordered),
        storage_refused=is_storage_refused(ordered),
        restricted=is_true(variables.get("SET_RESTRICTED")),
    )


def in_order(events: Iterable[Event]) -> list[Event]:
    """Each event once, by time and id; of two with one id, always the same one."""
    once: dict[str, Event] = {}
    for event in sorted(events, key=_order):
        once.setdefault(event.event_id, event)
    return list(once.values())


def _order(event: Event) -> tuple[datetime, str, str, bytes]:
    return event.at, event.event_id, event.type, msgspec.json.encode(event.data)


def _data(events: Sequence[Event], type_: type[D]) -> list[D]:
    return [event.data for event in events if isinstance(event.data, type_)]


def _first_at(events: Sequence[Event]) -> datetime:
    return next((e.at for e in events if e.type == "session.started"), events[0].at)


def _ended_at(events: Sequence[Event]) -> datetime | None:
    ended = next((e.at for e in events if e.type == "session.ended"), None)
    return None if ended is None else max(ended, _first_at(events))


def _is_outbound(start: SessionStarted | None) -> bool:
    return start is not None and start.direction is Direction.OUTBOUND


# What is going on, each with its label, in the order in which it began.
Going = dict[tuple[State, str], None]


def _spans(events: Sequence[Event], *, outbound: bool) -> tuple[Span, ...]:
    going: Going = {}
    spans: list[Span] = []
    for event, following in pairwise([*events, events[-1]]):
        _take(event, going, outbound=outbound)
        now = _state_of(going)
        if now and event.at < following.at:
            _add(spans, Span(now[0], event.at, following.at, now[1]))
    return tuple(spans)


def _add(spans: list[Span], span: Span) -> None:
    last = spans[-1] if spans else None
    same = last and (last.state, last.label, last.end) == (
        span.state, span.label, span.start,
    )  # fmt: skip
    if last and same:
        spans[-1] = Span(span.state, last.start, span.end, span.label)
    else:
        spans.append(span)


def _take(event: Event, going: Going, *, outbound: bool) -> None:
    match event.type, event.data:
        case "menu.entered", MenuEntered(menu=menu):
            _stop(going, {State.MENU})
            going[State.MENU, menu] = None
        case "queue.entered", QueueEntered(queue=queue, callback=callback):
            _stop(going, {State.MENU, *WAITING})
            away = outbound or is_true(callback)
            going[State.CALLBACK if away else State.QUEUE, queue] = None
        case "agent.connected", AgentLeg(agent=agent):
            _stop(going, {State.MENU, *WAITING})
            going[State.CONVERSATION, agent] = None
        case "agent.disconnected", AgentLeg(agent=agent):
            going.pop((State.CONVERSATION, agent), None)
        case "session.ended", _:
            going.clear()
        case _:
            pass


def _stop(going: Going, states: Iterable[State]) -> None:
    for key in [key for key in going if key[0] in states]:
        del going[key]


def _state_of(going: Going) -> tuple[State, str] | None:
    agents = [label for state, label in going if state is State.CONVERSATION]
    if len(agents) > 1:
        return State.CONSULT, ", ".join(agents)
    others = [key for key in going if key[0] is not State.CONVERSATION]
    if agents:
        waits = [label for state, label in others if state in WAITING]
        if waits:
            return State.CONSULT_QUEUE, waits[-1]
        return State.CONVERSATION, agents[0]
    return others[-1] if others else None


def _total(spans: Iterable[Span], states: frozenset[State]) -> float:
    return sum(span.seconds for span in spans if span.state in states)


def _recordings(events: Sequence[Event]) -> tuple[Span, ...]:
    """The recordings announced, by number; one never stopped ends with the rest."""
    starts: dict[int, datetime] = {}
    ends: dict[int, datetime] = {}
    for event in events:
        if event.type == "recording.started" and isinstance(event.data, RecordingMark):
            starts.setdefault(event.data.n, event.at)
        if event.type == "recording.stopped" and isinstance(event.data, RecordingMark):
            ends[event.data.n] = event.at
    last = _ended_at(events) or events[-1].at
    return tuple(
        Span(State.RECORDING, starts[n], max(starts[n], ends.get(n, last)), str(n))
        for n in sorted(starts)
    )


def _parts(
    events: Sequence[Event], recordings: Iterable[Span]
) -> tuple[RecordingPart, ...]:
    agents = {mark.n: mark.agent for mark in _data(events, RecordingMark) if mark.agent}
    return tuple(
        RecordingPart(
            n=int(span.label),
            started_at=span.start,
            seconds=span.seconds,
            agent=agents.get(int(span.label)),
        )
        for span in recordings
    )


def _marks(events: Sequence[Event]) -> tuple[Mark, ...]:
    return tuple(
        Mark(event.at, event.type == "consent.given", event.data.purpose)
        for event in events
        if isinstance(event.data, Consent)
    )


def _agents(events: Sequence[Event]) -> tuple[AgentRef, ...]:
    names: dict[str, str | None] = {}
    for event in events:
        if event.type == "agent.connected" and isinstance(event.data, AgentLeg):
            names[event.data.agent] = names.get(event.data.agent) or event.data.name
    return tuple(AgentRef(agent, name) for agent, name in names.items())


def _outcome(events: Sequence[Event]) -> str | None:
    ends = _data(events, SessionEnded)
    if not ends:
        return None
    answered = any(event.type == "agent.connected" for event in events)
    return ends[-1].outcome or ("answered" if answered else "abandoned")


def _variables(events: Sequence[Event]) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for event in events:
        if isinstance(event.data, SessionStarted) and event.data.variables:
            values |= {k: as_text(v) for k, v in event.data.variables.items()}
        if isinstance(event.data, VariableSet):
            values[event.data.name] = as_text(event.data.value)
    return values


def _registrations(events: Sequence[Event]) -> list[Registration]:
    return [
        msgspec.structs.replace(event.data, at=event.data.at or event.at)
        for event in events
        if isinstance(event.data, Registration)
    ]


def _survey(events: Sequence[Event]) -> SurveyAnswer | None:
    for event in reversed(events):
        if isinstance(event.data, SurveyAnswer):
            return msgspec.structs.replace(event.data, at=event.data.at or event.at)
    return None


def _chat_log(events: Sequence[Event]) -> ChatLog | None:
    messages = tuple(
        Message(
            at=event.at,
            sender=event.data.sender,
            text=event.data.text,
            name=event.data.name,
        )
        for event in events
        if isinstance(event.data, ChatMessage)
    )
    return ChatLog(messages) if messages else None
