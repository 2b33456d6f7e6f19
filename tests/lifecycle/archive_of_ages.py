"""An archive of interactions of many ages, and what is left of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from tests.held import AUDIO, lay_chat_log, lay_content, lay_interaction
from valv.archive.models import Content, Identifier, Interaction
from valv.core.interaction import ContentKind, ContentState, Media
from valv.storage import blobstore, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent, SealingKey
from valv.tenants.models import Tenant

AGES = (0, 1, 13, 14, 15, 29, 30, 31, 100, 179, 180, 181, 200)
SHORT = AUDIO[:2000]


@dataclass(frozen=True)
class Left:
    """Ages of what is still there, and what lies beside the rows."""

    general: list[int]
    recordings: list[int]
    chat_logs: list[int]
    keys: int
    blobs: int
    intents: int


def lay_ages(tenant: Tenant, now: datetime, ages: tuple[int, ...] = AGES) -> None:
    """One call with a recording and one chat with a log for each age in days."""
    for age in ages:
        for media in (Media.PHONE, Media.CHAT):
            _lay(tenant, media, now - timedelta(days=age))


def _lay(tenant: Tenant, media: Media, at: datetime) -> None:
    name = f"{media.value} {at:%Y%m%d}"
    one = lay_interaction(
        tenant, session=uuid4().hex, media=media, started_at=at, name=name
    )
    if media is Media.PHONE:
        lay_content(tenant, one, kind=ContentKind.RECORDING, body=SHORT)
    else:
        lay_chat_log(tenant, one)
    with scope.writing(tenant.id):
        Content.objects.filter(interaction_id=one).update(aged_from=at)


def left(tenant: Tenant, now: datetime) -> Left:
    """What an archive still holds: rows by age, living keys, blobs, intents."""
    with scope.reading(tenant.id):
        rows = list(Interaction.objects.all())
        present = list(Content.objects.filter(state=ContentState.PRESENT.number))
        intents = Intent.objects.count()
        assert Identifier.objects.count() == len(rows)
    return Left(
        general=_ages([row.started_at for row in rows], now),
        recordings=_ages(_of(present, ContentKind.RECORDING), now),
        chat_logs=_ages(_of(present, ContentKind.CHAT_LOG), now),
        keys=SealingKey.objects.filter(
            tenant_id=tenant.id, kind__in=[KeyKind.CONTENT, KeyKind.IDENTIFIER]
        ).count(),
        blobs=len(list(blobstore.store().list(str(tenant.id)))),
        intents=intents,
    )


def _of(rows: list[Content], kind: ContentKind) -> list[datetime]:
    return [row.aged_from for row in rows if row.kind == kind.number]


def _ages(moments: list[datetime], now: datetime) -> list[int]:
    return sorted((now - moment).days for moment in moments)


def opens_nothing(tenant: Tenant, kind: KeyKind, object_ids: list[int]) -> bool:
    return not keys.read(tenant.id, kind, object_ids)
