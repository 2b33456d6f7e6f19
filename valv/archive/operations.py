"""Deleting content. General information never changes by it (law 5)."""

from datetime import datetime
from typing import Protocol

from django.db import connection
from django.db.models import F

from valv.archive import contents
from valv.archive.flags import FLAG_OF_KIND
from valv.archive.mentions import stated_reason
from valv.archive.minimum import Minimum
from valv.archive.models import Content, Interaction
from valv.archive.reach import narrowed
from valv.archive.sights import name_of
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.core.reach import EVERYWHERE, Reach
from valv.core.reasons import Needs
from valv.core.verdict import (
    Verdict,
    raise_if_held,
    raise_if_obliged,
    when_asked,
)
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.access import Caller

ALL_FLAGS = 0x7FFF


def delete_content(
    caller: Caller,
    interaction_id: int,
    kind: ContentKind,
    n: int,
    *,
    reason: str,
    now: datetime,
) -> bool:
    """Delete one recording, chat log or transcript; a recording takes its transcript.

    Tombstone, entry and intent commit together; key and bytes go after the commit, and
    after a crash at the next start. Answers whether they are gone for good already.
    Raises NotFound for what never was there, Gone for what went before, Refused
    (``hold``) under a hold and (``minimum_period``) within one, ReasonRequired where
    the tenant wants to know why, and Malformed for a reason that cannot be kept.
    """
    caller.require(Right.DELETE)
    reason = stated_reason(caller.tenant, Needs.DELETE, reason, now=now)
    with scope.writing(caller.tenant.id):
        interaction = locked(interaction_id, reach=caller.reach)
        row = contents.row_of(interaction_id, kind, n)
        contents.raise_if_removed(row)
        if row is None:
            raise NotFound
        raise_if_held(on_hold=interaction.held)
        minimum = Minimum.of(caller.tenant, now=now)
        raise_if_obliged(minimum.of_content(interaction, [kind]))
        doomed = [
            intent
            for one in [row, *_hanging_on(row)]
            for intent in _buried(one, caller, reason=reason, now=now)
        ]
    return intents.carry_out(caller.tenant.id, doomed)


class Holdable(Protocol):
    """What is known of an interaction whose row is locked, or part of it."""

    @property
    def held(self) -> bool: ...


def may_go(interaction: Interaction | Holdable) -> bool:
    """Whether what somebody wants gone of an interaction may go, by the one verdict."""
    return when_asked(on_hold=bool(interaction.held)) is Verdict.DUE


def locked(interaction_id: int, *, reach: Reach = EVERYWHERE) -> Interaction:
    """The interaction, nobody else's to change until the ``writing`` scope ends.

    Raises NotFound.
    """
    found = narrowed(Interaction.objects.filter(id=interaction_id), reach)
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    interaction: Interaction | None = found.first()
    if interaction is None:
        raise NotFound
    return interaction


def _hanging_on(row: Content) -> list[Content]:
    """The transcript of a recording: it never outlives what it is of (law 6)."""
    if row.kind != ContentKind.RECORDING.number:
        return []
    written = contents.row_of(row.interaction_id, ContentKind.TRANSCRIPT, row.n)
    removed = {state.number for state in contents.REMOVED}
    return [] if written is None or written.state in removed else [written]


def _buried(
    row: Content, caller: Caller, *, reason: str, now: datetime
) -> list[Intent]:
    kind = ContentKind.numbered(row.kind)
    by = caller.actor
    doomed = contents.bury(
        row, ContentState.DELETED, by=by.name, reason=reason, now=now
    )
    _lower_flag(row.interaction_id, kind)
    act = Act(
        Action.DELETE, row.interaction_id, content=name_of(kind, row.n), reason=reason
    )
    record(act, actor=by, now=now)
    return doomed


def _lower_flag(interaction_id: int, kind: ContentKind) -> None:
    """Take back the flag when nothing of the kind is left."""
    left = Content.objects.filter(
        interaction_id=interaction_id,
        kind=kind.number,
        state=ContentState.PRESENT.number,
    )
    if not left.exists():
        keep = ~int(FLAG_OF_KIND[kind]) & ALL_FLAGS
        Interaction.objects.filter(id=interaction_id).update(
            flags=F("flags").bitand(keep)
        )
