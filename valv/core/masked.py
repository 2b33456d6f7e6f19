"""The values of an intake with what is to be masked taken out of them.

Whoever takes one in goes by here before anything else looks at it; events are masked
as they are read. Masked are texts that people write: subjects, comments, messages, what
was said, names, variables and URLs. What a source tells things apart by stays as it is:
session ids, identifiers to search by, and the names of queues, topics and agents.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar
from urllib.parse import unquote_plus

from msgspec import UNSET
from msgspec.structs import replace

from valv.core.interaction import (
    ChatLog,
    General,
    Message,
    Party,
    SurveyAnswer,
    Transcript,
    Utterance,
)
from valv.core.masking import Masking

Said = TypeVar("Said", Message, Utterance)


def masked_general(general: General, masking: Masking) -> General:
    changed: dict[str, object] = {}
    if general.subject:
        changed["subject"] = masking.line(general.subject)
    if general.url:
        changed["url"] = masked_url(general.url, masking)
    if general.variables:
        changed["variables"] = masking.values(general.variables)
    if general.identifiers:
        changed["identifiers"] = masked_party(general.identifiers, masking)
    if general.others:
        changed["others"] = tuple(masked_party(one, masking) for one in general.others)
    return replace(general, **changed) if changed else general


def masked_party(party: Party, masking: Masking) -> Party:
    """Numbers, addresses and handles are searched by; a name is what someone wrote."""
    if party.name is UNSET or not party.name:
        return party
    return replace(party, name=masking.line(party.name))


def masked_url(url: str, masking: Masking) -> str:
    """A link that carries a secret leads nowhere any more; that is the lesser loss.

    What is hidden in percent signs is found too, and the URL is then kept without them.
    """
    url = masking.line(url)
    plain = unquote_plus(url)
    return masking.line(plain) if masking.spans(plain) else url


def masked_answer(answer: SurveyAnswer, masking: Masking) -> SurveyAnswer:
    if not answer.comment:
        return answer
    return replace(answer, comment=masking.line(answer.comment))


def masked_log(log: ChatLog, masking: Masking) -> ChatLog:
    """What was said, and by what name, for the visitor's is kept."""
    named = (
        replace(one, name=masking.line(one.name)) if one.name else one
        for one in log.messages
    )
    return ChatLog(_masked_row(tuple(named), masking))


def masked_transcript(written: Transcript, masking: Masking) -> Transcript:
    return replace(written, utterances=_masked_row(written.utterances, masking))


def _masked_row(row: Sequence[Said], masking: Masking) -> tuple[Said, ...]:
    """What one speaker says without a break is looked at as one."""
    masked: list[Said] = []
    for _, same in groupby(row, key=lambda one: one.sender):
        said = list(same)
        texts = masking.texts([one.text for one in said])
        masked += (
            one if one.text == text else replace(one, text=text)
            for one, text in zip(said, texts, strict=True)
        )
    return tuple(masked)
