"""What the person said to being recorded or stored, read off the events.

A refusal stands once given, whoever speaks later and whatever order the events come
in. Only a yes is an acceptance: no answer, a hang-up or an unknown key is none
(laws 1 and 2).
"""

from collections.abc import Iterable, Iterator

from valv.core.events import (
    Consent,
    Event,
    RecordingRequested,
    SessionStarted,
    VariableSet,
)
from valv.core.interaction import is_true

DENY_RECORDING = "deny_recording"


def is_recording_refused(events: Iterable[Event]) -> bool:
    return any(_refuses_recording(event) for event in events)


def is_recording_accepted(events: Iterable[Event]) -> bool:
    """Whether a yes was said, and never a no."""
    known = list(events)
    accepted = any(_accepts_recording(event) for event in known)
    return accepted and not is_recording_refused(known)


def is_storage_refused(events: Iterable[Event]) -> bool:
    return any(
        event.type == "chat.storage_refused"
        or (event.type == "consent.refused" and _is_about(event, "stor"))
        for event in events
    )


def _refuses_recording(event: Event) -> bool:
    if event.type == "consent.refused" and _is_about(event, "record"):
        return True
    if isinstance(event.data, RecordingRequested):
        return str(event.data.accepted).lower() == "false"
    return any(_denies(*variable) for variable in _variables(event))


def _accepts_recording(event: Event) -> bool:
    if isinstance(event.data, RecordingRequested):
        return is_true(event.data.accepted)
    return event.type == "consent.given" and _is_about(event, "record")


def _is_about(event: Event, word: str) -> bool:
    return isinstance(event.data, Consent) and word in event.data.purpose.lower()


def _variables(event: Event) -> Iterator[tuple[str, object, bool]]:
    if isinstance(event.data, VariableSet):
        yield event.data.name, event.data.value, is_true(event.data.mask)
    if isinstance(event.data, SessionStarted):
        for name, value in (event.data.variables or {}).items():
            yield name, value, False


def _denies(name: str, value: object, masked: bool) -> bool:  # noqa: FBT001 a row
    # A masked value cannot be read any more, so it must be taken for a refusal.
    return name.lower() == DENY_RECORDING and (masked or is_true(value))
