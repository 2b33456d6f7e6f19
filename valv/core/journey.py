"""One interaction's way, read off its events: what they tell of it in all.

Every event is taken once, and they are put in order by time and id, so that what
arrives late, twice or shuffled gives the same journey; ``spans`` says where it was, and
when it was recorded.

A refusal stands, once given, whatever is said later.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from valv.core.consent import (
    is_recording_accepted,
    is_recording_refused,
    is_restricted,
    is_storage_refused,
    telling,
)
from valv.core.events import (
    AgentLeg,
    ChatMessage,
    Consent,
    Event,
    QueueEntered,
    SessionEnded,
    SessionStarted,
    VariableSet,
)
from valv.core.interaction import (
    AgentRef,
    ChatLog,
    General,
    Message,
    RecordingPart,
    Registration,
    SurveyAnswer,
    as_text,
)
from valv.core.spans import (
    TALKING,
    WAITING,
    Recorded,
    Span,
    data_of,
    ended_at,
    first_at,
    in_order,
    recorded,
    spans_of,
    total,
)

D = TypeVar("D")


class Mark(Struct, frozen=True):
    """A consent given or refused at a moment."""

    at: datetime
    given: bool
    purpose: str


class Journey(Struct, frozen=True, kw_only=True):
    """All that the events say of one interaction."""

    started_at: datetime
    last_event_at: datetime
    ended_at: datetime | None
    spans: tuple[Span, ...]
    recordings: tuple[Recorded, ...]
    marks: tuple[Mark, ...]
    queues: tuple[str, ...]
    last_queue: str | None
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
            queue=_said(self.last_queue),
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
    of = _by_kind(ordered)
    spans, recordings, told = spans_of(ordered), recorded(ordered), telling(ordered)
    starts = data_of(of[SessionStarted], SessionStarted)
    queues = [data.queue for data in data_of(of[QueueEntered], QueueEntered)]
    return Journey(
        started_at=first_at(ordered),
        last_event_at=ordered[-1].at,
        ended_at=ended_at(ordered),
        spans=spans,
        recordings=recordings,
        marks=_marks(of[Consent]),
        queues=tuple(dict.fromkeys(queues)),
        last_queue=queues[-1] if queues else None,
        agents=_agents(of[AgentLeg]),
        wait_seconds=total(spans, WAITING),
        talk_seconds=total(spans, TALKING),
        outcome=_outcome(of[SessionEnded], of[AgentLeg]),
        start=starts[0] if starts else None,
        variables=_variables(told),
        registration=tuple(dict.fromkeys(_registrations(of[Registration]))),
        survey=_survey(of[SurveyAnswer]),
        parts=tuple(map(_part, recordings)),
        chat_log=_chat_log(of[ChatMessage]),
        recording_refused=is_recording_refused(told),
        recording_accepted=is_recording_accepted(told),
        storage_refused=is_storage_refused(told),
        restricted=is_restricted(told),
    )


def _by_kind(ordered: Iterable[Event]) -> dict[type, list[Event]]:
    """The events by what they carry, each kind in order."""
    found: dict[type, list[Event]] = defaultdict(list)
    for event in ordered:
        found[type(event.data)].append(event)
    return found


def _part(recording: Recorded) -> RecordingPart:
    return RecordingPart(
        n=recording.n,
        started_at=recording.start,
        seconds=recording.seconds,
        agent=recording.agent,
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


def _outcome(ended: Sequence[Event], legs: Sequence[Event]) -> str | None:
    ends = data_of(ended, SessionEnded)
    if not ends:
        return None
    answered = any(event.type == "agent.connected" for event in legs)
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
