"""What restricted content may be opened for: the lock of the person's own answers.

Content of an interaction is *restricted* when its source says so, or when the person
refused that it be used again. Whoever opens it states what for, and the table decides
by what the person answered about that purpose:

    stated purpose   yes      no        not answered
    recording        opens    refused   opens
    quality          opens    refused   refused
    training         opens    refused   refused
    legal            opens    opens     opens
    any other        refused  refused   refused

*Recording* is what it was recorded for: what the person got in touch about. *Legal* is
a duty or a claim, which hangs on nobody's consent. Each is named in the audit log.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from valv.core.answers import Answer, Purpose
from valv.core.errors import Refused

Given = tuple[Purpose, Answer]


class Use(StrEnum):
    """What someone says they open content for."""

    RECORDING = "recording"
    QUALITY = "quality"
    TRAINING = "training"
    LEGAL = "legal"
    OTHER = "other"


YES, NO, NONE = Answer.YES, Answer.NO, Answer.NONE
OPENS: Final[Mapping[Use, frozenset[Answer]]] = {
    Use.RECORDING: frozenset({YES, NONE}),
    Use.QUALITY: frozenset({YES}),
    Use.TRAINING: frozenset({YES}),
    Use.LEGAL: frozenset(Answer),
    Use.OTHER: frozenset(),
}


def use_from(word: str | None) -> Use | None:
    """A purpose as it is stated; None if none is."""
    if not word or not word.strip():
        return None
    said = word.strip().lower()
    return Use(said) if said in set(Use) else Use.OTHER


def uses_open(answers: Iterable[Given]) -> tuple[Use, ...]:
    """What restricted content may be opened for, going by all that was answered."""
    known = list(answers)
    return tuple(use for use in Use if _answer_to(use, known) in OPENS[use])


def _answer_to(use: Use, answers: Iterable[Given]) -> Answer:
    """A no stands, whatever else was said; silence is neither."""
    said = {answer for purpose, answer in answers if purpose.value == use.value}
    return NO if NO in said else YES if YES in said else NONE


def check_use(use: Use | None, answers: Iterable[Given]) -> None:
    """Raises Refused: ``purpose_required``, or ``purpose_refused`` by the table."""
    if use is None:
        raise Refused(
            "purpose_required", "This is restricted: state what it is opened for."
        )
    if use not in uses_open(answers):
        raise Refused(
            "purpose_refused", "The person did not agree to its use for this purpose."
        )
