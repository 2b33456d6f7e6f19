"""Removing what is past its time, one small batch at a time.

Each batch is one transaction: rows go, tombstones and the audit entry stand, and the
destruction of keys and bytes is intended; it is carried out after the commit. A crash
anywhere leaves either an untouched batch or intents that the next run finishes.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from valv.archive import contents
from valv.archive.flags import FLAG_OF_KIND, Flag
from valv.archive.models import (
    ChatPart,
    Content,
    Interaction,
    OtherParty,
    Participation,
    RawEvent,
    Registration,
    Session,
    Stray,
    Survey,
)
from valv.audit.actions import Action
from valv.audit.operations import Act, drop_entries_of, record
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import Actor
from valv.lifecycle.orphans import identifiers_of, remove_unused
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant

BATCH = 500
ALL_BITS = 0x7FFF
CLASS_OF_KIND = {
    ContentKind.RECORDING: "recordings",
    ContentKind.CHAT_LOG: "chat_logs",
    ContentKind.TRANSCRIPT: "transcripts",
}
CHILDREN: tuple[Any, ...] = (
    Content,
    ChatPart,
    Survey,
    Registration,
    RawEvent,
    Participation,
    OtherParty,
    Stray,
)

Counts = Counter[str]
Note = Callable[[Counts], None]


@dataclass(frozen=True, slots=True)
class Night:
    """Whose data, by whom and when; ``note`` stores a batch's counts with it."""

    tenant: Tenant
    actor: Actor
    now: datetime
    note: Note


def general_due(before: datetime) -> QuerySet[Interaction]:
    """Interactions that ended before the moment, oldest first, held ones too.

    Nothing ends before it starts, so the index on the start bounds the search.
    """
    return Interaction.objects.filter(
        started_at__lt=before, aged_from__lt=before
    ).order_by("started_at", "id")


def contents_due(kind: ContentKind, before: datetime) -> QuerySet[Content]:
    return Content.objects.filter(
        kind=kind.number, state=ContentState.PRESENT.number, aged_from__lt=before
    ).order_by("aged_from", "interaction_id", "n")


def purge_general(night: Night, before: datetime) -> None:
    """Remove whole interactions with all that hangs on them."""
    _in_batches(night, lambda: _general_batch(night, before))


def _general_batch(night: Night, before: datetime) -> list[Intent] | None:
    due = list(general_due(before).filter(held=False)[:BATCH])
    if not due:
        return None
    ids = [interaction.id for interaction in due]
    rows = contents.rows_of(ids)
    counts = _counts_of(ids, rows)
    touched = identifiers_of(due)
    doomed = [
        contents.intent_of(row, now=night.now) for row in rows if row.id is not None
    ]
    doomed += [intents.intend(KeyKind.TEXT, id_, now=night.now) for id_ in ids]
    _drop_rows(due, ids, counts)
    unused = remove_unused(touched)
    counts["identifiers"] = len(unused)
    doomed += [intents.intend(KeyKind.IDENTIFIER, id_, now=night.now) for id_ in unused]
    _finish(night, counts)
    return intents.commit(doomed)


def _counts_of(ids: list[int], rows: Iterable[Content]) -> Counts:
    counts: Counts = Counter(general=len(ids))
    for row in rows:
        if row.state == ContentState.PRESENT.number:
            counts[CLASS_OF_KIND[ContentKind.numbered(row.kind)]] += 1
    counts["surveys"] = Survey.objects.filter(interaction_id__in=ids).count()
    counts["raw_events"] = RawEvent.objects.filter(interaction_id__in=ids).count()
    return counts


def _drop_rows(due: list[Interaction], ids: list[int], counts: Counts) -> None:
    for child in CHILDREN:
        child.objects.filter(interaction_id__in=ids).delete()
    Session.objects.filter(session_id__in=[one.session_id for one in due]).delete()
    counts["audit_entries"] = drop_entries_of(ids)
    Interaction.objects.filter(id__in=ids).delete()


def purge_contents(night: Night, kind: ContentKind, before: datetime) -> None:
    """Remove content past its own time; its row stays as a tombstone."""
    _in_batches(night, lambda: _contents_batch(night, kind, before))


def _contents_batch(
    night: Night, kind: ContentKind, before: datetime
) -> list[Intent] | None:
    due = contents_due(kind, before).exclude(interaction_id__in=held_ids())
    ids = set(due.values_list("interaction_id", flat=True)[:BATCH])
    if not ids:
        return None
    count, doomed = contents.bury_all(
        kind,
        ids,
        ContentState.EXPIRED,
        by=night.actor.name,
        reason="storage time",
        now=night.now,
    )
    clear_flags(ids, kind)
    _finish(night, Counter({CLASS_OF_KIND[kind]: count}))
    return doomed


def held_ids() -> QuerySet[Interaction, int]:
    return Interaction.objects.filter(held=True).values_list("id", flat=True)


def clear_flags(interaction_ids: Iterable[int], kind: ContentKind) -> None:
    """Take back the flag of interactions that have no such content any more."""
    ids = set(interaction_ids)
    left = Content.objects.filter(
        interaction_id__in=ids, kind=kind.number, state=ContentState.PRESENT.number
    ).values_list("interaction_id", flat=True)
    _clear(ids - set(left), FLAG_OF_KIND[kind])


def _clear(interaction_ids: Iterable[int], flag: Flag) -> None:
    Interaction.objects.filter(id__in=list(interaction_ids)).update(
        flags=F("flags").bitand(~int(flag) & ALL_BITS)
    )


def purge_raw_events(night: Night, before: datetime) -> None:
    """Remove raw events past their own time; the interaction stays as it is."""
    _in_batches(night, lambda: _children_batch(night, RawEvent, "raw_events", before))


def purge_surveys(night: Night, before: datetime) -> None:
    """Remove surveys past their own time, score and comment alike."""
    _in_batches(night, lambda: _children_batch(night, Survey, "surveys", before))


def _children_batch(
    night: Night, child: Any, name: str, before: datetime
) -> list[Intent] | None:
    due = child.objects.filter(aged_from__lt=before).exclude(
        interaction_id__in=held_ids()
    )
    ids = list(
        due.order_by("aged_from").values_list("interaction_id", flat=True)[:BATCH]
    )
    if not ids:
        return None
    gone, _ = child.objects.filter(interaction_id__in=set(ids)).delete()
    if child is Survey:
        _forget_scores(ids)
    _finish(night, Counter({name: gone}))
    return []


def _forget_scores(ids: list[int]) -> None:
    Interaction.objects.filter(id__in=ids).update(score=None)
    _clear(ids, Flag.SURVEY)


def _finish(night: Night, counts: Counts) -> None:
    night.note(counts)
    details = {name: count for name, count in counts.items() if count}
    record(Act(Action.PURGE, details=details), actor=night.actor, now=night.now)


def _in_batches(night: Night, batch: Callable[[], list[Intent] | None]) -> None:
    while True:
        with scope.writing(night.tenant.id):
            doomed = batch()
        if doomed is None:
            return
        intents.carry_out(night.tenant.id, doomed)
