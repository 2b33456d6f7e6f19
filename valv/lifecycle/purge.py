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
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from valv.archive import contents, prepared
from valv.archive.flags import FLAG_OF_KIND, Flag
from valv.archive.models import (
    ChatCopy,
    ChatPart,
    Consent,
    Content,
    HoldItem,
    Interaction,
    OtherParty,
    Participation,
    PlayHandle,
    PreparedPart,
    RawEvent,
    Registration,
    SecureLink,
    Session,
    SharedCopy,
    Stray,
    Survey,
)
from valv.archive.operations import may_go
from valv.audit.actions import Action
from valv.audit.operations import Act, drop_entries_of, drop_old_entries, record
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import Actor
from valv.core.retention import KIND_OF, Stored, stored_as
from valv.core.verdict import Verdict, at_night
from valv.intake.models import Missing
from valv.lifecycle import by_hand
from valv.lifecycle.batches import tried
from valv.lifecycle.due import (
    Due,
    chats_due,
    children_due,
    contents_due,
    general_due,
    present,
    unheld,
)
from valv.lifecycle.models import JobItem
from valv.lifecycle.unused import (
    forsaken,
    identifiers_of,
    named_no_more,
    remove_unused,
    told_in_events,
)
from valv.storage import intents, scope
from valv.storage.blobs.contract import BlobError
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import change, one_of, ours
from valv.tenants.models import Tenant

BATCH = 250  # a write transaction stays under 250 ms
WHOLE = 500  # of interactions that go whole, which is done by sets
ALL_BITS = 0x7FFF
ASKED = (
    "id", "session_id", "aged_from", "held", "restricted", "has_others", "flags",
    "phone_id", "email_id", "name_id", "handle_id",
)  # fmt: skip
CHILDREN: tuple[Any, ...] = (
    Content,
    ChatCopy,
    ChatPart,
    Consent,
    Survey,
    Registration,
    RawEvent,
    Participation,
    OtherParty,
    PlayHandle,
    PreparedPart,
    SecureLink,
    SharedCopy,
    Missing,
    JobItem,
    HoldItem,
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


def _locked(interactions: QuerySet[Interaction]) -> list[Interaction]:
    """Read them so that nobody changes them, or lays a hold, before the batch ends."""
    if connection.features.has_select_for_update:
        interactions = interactions.select_for_update()
    return list(interactions)


def _locked_unheld(interaction_ids: Iterable[int]) -> list[int]:
    found = Interaction.objects.filter(id__in=set(interaction_ids)).order_by("id")
    return [one.id for one in _locked(found.only("id", "held")) if may_go(one)]


def _locked_due(due: Due) -> list[Interaction]:
    rows = general_due(due).filter(held=False).only(*ASKED)
    found = _locked(rows[:WHOLE])
    return [
        one
        for one in found
        if at_night(one.aged_from, before=due.before, on_hold=one.held) is Verdict.DUE
    ]


def purge_general(night: Night, due: Due) -> None:
    """Remove whole interactions with all that hangs on them."""
    _in_batches(night, lambda: _general_batch(night, due))


def _general_batch(night: Night, due: Due) -> list[Intent] | None:
    going = _locked_due(due)
    if not going:
        return None
    ids = [interaction.id for interaction in going]
    rows = contents.rows_of(ids)
    counts = _counts_of(going, rows)
    touched = identifiers_of(going)
    restricted = {one.id: bool(one.restricted) for one in going}
    deleted = by_hand.carried(restricted, zone=ZoneInfo(night.tenant.timezone))
    doomed = [intents.intend(KeyKind.TEXT, id_, now=night.now) for id_ in ids]
    ending = contents.doomed(rows, now=night.now)
    doomed += prepared.ending_with(Q(interaction_id__in=ids), now=night.now)
    _drop_rows(going, ids)
    doomed += _unused(night, touched, counts)
    counts["audit_entries"] = drop_entries_of(
        ids,
        lambda count: _act(counts | Counter(audit_entries=count)),
        actor=night.actor,
        now=night.now,
    )
    night.note(counts + deleted)
    return ending + intents.commit(doomed)


def _unused(night: Night, touched: Iterable[int], counts: Counts) -> list[Intent]:
    unused = remove_unused(touched)
    counts["identifiers"] += len(unused)
    return [intents.intend(KeyKind.IDENTIFIER, id_, now=night.now) for id_ in unused]


def _counts_of(due: list[Interaction], rows: Iterable[Content]) -> Counts:
    restricted = {one.id: bool(one.restricted) for one in due}
    ids = list(restricted)
    counts: Counts = Counter(general=len(ids))
    for row in rows:
        if row.state == ContentState.PRESENT.number:
            kind = ContentKind.numbered(row.kind)
            stored = stored_as(kind, restricted=restricted[row.interaction_id])
            counts[stored.value] += 1
    counts["surveys"] = Survey.objects.filter(interaction_id__in=ids).count()
    counts["raw_events"] = RawEvent.objects.filter(interaction_id__in=ids).count()
    return counts


def _drop_rows(due: list[Interaction], ids: list[int]) -> None:
    for child in CHILDREN:
        _drop(child, "interaction_id", ids)
    _drop(Session, "session_id", [one.session_id for one in due])
    _drop(Interaction, "id", ids)


def _drop(model: Any, column: str, values: Iterable[int | str]) -> None:
    where, listed = one_of(column, values)
    sql = f"DELETE FROM {model._meta.db_table} WHERE {ours()} AND {where}"  # noqa: S608
    change(sql, [scope.current(), *listed])


def purge_contents(night: Night, stored: Stored, due: Due) -> None:
    """Remove content past its own time; its row stays as a tombstone."""
    _in_batches(night, lambda: _contents_batch(night, stored, due))
    if stored is Stored.CHAT_LOGS:
        _in_batches(night, lambda: _chats_batch(night, due))


def _contents_batch(night: Night, stored: Stored, due: Due) -> list[Intent] | None:
    kind = KIND_OF[stored]
    found = unheld(contents_due(stored, due))
    ids = set(found.values_list("interaction_id", flat=True)[:BATCH])
    if not ids:
        return None
    # Asked again under the lock: it may have been restricted a moment ago.
    past = contents_due(stored, due).filter(interaction_id__in=_locked_unheld(ids))
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
        ChatPart.objects.filter(interaction_id__in=ids).delete()
    counts: Counts = Counter({stored.value: count})
    if kind is ContentKind.RECORDING:
        doomed += _transcripts_of_gone(ids, counts, night)
    clear_flags(ids, kind)
    _finish(night, counts)
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
    written = present(Stored.TRANSCRIPTS).filter(Exists(gone), interaction_id__in=ids)
    doomed: list[Intent] = []
    for row in written:
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
    past = chats_due(due).filter(interaction_id__in=_locked_unheld(ids))
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
    _finish(night, Counter({Stored.CHAT_LOGS.value: len(doomed)}))
    return doomed


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


def purge_raw_events(night: Night, due: Due) -> None:
    """Remove raw events past their own time; the interaction stays as it is."""
    _in_batches(night, lambda: _children_batch(night, RawEvent, "raw_events", due))


def purge_surveys(night: Night, due: Due) -> None:
    """Remove surveys past their own time, score and comment alike."""
    _in_batches(night, lambda: _children_batch(night, Survey, "surveys", due))


def _children_batch(
    night: Night, child: Any, name: str, due: Due
) -> list[Intent] | None:
    found = unheld(children_due(child, due)).order_by("aged_from")
    ids = set(found.values_list("interaction_id", flat=True)[:BATCH])
    if not ids:
        return None
    ids = set(_locked_unheld(ids))
    touched = told_in_events(sorted(ids)) if child is RawEvent else set()
    past = children_due(child, due).filter(interaction_id__in=ids)
    counts: Counts = Counter({name: past.delete()[0]})
    if child is Survey:
        _forget_scores(ids)
    if touched:
        touched -= told_in_events(sorted(ids))
    doomed = _unused(night, touched, counts)
    _finish(night, counts)
    return intents.commit(doomed)


def _forget_scores(ids: Iterable[int]) -> None:
    Interaction.objects.filter(id__in=list(ids)).update(score=None)
    _clear(ids, Flag.SURVEY)


def purge_log(night: Night, before: datetime) -> None:
    """Remove entries of the audit log that are of no interaction; leaves stay."""
    _in_batches(night, lambda: _log_batch(night, before))


def _log_batch(night: Night, before: datetime) -> list[Intent] | None:
    name = Stored.LOG_ENTRIES.value
    count = drop_old_entries(
        before,
        lambda count: _act(Counter({name: count})),
        actor=night.actor,
        now=night.now,
    )
    if not count:
        return None
    night.note(Counter({name: count}))
    return []


def purge_forsaken(night: Night, before: datetime) -> None:
    """Remove identifiers that corrections took off everything that they stood on."""
    waiting = sorted(forsaken(night.tenant.id, before=before))
    for start in range(0, len(waiting), BATCH):
        part = waiting[start : start + BATCH]
        _in_batches(
            night,
            lambda part=part: _forsaken_batch(night, part, before),  # type: ignore[misc]
            most=1,
        )


def _forsaken_batch(night: Night, ids: list[int], before: datetime) -> list[Intent]:
    named_no_more(ids, before=before)
    counts: Counts = Counter()
    doomed = _unused(night, ids, counts)
    _finish(night, counts)
    return intents.commit(doomed)


def _finish(night: Night, counts: Counts) -> None:
    night.note(counts)
    record(_act(counts), actor=night.actor, now=night.now)


def _act(counts: Counts) -> Act:
    return Act(Action.PURGE, details={name: n for name, n in counts.items() if n})


def _in_batches(
    night: Night, batch: Callable[[], list[Intent] | None], *, most: int | None = None
) -> None:
    """Batch by batch until there is nothing more, or ``most`` are done.

    A blob store that fails keeps nobody's data longer: the keys are destroyed, what is
    left is intended, and the error is raised when all batches are through.
    """
    failed: BlobError | None = None
    done = 0
    while most is None or done < most:
        doomed = tried(night.tenant.id, batch)
        if doomed is None:
            break
        done += 1
        try:
            intents.carry_out(night.tenant.id, doomed)
        except BlobError as error:
            failed = error
    if failed is not None:
        raise failed
