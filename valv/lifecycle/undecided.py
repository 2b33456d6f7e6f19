"""Content that nobody decided about: destroyed when a day has passed.

What came by itself counts from when its bytes came. A chat that is told message by
message counts from when anything was last told of it, for it may go on for days. What
is decided, and only not put together yet, is not looked at; nor does a hold protect
what was never to be shown to anybody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from valv.archive import contents
from valv.archive.models import Content, Interaction
from valv.archive.operations import locked
from valv.core.errors import NotFound, Refused
from valv.core.ids import clamped_id_at
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import SYSTEM, Actor
from valv.intake.refusals import Asked, bury, ruling_on
from valv.intake.told import evidence_of
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.models import Tenant

AFTER = timedelta(hours=24)
NO_DECISION = Refused("no_decision", "For a day nobody decided that it may be kept.")
BATCH = 100
LOG = ContentKind.CHAT_LOG.number


def destroy_undecided(tenant: Tenant, *, now: datetime, actor: Actor = SYSTEM) -> int:
    """Destroy what has waited for too long; answers how much of it there was.

    Tombstone, entry and intent commit together, one interaction at a time; a crash
    anywhere leaves intents that are finished at the next start.
    """
    count = 0
    for interaction_id in list(_waiting(tenant, before=now - AFTER)):
        doomed = _destroy(tenant, interaction_id, actor=actor, now=now)
        intents.carry_out(tenant.id, doomed)
        count += len(doomed)
    return count


def _waiting(tenant: Tenant, *, before: datetime) -> Iterator[int]:
    last = -1
    while True:
        with scope.reading(tenant.id):
            due = _overdue(before).filter(interaction_id__gt=last)
            found = due.order_by("interaction_id").values_list("interaction_id")
            ids = sorted({id_ for (id_,) in found[:BATCH]})
        yield from ids
        if not ids:
            return
        last = ids[-1]


def _overdue(before: datetime) -> QuerySet[Content]:
    """Content that waits, and came before a moment."""
    return Content.objects.filter(
        id__lt=clamped_id_at(before),
        provisional=True,
        state=ContentState.AWAITING.number,
    )


def _destroy(
    tenant: Tenant, interaction_id: int, *, actor: Actor, now: datetime
) -> list[Intent]:
    doomed: list[Intent] = []
    try:
        with scope.writing(tenant.id):
            row = locked(interaction_id)
            asked = Asked.of(tenant, actor=actor, now=now)
            for content in _overdue(now - AFTER).filter(interaction_id=interaction_id):
                if _is_undecided(asked, row, content):
                    doomed += bury(asked, interaction_id, content, NO_DECISION)
    except NotFound:
        return []
    return doomed


def _is_undecided(asked: Asked, row: Interaction, content: Content) -> bool:
    """Whether it waits for an answer, and not for something that Valv has to do."""
    if content.kind == LOG and not _is_silent(row, now=asked.now):
        return False
    if not contents.has_bytes(content):
        return True
    held, evidence = contents.rows_of([row.id]), evidence_of(asked.tenant.id, row)
    try:
        return ruling_on(asked, row, content, held, evidence).waits
    except Refused:
        return True


def _is_silent(row: Interaction, *, now: datetime) -> bool:
    """Whether nothing was told of a chat for a day, nor that it ended."""
    silent: bool = row.ended_at is None and row.updated_at < now - AFTER
    return silent
