"""Recordings with sound in their pauses: made anew without it, and only then shown.

The sound waits under its own key, shown to nobody. What is made of it is sealed under
another, takes its place in one transaction, and the old key is destroyed before the
answer. A crash on the way leaves it waiting, for the worker to go on with.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from valv.archive import contents
from valv.archive.models import Content, Interaction
from valv.archive.operations import locked
from valv.core.errors import NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import Actor
from valv.intake import pauses
from valv.intake.as_mp3 import Unsealed
from valv.intake.contents import Facts
from valv.intake.pauses import Pause
from valv.intake.recordings import as_mp3
from valv.intake.refusals import Asked, settle
from valv.intake.told import evidence_of
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.models import Tenant

# MP3 begins an eighth of a second late at 8 kHz, and a switchboard may be late as well.
MARGIN = 0.25


def quieten(
    tenant: Tenant, interaction_ids: Iterable[int], *, actor: Actor, now: datetime
) -> None:
    """Silence the pauses of some interactions' recordings; durable at return."""
    for row, lying in _loud(tenant, interaction_ids):
        _make_anew(tenant, row, lying, actor=actor, now=now)


def quieten_left(tenant: Tenant, *, actor: Actor, now: datetime) -> None:
    """As ``quieten``, for whatever a crash left."""
    with scope.reading(tenant.id):
        waiting = _waiting().values_list("interaction_id", flat=True)
        ids = sorted(set(waiting))
    quieten(tenant, ids, actor=actor, now=now)


def _waiting() -> QuerySet[Content]:
    """Recordings of which bytes are held that nobody is shown."""
    return Content.objects.filter(
        provisional=True,
        kind=ContentKind.RECORDING.number,
        state=ContentState.AWAITING.number,
    ).exclude(blob="")


def _loud(
    tenant: Tenant, interaction_ids: Iterable[int]
) -> list[tuple[Content, list[Pause]]]:
    """What waits and has sound in a pause, with all that is to be silent in it."""
    found = []
    with scope.reading(tenant.id):
        rows = list(_waiting().filter(interaction_id__in=list(interaction_ids)))
        known = Interaction.objects.in_bulk({row.interaction_id for row in rows})
        for row in rows:
            evidence = evidence_of(tenant.id, known[row.interaction_id])
            lying = pauses.lie_in(row, evidence)
            if pauses.note(row, evidence):
                found.append((row, pauses.joined([*row.pauses, *lying])))
    return found


def _make_anew(
    tenant: Tenant,
    before: Content,
    silent: list[Pause],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    reader = contents.reader(before)
    if reader is None:
        return
    spans = [(start / 1000 - MARGIN, end / 1000 + MARGIN) for start, end in silent]
    sealing = contents.begin(tenant.id, now=now)
    try:
        sealing, facts = as_mp3(sealing, Unsealed(reader), silent=spans)
        (sealing,) = contents.promise([sealing], now=now)
        with scope.writing(tenant.id):
            row = _as_it_was(before)
            row.pauses = silent
            doomed = _swap(row, sealing, facts, now=now)
            doomed += _settle(tenant, row, actor=actor, now=now)
    except (_Moved, NotFound):
        contents.abandon(sealing)
    except BaseException:
        contents.abandon(sealing)
        raise
    else:
        intents.carry_out(tenant.id, doomed)


class _Moved(Exception):
    """The recording changed while it was made anew."""


def _as_it_was(before: Content) -> Content:
    locked(before.interaction_id)
    row = contents.row_of(before.interaction_id, ContentKind.RECORDING, before.n)
    if row is None or row.id != before.id or not contents.is_secret(row):
        raise _Moved
    return row


def _swap(
    row: Content, sealing: contents.Sealing, facts: Facts, *, now: datetime
) -> list[Intent]:
    """Let what was made take the place of what waits, and wait itself."""
    doomed = contents.doomed([row], now=now)
    row.bytes, row.format = facts.bytes, facts.format
    row.seconds, row.channels = facts.seconds, facts.channels
    contents.admit(row, sealing, provisional=True)
    return doomed


def _settle(
    tenant: Tenant, row: Content, *, actor: Actor, now: datetime
) -> list[Intent]:
    """Show it now, if that was all it waited for."""
    asked = Asked.of(tenant, actor=actor, now=now)
    interaction = locked(row.interaction_id)
    evidence = evidence_of(tenant.id, interaction)
    doomed = settle(asked, interaction, contents.rows_of([interaction.id]), evidence)
    interaction.save(update_fields=["flags"])
    return doomed
