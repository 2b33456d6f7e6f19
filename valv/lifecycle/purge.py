"""Removing what is past its time, one small batch at a time.

Each batch is one transaction: rows go, tombstones and the audit entry stand, and the
destruction of keys and bytes is intended; it is carried out after the commit. A crash
anywhere leaves either an untouched batch or intents that the next run finishes.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from valv.archive import contents
from valv.archive.flags import FLAG_OF_KIND, Flag
from valv.archive.models import (
    ChatPart,
    Content,
    Interaction,
    KeptScore,
    RawEvent,
    Survey,
)
from valv.archive.operations import may_go
from valv.audit.operations import drop_old_entries
from valv.core.interaction import ContentKind, ContentState
from valv.core.retention import KIND_OF, Stored
from valv.lifecycle.alone import Alone
from valv.lifecycle.due import (
    Due,
    chats_due,
    children_due,
    contents_due,
    present,
    unheld,
)
from valv.lifecycle.night import (
    Counts,
    Night,
    act_of,
    finish,
    in_batches,
    keep_scores,
    unused,
)
from valv.lifecycle.unused import (
    forsaken,
    named_no_more,
    told_in_events,
)
from valv.storage import intents
from valv.storage.models import Intent

BATCH = 250  # a write transaction stays under 250 ms
ALL_BITS = 0x7FFF


def _locked(interactions: QuerySet[Interaction]) -> list[Interaction]:
    """Read them so that nobody changes them, or lays a hold, before the batch ends."""
    if connection.features.has_select_for_update:
        interactions = interactions.select_for_update()
    return list(interactions)


def _locked_unheld(interaction_ids: Iterable[int]) -> list[int]:
    found = Interaction.objects.filter(id__among=set(interaction_ids)).order_by("id")
    return [one.id for one in _locked(found.only("id", "held")) if may_go(one)]


def purge_contents(night: Night, stored: Stored, due: Due) -> None:
    """Remove content past its own time; its row stays as a tombstone."""
    in_batches(night, lambda night: _contents_batch(night, stored, due))
    if stored is Stored.CHAT_LOGS:
        in_batches(night, lambda night: _chats_batch(night, due))


def _contents_batch(night: Night, stored: Stored, due: Due) -> list[Intent] | None:
    kind = KIND_OF[stored]
    found = unheld(contents_due(stored, due))
    ids = set(found.values_list("interaction_id", flat=True)[:BATCH])
    if not ids:
        return None
    # Asked again under the lock: it may have been restricted a moment ago.
    past = contents_due(stored, due).filter(interaction_id__among=_locked_unheld(ids))
    ids = set(past.values_list("interaction_id", flat=True))
    count, doomed = contents.bury_all(
        kind,
        ids,
        ContentState.EXPIRED,
        by=night.actor.name,
        reason="storage time",
        now=night.now,
    )
    if kind is ContentKind.CHAT_LOG:
        ChatPart.objects.filter(interaction_id__among=ids).delete()
    counts: Counts = Counter({stored.value: count})
    if kind is ContentKind.RECORDING:
        doomed += _transcripts_of_gone(ids, counts, night)
    clear_flags(ids, kind)
    finish(night, counts)
    return doomed


def _transcripts_of_gone(
    ids: Iterable[int], counts: Counts, night: Night
) -> list[Intent]:
    """Remove each transcript with its recording: it never outlives it (law 6)."""
    gone = Content.objects.filter(
        interaction_id=OuterRef("interaction_id"),
        n=OuterRef("n"),
        kind=ContentKind.RECORDING.number,
        state__in=[state.number for state in contents.REMOVED],
    )
    written = present(Stored.TRANSCRIPTS).filter(interaction_id__among=ids)
    doomed: list[Intent] = []
    for row in written.filter(Exists(gone)):
        doomed += contents.bury(
            row,
            ContentState.EXPIRED,
            by=night.actor.name,
            reason="storage time",
            now=night.now,
        )
        counts[Stored.TRANSCRIPTS.value] += 1
    clear_flags(ids, ContentKind.TRANSCRIPT)
    return doomed


def _chats_batch(night: Night, due: Due) -> list[Intent] | None:
    ids = {row.interaction_id for row in unheld(chats_due(due))[:BATCH]}
    if not ids:
        return None
    past = chats_due(due).filter(interaction_id__among=_locked_unheld(ids))
    doomed: list[Intent] = []
    for row in past:
        doomed += contents.bury(
            row,
            ContentState.EXPIRED,
            by=night.actor.name,
            reason="storage time",
            now=night.now,
        )
        ChatPart.objects.filter(interaction_id=row.interaction_id).delete()
    finish(night, Counter({Stored.CHAT_LOGS.value: len(doomed)}))
    return doomed


def clear_flags(interaction_ids: Iterable[int], kind: ContentKind) -> None:
    """Take back the flag of interactions that have no such content any more."""
    ids = set(interaction_ids)
    left = Content.objects.filter(
        interaction_id__among=ids, kind=kind.number, state=ContentState.PRESENT.number
    ).values_list("interaction_id", flat=True)
    _clear(ids - set(left), FLAG_OF_KIND[kind])


def _clear(interaction_ids: Iterable[int], flag: Flag) -> None:
    Interaction.objects.filter(id__among=interaction_ids).update(
        flags=F("flags").bitand(~int(flag) & ALL_BITS)
    )


def purge_raw_events(night: Night, due: Due) -> None:
    """Remove raw events past their own time; the interaction stays as it is."""
    in_batches(night, lambda night: _children_batch(night, RawEvent, "raw_events", due))


def purge_surveys(night: Night, due: Due) -> None:
    """Remove surveys past their own time, score and comment alike."""
    in_batches(night, lambda night: _children_batch(night, Survey, "surveys", due))


def _children_batch(
    night: Night, child: Any, name: str, due: Due
) -> list[Intent] | None:
    found = unheld(children_due(child, due)).order_by("aged_from")
    ids = set(found.values_list("interaction_id", flat=True)[:BATCH])
    if not ids:
        return None
    ids = set(_locked_unheld(ids))
    touched = told_in_events(sorted(ids)) if child is RawEvent else set()
    past = children_due(child, due).filter(interaction_id__among=ids)
    if child is Survey:
        keep_scores(night, ids)
    counts: Counts = Counter({name: past.delete()[0]})
    if child is Survey:
        _forget_scores(ids)
    if touched:
        touched -= told_in_events(sorted(ids))
    doomed = unused(night, touched, counts)
    finish(night, counts)
    return intents.commit(doomed)


def _forget_scores(ids: Iterable[int]) -> None:
    Interaction.objects.filter(id__among=ids).update(score=None)
    _clear(ids, Flag.SURVEY)


def purge_log(night: Night, before: datetime) -> None:
    """Remove entries of the audit log that are of no interaction; leaves stay."""
    in_batches(night, lambda night: _log_batch(night, before))


def _log_batch(night: Night, before: datetime) -> list[Intent] | None:
    name = Stored.LOG_ENTRIES.value
    count = drop_old_entries(
        before,
        lambda count: act_of(Counter({name: count})),
        actor=night.actor,
        now=night.now,
    )
    if not count:
        return None
    night.note(Counter({name: count}))
    return []


def purge_scores(night: Night, before: datetime) -> None:
    """Remove scores of surveys that went, the oldest day first."""
    in_batches(night, lambda night: _scores_batch(night, before))


def _scores_batch(night: Night, before: datetime) -> list[Intent] | None:
    scores = Alone(Stored.SCORES, ZoneInfo(night.tenant.timezone))
    day = scores.due(before).order_by("day").values_list("day", flat=True).first()
    if day is None:
        return None
    of_day = KeptScore.objects.filter(day=day)
    counts = Counter({Stored.SCORES.value: scores.count(of_day)})
    of_day.delete()
    finish(night, counts)
    return []


def purge_forsaken(night: Night, before: datetime) -> None:
    """Remove identifiers that corrections took off everything that they stood on."""
    waiting = sorted(forsaken(night.tenant.id, before=before))
    for start in range(0, len(waiting), BATCH):
        part = waiting[start : start + BATCH]
        in_batches(
            night,
            lambda night, part=part: _forsaken_batch(night, part, before),  # type: ignore[misc]
            most=1,
        )


def _forsaken_batch(night: Night, ids: list[int], before: datetime) -> list[Intent]:
    named_no_more(ids, before=before)
    counts: Counts = Counter()
    doomed = unused(night, ids, counts)
    finish(night, counts)
    return intents.commit(doomed)
