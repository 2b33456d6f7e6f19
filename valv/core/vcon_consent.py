"""What a vCon tells of consent: grants as evidence, refusals, and restriction.

It stands in attachments of several drafts (``lawful_basis`` with ``purpose_grants``,
``consent`` with ``consents``), in tags, or as a plain field. What cannot be understood
is passed over, and what was not clearly granted counts as not answered.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from valv.core import consent
from valv.core.answers import (
    Answer,
    ConsentRecord,
    How,
    Purpose,
    how_from,
    is_reuse_refused,
    purposes_in,
    restricts,
)
from valv.core.errors import Malformed
from valv.core.ids import first_id_at
from valv.core.moments import parse_moment
from valv.core.vcon_fields import Object, body_value, purpose, text, under

ATTACHMENTS = frozenset({
    "lawful_basis", "lawful-basis", "lawful_purpose", "consent", "vcon-consent",
})  # fmt: skip
GRANTS = ("purpose_grants", "consents")
PROOFS = ("proof_mechanisms", "proof")
ANSWERS = {
    "true": Answer.YES, "granted": Answer.YES, "given": Answer.YES,
    "accepted": Answer.YES, "active": Answer.YES, "yes": Answer.YES,
    "false": Answer.NO, "denied": Answer.NO, "refused": Answer.NO,
    "revoked": Answer.NO, "withdrawn": Answer.NO, "rejected": Answer.NO,
    "no": Answer.NO,
}  # fmt: skip
LONGEST_QUESTION, LONGEST_VERSION = 2_000, 200


def consents_of(
    attachments: Sequence[Object], *, default: datetime
) -> Iterator[ConsentRecord]:
    """The answers, each purpose by itself, in their order."""
    for attachment in attachments:
        if purpose(attachment) in ATTACHMENTS:
            body = body_value(attachment, field="attachments")
            if isinstance(body, dict):
                at = _at(attachment, "start") or default
                yield from _answers(body, default=at)


def _answers(body: Object, *, default: datetime) -> Iterator[ConsentRecord]:
    how = _how(body)
    for grant in (one for name in GRANTS for one in _objects(body, name)):
        asked_for = text(grant, "purpose")
        if asked_for is None:
            continue
        at = _at(grant, "granted_at", "timestamp", "at") or default
        for named in sorted(purposes_in(asked_for)):
            yield ConsentRecord(
                purpose=named,
                answer=_answer(grant),
                how=how if how is not How.UNKNOWN else _how(grant),
                at=at,
                question=_bounded(LONGEST_QUESTION, grant, body, "question", "prompt"),
                version=_bounded(
                    LONGEST_VERSION, grant, body, "version", "terms_of_service"
                ),
            )


def _answer(grant: Object) -> Answer:
    said = grant.get("granted", grant.get("status"))
    return ANSWERS.get(str(said).strip().lower(), Answer.NONE)


def _how(told: Object) -> How:
    proofs = [one for name in PROOFS for one in _objects(told, name)]
    words = (text(p, "proof_type", "type", "method") for p in (*proofs, told))
    return how_from(next(filter(None, words), None))


def _objects(told: Object, name: str) -> list[Object]:
    listed = told.get(name)
    items = listed if isinstance(listed, list) else [listed]
    return [item for item in items if isinstance(item, dict)]


def _at(told: Object, *names: str) -> datetime | None:
    """A time, if it is one: evidence is not lost for a time that cannot be read."""
    for name in names:
        try:
            if told.get(name) is not None:
                at = parse_moment(told[name], assume_utc=True, field=name)
                first_id_at(at)
                return at
        except Malformed:
            continue
    return None


def _bounded(most: int, grant: Object, body: Object, *names: str) -> str | None:
    found = text(grant, *names) or text(body, *names)
    return None if found is None else found.replace("\0", "")[:most] or None


def refuses(consents: Sequence[ConsentRecord], named: Purpose) -> bool:
    return any(one.answer is Answer.NO and one.purpose is named for one in consents)


def denies_recording(
    vcon: Object, dialogs: Sequence[Object], attachments: Sequence[Object]
) -> bool:
    """Whether ``deny_recording`` stands anywhere in it."""
    flags = _flags(vcon, dialogs, attachments)
    return any(consent.denies_recording({name: value}) for name, value in flags)


def is_restricted(
    vcon: Object,
    dialogs: Sequence[Object],
    attachments: Sequence[Object],
    consents: Sequence[ConsentRecord],
) -> bool:
    """Whether ``SET_RESTRICTED`` stands in it, or its re-use was not agreed to."""
    flags = _flags(vcon, dialogs, attachments)
    return is_reuse_refused(consents) or any(restricts({k: v}) for k, v in flags)


def _flags(
    vcon: Object, dialogs: Sequence[Object], attachments: Sequence[Object]
) -> Iterator[tuple[str, Any]]:
    """Fields of the vCon and its dialogs, of their ``meta``, and tags."""
    for place in (vcon, *dialogs):
        yield from place.items()
        yield from under(place, "meta").items()
    for attachment in attachments:
        if purpose(attachment) == "tags":
            yield from _tags(body_value(attachment, field="attachments"))


def _tags(body: object) -> Iterator[tuple[str, Any]]:
    """``["name:value", …]`` as older writers have it, or an object."""
    if isinstance(body, dict):
        yield from body.items()
    for tag in body if isinstance(body, list) else ():
        name, _, value = str(tag).partition(":")
        yield name.strip(), value.strip()
