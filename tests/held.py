"""Interactions and sealed content laid by hand, for tests of what reads them."""

import json
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from tests.cast import NOW
from valv.archive import contents, identifiers, vocabulary
from valv.archive.flags import FLAG_OF_KIND
from valv.archive.identifiers import Wanted
from valv.archive.models import Content, Interaction, Session
from valv.core.identifiers import Kind
from valv.core.ids import mint, month_of
from valv.core.interaction import ContentKind, ContentState, Media
from valv.storage import months, scope
from valv.tenants.models import Tenant

_noise = count(1)
AUDIO = bytes(range(256)) * 800  # 200 KiB: four sealed frames
LOG = {
    "messages": [
        {"at": "2026-11-23T12:00:00Z", "from": "customer", "text": "Hej <du> & jag"},
        {"at": "2026-11-23T12:00:05Z", "from": "agent", "text": "God dag"},
    ]
}


def lay_interaction(
    tenant: Tenant,
    *,
    session: str = "S1",
    media: Media = Media.PHONE,
    started_at: datetime = NOW - timedelta(hours=1),
    name: str | None = None,
    agent: str | None = None,
    **fields: Any,
) -> int:
    """An interaction, with its session; answers its id."""
    interaction_id = mint(started_at, noise=next(_noise))
    year, month = month_of(interaction_id)
    months.ensure([date(year, month, 1)])
    with scope.writing(tenant.id):
        if name is not None:
            fields["name_id"] = _name(tenant, name, interaction_id)
        if agent is not None:
            fields["agent_ids"] = list(vocabulary.agent_ids({agent: agent}).values())
        Interaction.objects.create(
            id=interaction_id,
            session_id=session,
            media=media.number,
            started_at=started_at,
            ended_at=started_at,
            aged_from=started_at,
            updated_at=started_at,
            **fields,
        )
        Session.objects.create(session_id=session, interaction_id=interaction_id)
    return interaction_id


def _name(tenant: Tenant, name: str, owner_id: int) -> int:
    wanted = Wanted(Kind.NAME, name.lower(), name, "typed", owner_id)
    return identifiers.resolve(tenant, [wanted], now=NOW)[wanted]


def lay_content(
    tenant: Tenant,
    interaction_id: int,
    *,
    kind: ContentKind = ContentKind.RECORDING,
    n: int = 1,
    body: bytes = AUDIO,
    form: str = "mp3",
    provisional: bool = False,
) -> int:
    """Present content, sealed; answers its id."""
    sealing = contents.store(contents.begin(tenant.id, now=NOW), kind, [body])
    (sealing,) = contents.promise([sealing], now=NOW)
    with scope.writing(tenant.id):
        row = Content(
            interaction_id=interaction_id,
            kind=kind.number,
            n=n,
            state=ContentState.AWAITING.number,
            aged_from=NOW,
            format=form,
            bytes=len(body),
        )
        contents.admit(row, sealing, provisional=provisional)
        if not provisional:
            interaction = Interaction.objects.get(id=interaction_id)
            interaction.flags |= int(FLAG_OF_KIND[kind])
            interaction.save()
    return sealing.id


def lay_chat_log(tenant: Tenant, interaction_id: int) -> int:
    body = json.dumps(LOG).encode()
    kind = ContentKind.CHAT_LOG
    return lay_content(tenant, interaction_id, kind=kind, body=body, form="json")


def lay_transcript(tenant: Tenant, interaction_id: int, *, n: int = 1) -> int:
    said = [{"sender": "customer", "text": "Hej", "seconds": 61.5}]
    body = json.dumps({"n": n, "utterances": said}).encode()
    kind = ContentKind.TRANSCRIPT
    return lay_content(tenant, interaction_id, kind=kind, n=n, body=body, form="json")
