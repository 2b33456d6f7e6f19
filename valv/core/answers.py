"""What a person was asked to accept, and what they answered: consent as evidence.

Sources write in their own words; here they become a few of ours, which name nobody, and
of a key that was pressed only that one was. Asked and not answered is not accepted.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from valv.core.numbered import Numbered


class Purpose(Numbered):
    """What a person is asked to accept; ``other`` is what a source calls otherwise."""

    RECORDING = "recording"
    STORAGE = "storage"
    QUALITY = "quality"
    TRAINING = "training"
    OTHER = "other"


class Answer(Numbered):
    """What was answered. No answer, a hang-up or an unknown key is ``none``."""

    YES = "yes"
    NO = "no"
    NONE = "none"


class How(Numbered):
    """How it was answered; ``none`` if it was not."""

    KEY = "key"
    SPOKEN = "spoken"
    WEB = "web"
    WRITTEN = "written"
    AGENT = "agent"
    NONE = "none"
    UNKNOWN = "unknown"


class ConsentRecord(Struct, frozen=True, kw_only=True):
    """One answer. The ``question`` and its ``version`` are in the source's words."""

    purpose: Purpose
    answer: Answer
    how: How
    at: Annotated[datetime, Meta(tz=True)]
    question: Annotated[str, Meta(max_length=2_000)] | None = None
    version: Annotated[str, Meta(max_length=200)] | None = None


# Refused recording or storage leaves nothing to use again: laws 1 and 2.
OF_REUSE: Final = frozenset({Purpose.QUALITY, Purpose.TRAINING, Purpose.OTHER})
STEMS: Final[Mapping[str, Purpose]] = {
    "record": Purpose.RECORDING,
    "inspel": Purpose.RECORDING,
    "stor": Purpose.STORAGE,
    "lagr": Purpose.STORAGE,
    "qual": Purpose.QUALITY,
    "kval": Purpose.QUALITY,
    "train": Purpose.TRAINING,
    "utbild": Purpose.TRAINING,
}
# The first that fits: an unknown key is no answer, though a key.
HOWS: Final[Mapping[How, str]] = {
    How.NONE: r"none|no.?(answer|reply|input|match)|time.?out|hang|silen|invalid"
    r"|unknown.|inget|uteb|okän",
    How.KEY: r"key|dtmf|press|digit|touch|tone|knapp|tryck|siffr|[0-9*#]",
    How.SPOKEN: r"spoke|speech|voice|verbal|oral|said|say|munt|tal",
    How.WEB: r"web|click|check|box|form|online|chat|klick|kryss",
    How.WRITTEN: r"writ|sign|mail|paper|sms|skrift",
    How.AGENT: r"agent",
}
SET_RESTRICTED: Final = "set_restricted"
_YES = frozenset({"true", "1", "yes"})


def purposes_in(words: str) -> frozenset[Purpose]:
    """The purposes that a source's words name: one, several, or ``other``."""
    said = words.lower()
    found = frozenset(purpose for stem, purpose in STEMS.items() if stem in said)
    return found or frozenset({Purpose.OTHER})


def how_from(words: object) -> How:
    """How it was answered, by a source's words; ours come to the same again."""
    said = "" if words is None else str(words).lower()
    found = (how for how, form in HOWS.items() if re.search(form, said))
    return next(found, How.UNKNOWN)


def is_set(value: object) -> bool:
    """Whether a variable says yes: ``true``, ``1`` or ``yes``, in any case."""
    return value == 1 or str(value).strip().lower() in _YES


def restricts(variables: Mapping[str, object]) -> bool:
    """Whether one of these variables marks its interaction as restricted."""
    return any(
        name.strip().lower() == SET_RESTRICTED and is_set(value)
        for name, value in variables.items()
    )


def is_reuse_refused(answers: Iterable[ConsentRecord]) -> bool:
    """Whether they were asked for a use beyond their own matter, and did not agree."""
    return any(
        one.answer is not Answer.YES and one.purpose in OF_REUSE for one in answers
    )
