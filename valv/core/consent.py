"""What the person said to being recorded or stored.

A refusal stands once given, whoever speaks later and whatever order the events come
in. Only a yes is an acceptance: no answer, a hang-up or an unknown key is none
(laws 1 and 2). ``denies_recording`` is the one place that reads the variable
``deny_recording``, however its source spells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from valv.core.events import (
    Consent,
    Event,
    RecordingRequested,
    SessionStarted,
    VariableSet,
)
from valv.core.interaction import as_text, is_true

DENY_RECORDING = "deny_recording"
DENIALS = frozenset({"true", "1", "yes"})


def denies_recording(variables: Mapping[str, object]) -> bool:
    """Whether the caller refused to be recorded, by variables or other named values."""
    return any(_denies(name, value) for name, value in variables.items())


def _denies(name: str, value: object) -> bool:
    if name.strip().lower() != DENY_RECORDING:
        return False
    return not isinstance(value, dict | list | tuple) and _says_yes(value)


def _says_yes(value: object) -> bool:
    return (as_text(value) or "").strip().lower() in DENIALS


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
        event.type == "chat.storage_refused"
        or (event.type == "consent.refused" and _is_about(event, "stor"))
        for event in events
    )


def _refuses_recording(event: Event) -> bool:
    if event.type == "consent.refused" and _is_about(event, "record"):
        return True
    if isinstance(event.data, RecordingRequested):
        return str(event.data.accepted).lower() == "false"
    return any(map(denies_recording, _variables(event)))


def _accepts_recording(event: Event) -> bool:
    if isinstance(event.data, RecordingRequested):
        return is_true(event.data.accepted)
    return event.type == "consent.given" and _is_about(event, "record")


def _is_about(event: Event, word: str) -> bool:
    return isinstance(event.data, Consent) and word in event.data.purpose.lower()


def _variables(event: Event) -> Iterator[Mapping[str, object]]:
    if isinstance(event.data, VariableSet):
        # A masked value cannot be read any more, so it must be taken for a refusal.
        masked = is_true(event.data.mask)
        yield {event.data.name: True if masked else event.data.value}
    if isinstance(event.data, SessionStarted):
        yield event.data.variables or {}
