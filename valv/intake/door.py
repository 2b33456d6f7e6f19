"""The door for what is sent about one interaction: read, or refused and nothing kept.

The body of an e-mail or e-task is refused by name (law 4), whether the medium is said
here or was said before; the refusal is recorded, without what was refused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from valv.archive import sessions
from valv.archive.models import Interaction
from valv.core.email_bodies import refuse_body
from valv.core.errors import BadRequest, Malformed, Refused
from valv.core.interaction import General, Media, decoded
from valv.core.moments import format_moment
from valv.core.people import Actor
from valv.intake import registration
from valv.intake.bodies import ruling_medium
from valv.intake.refusals import note
from valv.intake.stated import NOTHING, Bits, Stated
from valv.storage import scope
from valv.tenants.models import Tenant

NUL = b"\\u0000"
# Every interaction has these; the others may be cleared.
NEVER_CLEARED = ("started_at", "media")


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises BadRequest for what is no JSON, Malformed for all else."""
    try:
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(payload, dict):
        raise Malformed("The body is not a JSON object.")
    if NUL in body:
        raise Malformed("There is a NUL character in it.")
    return payload


def read_general(
    tenant: Tenant,
    session_id: str,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[General, Bits]:
    """General information, and what of it the source did not state itself.

    The start need not be stated again for an interaction that is there. Raises
    Malformed, and Refused (``email_body``, ``topic_undefined``).
    """
    for name in NEVER_CLEARED:
        if name in payload and payload[name] is None:
            raise Malformed("It cannot be cleared; leave it out.", field=name)
    known = _known(tenant, session_id)
    _refuse_body(tenant, known, payload, actor=actor, now=now)
    whole, unstated = dict(payload), NOTHING
    if "started_at" not in payload and known is not None:
        whole["started_at"] = format_moment(known.started_at)
        unstated = Stated.STARTED_AT
    general = decoded(whole, General)
    if general.registration:
        place = None if known is None else known.id
        registration.check(tenant, general.registration, place, actor=actor, now=now)
    return general, unstated


def _known(tenant: Tenant, session_id: str) -> Interaction | None:
    stored = sessions.stored_session_id(tenant, session_id)
    with scope.reading(tenant.id):
        bound = sessions.interactions_of([stored])
        return Interaction.objects.filter(id__in=bound.values()).first()


def _refuse_body(
    tenant: Tenant,
    known: Interaction | None,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    said = {media.value: media for media in Media}.get(str(payload.get("media")))
    before = ruling_medium(known) if known is not None else None
    try:
        for media in (said, before):
            refuse_body(payload, media=media)
    except Refused as refusal:
        with scope.writing(tenant.id):
            place = None if known is None else known.id
            note(place, refusal, actor=actor, now=now)
        raise
