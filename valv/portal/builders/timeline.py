"""The timeline of an interaction: off its journey, else off what is known in sum."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from valv.archive.detail import Detail, Part
from valv.archive.items import Item
from valv.core.interaction import ContentKind
from valv.core.journey import Journey
from valv.core.spans import Recorded, Span, State
from valv.portal import words
from valv.portal.contexts.interaction import Step

KIND_OF_STATE = {State.CONSULT_QUEUE: "consult"}
RECORDED = ContentKind.RECORDING.number


@dataclass(frozen=True, slots=True)
class _Stretch:
    kind: str
    label: str
    at: datetime
    seconds: float | None = None

    @property
    def end(self) -> datetime:
        return self.at + timedelta(seconds=self.seconds or 0)


def steps_of(detail: Detail) -> tuple[Step, ...]:
    """The steps in order of time, placed in percent of the whole."""
    told = detail.journey
    found = [*_told(told, detail.agents)] if told else [*_summed(detail.item)]
    if told is None or not told.recordings:
        found += _recordings(detail.parts)
    return _placed(sorted(found, key=lambda one: one.at))


def _told(journey: Journey, names: Mapping[str, str]) -> Iterator[_Stretch]:
    known = {a.id: names.get(a.id) or a.name or a.id for a in journey.agents}
    for span in journey.spans:
        yield _stretch(span, known)
    for one in journey.recordings:
        yield from _recorded(one)
    for mark in journey.marks:
        label = words.consent(mark.purpose, given=mark.given)
        yield _Stretch("consent", label, mark.at)
    for picked in journey.registration:
        if picked.at is not None:
            label = ", ".join(filter(None, (picked.category, picked.topic)))
            yield _Stretch("registration", label, picked.at)


def _recorded(one: Recorded) -> Iterator[_Stretch]:
    for ran in one.ran:
        yield _Stretch("recording", str(one.n), ran.start, ran.seconds)
    for pause in one.pauses:
        yield _Stretch("paused", str(one.n), pause.start, pause.seconds)


def _stretch(span: Span, known: Mapping[str, str]) -> _Stretch:
    kind = KIND_OF_STATE.get(span.state, span.state.value)
    talks = span.state in (State.CONVERSATION, State.CONSULT)
    names = known if talks else {}
    label = ", ".join(names.get(one, one) for one in span.labels)
    return _Stretch(kind, label, span.start, span.seconds)


def _summed(item: Item) -> Iterator[_Stretch]:
    """First they waited, then they talked: all that is known without events."""
    start = datetime.fromisoformat(item.started_at)
    if item.wait_seconds:
        yield _Stretch("queue", item.queue or "", start, item.wait_seconds)
    if item.talk_seconds:
        start += timedelta(seconds=item.wait_seconds or 0)
        label = ", ".join(filter(None, item.agents))
        yield _Stretch("conversation", label, start, item.talk_seconds)


def _recordings(parts: Iterable[Part]) -> Iterator[_Stretch]:
    for part in parts:
        row = part.row
        if row.kind == RECORDED and row.started_at and part.seconds:
            yield _Stretch("recording", str(row.n), row.started_at, part.seconds)


def _placed(found: list[_Stretch]) -> tuple[Step, ...]:
    if not found:
        return ()
    start = found[0].at
    whole = (max(one.end for one in found) - start).total_seconds() or 1
    return tuple(
        Step(
            one.kind,
            one.label,
            one.at,
            one.seconds,
            left=round((one.at - start).total_seconds() / whole * 100, 2),
            width=round((one.seconds or 0) / whole * 100, 2),
        )
        for one in found
    )
