"""Where an interaction was at each moment, and when it was recorded.

An interaction is in one state at a time: in a conversation, a *consult* while two
agents are on, a *consult queue* while an agent waits for another on its behalf, else a
queue or a menu. In a call between agents it takes one more for each of these, since
both ends are agents. Time to connect and to wrap up is in no state, and nothing goes on
after the end. Events are taken in the order of ``in_order``, which knows each once.

A recording that is stopped and started again under its number was *paused* between.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

import msgspec
from msgspec import Struct

from valv.core.events import (
    AgentLeg,
    Event,
    MenuEntered,
    QueueEntered,
    RecordingMark,
    SessionStarted,
)
from valv.core.interaction import Direction, is_true

D = TypeVar("D")


class State(StrEnum):
    """What an interaction can be in, or have going on beside it."""

    MENU = "menu"
    QUEUE = "queue"
    CALLBACK = "callback"
    CONVERSATION = "conversation"
    CONSULT = "consult"
    CONSULT_QUEUE = "consult_queue"


TALKING = frozenset({State.CONVERSATION, State.CONSULT, State.CONSULT_QUEUE})
WAITING = frozenset({State.QUEUE, State.CALLBACK})
_MENU = frozenset({State.MENU})
_BEFORE_AN_AGENT = _MENU | WAITING


class Span(Struct, frozen=True):
    """A stretch in one state, with the menu, the queue or the agents it was with."""

    state: State
    start: datetime
    end: datetime
    labels: tuple[str, ...]

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


class Stretch(Struct, frozen=True):
    """From a moment to a later one, or to the same."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


class Recorded(Struct, frozen=True):
    """Recording ``n``: of which agent, and the stretches in which it ran."""

    n: int
    agent: str | None
    ran: tuple[Stretch, ...]

    @property
    def start(self) -> datetime:
        return self.ran[0].start

    @property
    def end(self) -> datetime:
        return self.ran[-1].end

    @property
    def seconds(self) -> float:
        """From its beginning to its end, pauses and all."""
        return (self.end - self.start).total_seconds()

    @property
    def pauses(self) -> tuple[Stretch, ...]:
        """Between one stretch and the next, nothing was to be recorded."""
        return tuple(
            Stretch(before.end, after.start)
            for before, after in pairwise(self.ran)
            if before.end < after.start
        )


def pauses_in(one: Recorded, *, seconds: float) -> tuple[tuple[float, float], ...]:
    """Where the pauses lie in a sound of so many seconds, each from and to.

    A sound that is about as long as the whole goes on through the pauses; one that is
    about as long as what ran was cut at each of them, and there it is but a point.
    """
    ran = sum(stretch.seconds for stretch in one.ran)
    goes_on = abs(seconds - one.seconds) <= abs(seconds - ran)
    found, lacking = [], 0.0
    for pause in one.pauses:
        start = (pause.start - one.start).total_seconds() - lacking
        length = pause.seconds if goes_on else 0.0
        lacking += pause.seconds - length
        found.append((min(start, seconds), min(start + length, seconds)))
    return tuple(found)


# Of what happens at one moment, this goes before that: whoever waits for no time at all
# has waited before the answer, and the end comes last.
_ORDER_AT_ONCE = {
    "session.started": 0,
    "menu.entered": 1,
    "queue.entered": 2,
    "agent.connected": 3,
    "recording.stopped": 5,
    "recording.started": 6,
    "agent.disconnected": 7,
    "session.ended": 8,
}
_AMID = 4


def in_order(events: Iterable[Event]) -> list[Event]:
    """Each event once, by time and id; of two with one id, always the same one."""
    listed = list(events)
    once = {event.event_id: event for event in listed}
    if len(once) < len(listed):
        once = {}
        for event in sorted(listed, key=_order_of_any):
            once.setdefault(event.event_id, event)
    return sorted(once.values(), key=_order)


def _order(event: Event) -> tuple[datetime, int, str]:
    return event.at, _ORDER_AT_ONCE.get(event.type, _AMID), event.event_id


def _order_of_any(event: Event) -> tuple[object, ...]:
    return *_order(event), event.type, msgspec.json.encode(event.data)


def data_of(events: Iterable[Event], type_: type[D]) -> list[D]:
    """The data of the events that carry this kind of it."""
    return [event.data for event in events if isinstance(event.data, type_)]


def first_at(ordered: Sequence[Event]) -> datetime:
    """When it began: its start, if that is known, else the first that is."""
    starts = (event.at for event in ordered if event.type == "session.started")
    return next(starts, ordered[0].at)


def ended_at(ordered: Sequence[Event]) -> datetime | None:
    ends = (event.at for event in ordered if event.type == "session.ended")
    ended = next(ends, None)
    return None if ended is None else max(ended, first_at(ordered))


_MOVING = frozenset(
    {
        "menu.entered",
        "queue.entered",
        "agent.connected",
        "agent.disconnected",
        "session.ended",
    }
)

# What is going on, each with its label, in the order in which it began.
_Going = dict[tuple[State, str], None]


def spans_of(ordered: Sequence[Event]) -> tuple[Span, ...]:
    """The states one after the other, without overlap, none of no length."""
    start = next(iter(data_of(ordered, SessionStarted)), None)
    direction = None if start is None else start.direction
    ends = 2 if direction is Direction.INTERNAL else 1
    going: _Going = {}
    spans: list[Span] = []
    moving = (event for event in ordered if event.type in _MOVING)
    for event, following in pairwise([*moving, ordered[-1]]):
        if event.type == "session.ended":
            break
        _take(event, going, outbound=direction is Direction.OUTBOUND)
        now = _state_of(going, ends=ends)
        if now and event.at < following.at:
            _add(spans, Span(now[0], event.at, following.at, now[1]))
    return tuple(spans)


def _add(spans: list[Span], span: Span) -> None:
    last = spans[-1] if spans else None
    same = last and (last.state, last.labels, last.end) == (
        span.state, span.labels, span.start,
    )  # fmt: skip
    if last and same:
        spans[-1] = Span(span.state, last.start, span.end, span.labels)
    else:
        spans.append(span)


def _take(event: Event, going: _Going, *, outbound: bool) -> None:
    match event.data:
        case MenuEntered(menu=menu):
            _stop(going, _MENU)
            going[State.MENU, menu] = None
        case QueueEntered(queue=queue, callback=callback):
            _stop(going, _BEFORE_AN_AGENT)
            away = outbound or is_true(callback)
            going[State.CALLBACK if away else State.QUEUE, queue] = None
        case AgentLeg(agent=agent) if event.type == "agent.connected":
            _stop(going, _BEFORE_AN_AGENT)
            going[State.CONVERSATION, agent] = None
        case AgentLeg(agent=agent):
            going.pop((State.CONVERSATION, agent), None)
        case _:
            pass


def _stop(going: _Going, states: frozenset[State]) -> None:
    for key in [key for key in going if key[0] in states]:
        del going[key]


def _state_of(going: _Going, *, ends: int) -> tuple[State, tuple[str, ...]] | None:
    """``ends`` is how many agents a conversation takes."""
    agents = tuple(label for state, label in going if state is State.CONVERSATION)
    if len(agents) > ends:
        return State.CONSULT, agents
    others = [key for key in going if key[0] is not State.CONVERSATION]
    if len(agents) == ends:
        waits = [label for state, label in others if state in WAITING]
        if waits:
            return State.CONSULT_QUEUE, (waits[-1],)
        return State.CONVERSATION, agents
    return (others[-1][0], (others[-1][1],)) if others else None


def total(spans: Iterable[Span], states: frozenset[State]) -> float:
    """Seconds in any of some states."""
    return sum(span.seconds for span in spans if span.state in states)


def recorded(ordered: Sequence[Event]) -> tuple[Recorded, ...]:
    """The recordings announced, by number.

    Being stopped once more, or started while it runs, changes nothing: a pause that was
    told of stays one. A recording that was never stopped ends when its agent left for
    good, or else with the rest.
    """
    marks: dict[int, list[Event]] = {}
    for event in ordered:
        if isinstance(event.data, RecordingMark):
            marks.setdefault(event.data.n, []).append(event)
    found = (_recorded(n, marks[n], ordered) for n in sorted(marks))
    return tuple(one for one in found if one is not None)


def _recorded(n: int, marks: list[Event], ordered: Sequence[Event]) -> Recorded | None:
    agents = [mark.agent for mark in data_of(marks, RecordingMark) if mark.agent]
    agent = agents[0] if agents else None
    ran: list[Stretch] = []
    since: datetime | None = None
    for mark in marks:
        if mark.type == "recording.started":
            since = since or mark.at
        elif since is not None:
            ran.append(Stretch(since, mark.at))
            since = None
    if since is not None:
        ran.append(Stretch(since, max(since, _left_at(agent, since, ordered))))
    return Recorded(n, agent, tuple(ran)) if ran else None


def _left_at(agent: str | None, since: datetime, ordered: Sequence[Event]) -> datetime:
    """When a recording that was never stopped came to its end."""
    last = ended_at(ordered) or ordered[-1].at
    legs = [
        event for event in ordered
        if isinstance(event.data, AgentLeg) and event.data.agent == agent
    ]  # fmt: skip
    if legs and legs[-1].type == "agent.disconnected" and legs[-1].at >= since:
        return min(last, legs[-1].at)
    return last
