"""What the person said to being recorded, stored or listened to.

A refusal stands once given, whoever speaks later and whatever order the events come
in. Only a yes is an acceptance: no answer, a hang-up or an unknown key is none
(laws 1 and 2). ``denies_recording`` is the one place that reads the variable
``deny_recording``, however its source spells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from valv.core.answers import (
    Answer,
    ConsentRecord,
    How,
    Purpose,
    is_reuse_refused,
    is_set,
    purposes_in,
    restricts,
)
from valv.core.events import (
    Consent,
    Event,
    Nothing,
    RecordingRequested,
    SessionStarted,
    VariableSet,
)
from valv.core.interaction import is_true

DENY_RECORDING = "deny_recording"
_TELLING = (Consent, RecordingRequested, VariableSet, SessionStarted, Nothing)


def denies_recording(variables: Mapping[str, object]) -> bool:
    """Whether the caller refused to be recorded, by variables or other named values."""
    return any(
        name.strip().lower() == DENY_RECORDING and is_set(value)
        for name, value in variables.items()
    )


def telling(events: Iterable[Event]) -> list[Event]:
    """Those that may bear on what this module reads; of the rest it learns nothing."""
    return [event for event in events if isinstance(event.data, _TELLING)]


def is_restricted(events: Iterable[Event]) -> bool:
    """Whether a source restricts it, or the person did not agree to its re-use."""
    known = list(events)
    answers = [record for event in known for record in consents_in(event)]
    return is_reuse_refused(answers) or any(
        restricts(variables) for event in known for variables in _variables(event)
    )


def consents_in(event: Event) -> tuple[ConsentRecord, ...]:
    """The answers an event tells of: one for each purpose, or none."""
    match event.data:
        case VariableSet() | SessionStarted():
            return ()
        case Consent() as asked:
            return tuple(_answers(event, asked))
        case RecordingRequested(action="start" | "save") as told:
            return tuple(_told_by_agent(event, told))
        case _ if event.type == "chat.storage_refused":
            no, web = Answer.NO, How.WEB
            storage = Purpose.STORAGE
            return (ConsentRecord(purpose=storage, answer=no, how=web, at=event.at),)
        case _:
            return ()


def _answers(event: Event, asked: Consent) -> Iterator[ConsentRecord]:
    answer = Answer.YES if event.type == "consent.given" else Answer.NO
    for purpose in sorted(purposes_in(asked.purpose)):
        yield ConsentRecord(
            purpose=purpose,
            answer=Answer.NONE if asked.how is How.NONE else answer,
            how=asked.how,
            at=event.at,
            question=asked.question or None,
            version=asked.version or None,
        )


def _told_by_agent(event: Event, told: RecordingRequested) -> Iterator[ConsentRecord]:
    if told.informed is None and told.accepted is None:
        return
    answer = Answer.NONE
    if told.accepted is not None:
        answer = Answer.YES if is_true(told.accepted) else Answer.NO
    yield ConsentRecord(
        purpose=Purpose.RECORDING, answer=answer, how=How.AGENT, at=event.at
    )


def is_recording_refused(events: Iterable[Event]) -> bool:
    return any(_refuses_recording(event) for event in events)


def is_recording_accepted(
    events: Iterable[Event], *, by: datetime | None = None
) -> bool:
    """Whether a yes was said, no later than ``by``, and never a no."""
    known = list(events)
    accepted = any(
        _accepts_recording(event) for event in known if by is None or event.at <= by
    )
    return accepted and not is_recording_refused(known)


def is_storage_refused(events: Iterable[Event]) -> bool:
    return any(
        event.type == "chat.storage_refused" or _refuses(event, Purpose.STORAGE)
        for event in events
    )


def _refuses_recording(event: Event) -> bool:
    if _refuses(event, Purpose.RECORDING):
        return True
    if isinstance(event.data, RecordingRequested):
        return str(event.data.accepted).lower() == "false"
    return any(map(denies_recording, _variables(event)))


def _accepts_recording(event: Event) -> bool:
    yes = Answer.YES, Purpose.RECORDING
    return any((one.answer, one.purpose) == yes for one in consents_in(event))


def _refuses(event: Event, purpose: Purpose) -> bool:
    if event.type != "consent.refused" or not isinstance(event.data, Consent):
        return False
    return purpose in purposes_in(event.data.purpose)


def _variables(event: Event) -> Iterator[Mapping[str, object]]:
    if isinstance(event.data, VariableSet):
        # A masked value cannot be read any more, so it must be taken for a refusal.
        masked = is_true(event.data.mask)
        yield {event.data.name: True if masked else event.data.value}
    if isinstance(event.data, SessionStarted):
        yield event.data.variables or {}
