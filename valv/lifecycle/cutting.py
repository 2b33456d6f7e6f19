"""Cutting the person from a batch of interactions, and deleting what was said there.

Everything of one interaction goes in one transaction: its links to identifiers, what
the person wrote beside the content, content that is to go, and the openings of its
entries in the log; the destruction of keys and bytes is intended with it. An
interaction under a hold stays as it is, and is counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import F, Q

from valv.archive import contents
from valv.archive.evidence_models import NOBODY_ANY_MORE
from valv.archive.flags import Flag
from valv.archive.models import (
    ChatCopy,
    ChatPart,
    Consent,
    Content,
    Identifier,
    Interaction,
    OtherParty,
    RawEvent,
    SecureLink,
    Survey,
)
from valv.archive.operations import may_go
from valv.archive.raw_events import without_people
from valv.archive.sights import name_of
from valv.archive.text import text_keys
from valv.audit.actions import Action
from valv.audit.changes import cut_from
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.entries import Personal
from valv.core.interaction import ContentKind, ContentState
from valv.core.links import Ended
from valv.core.retention import stored_as
from valv.lifecycle.jobs import Running
from valv.lifecycle.models import JobItem
from valv.lifecycle.plans import ItemState
from valv.lifecycle.purge import clear_flags
from valv.lifecycle.unused import identifiers_of, remove_unused
from valv.sharing.link_ends import end_where
from valv.storage import intents
from valv.storage.keys import KeyKind
from valv.storage.models import Intent

BATCH = 250  # a write transaction stays under 250 ms
ALL_BITS = 0x7FFF
REASON = "the person was forgotten"
ONE = "interaction"
DELETED = "deleted with many"


def cut_batch(running: Running, ids: Sequence[int]) -> list[Intent]:
    """Do to some interactions what the job does. Inside ``writing``."""
    rows = _locked(ids)
    free = [row for row in rows if may_go(row)]
    doomed: list[Intent] = []
    if running.options.delete:
        doomed += _delete(running, free)
    if running.options.anonymise:
        doomed += _cut(running, free)
    kept = {row.id for row in rows} - {row.id for row in free}
    _settle_items(running, ids, held=kept)
    running.note(interactions=len(free))
    return intents.commit(doomed)


def _locked(ids: Iterable[int]) -> list[Interaction]:
    found = Interaction.objects.filter(id__in=list(ids)).order_by("id")
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    return list(found)


def _settle_items(running: Running, ids: Sequence[int], *, held: set[int]) -> None:
    items = JobItem.objects.filter(job_id=running.job.id, interaction_id__in=ids)
    items.filter(interaction_id__in=held).update(state=ItemState.HELD)
    items.exclude(interaction_id__in=held).update(state=ItemState.DONE)


def _delete(running: Running, free: Sequence[Interaction]) -> list[Intent]:
    """Tombstones for all content of the kinds, whether it was shown yet or not."""
    ids = [row.id for row in free]
    kinds = [kind.number for kind in running.options.delete]
    found = Content.objects.filter(interaction_id__in=ids, kind__in=kinds)
    removed = [state.number for state in contents.REMOVED]
    there = list(found.exclude(state__in=removed).order_by("interaction_id", "kind"))
    doomed = [one for row in there for one in _bury(running, row)]
    _drop_parts(there)
    for kind in running.options.delete:
        clear_flags(ids, kind)
    acts = [_deleted(row, running.options.reason) for row in there]
    record(acts, actor=running.actor, now=running.now)
    restricted = {row.id: bool(row.restricted) for row in free}
    running.note(**_classes(there, restricted))
    return doomed


def _bury(running: Running, row: Content) -> list[Intent]:
    """Turn a row into a tombstone; the intent is committed by the batch."""
    doomed = contents.destruction_of([row], now=running.now)
    contents.entomb(
        row,
        ContentState.DELETED,
        by=running.actor.name,
        reason=REASON if running.options.anonymise else _why(running),
        now=running.now,
    )
    return doomed


def _drop_parts(there: Iterable[Content]) -> None:
    logs = [
        row.interaction_id for row in there if row.kind == ContentKind.CHAT_LOG.number
    ]
    ChatPart.objects.filter(interaction_id__in=logs).delete()


def _why(running: Running) -> str:
    return running.options.reason or DELETED


def _deleted(row: Content, reason: str) -> Act:
    name = name_of(ContentKind.numbered(row.kind), row.n)
    return Act(Action.DELETE, row.interaction_id, content=name, reason=reason)


def _classes(there: Iterable[Content], restricted: dict[int, bool]) -> Counter[str]:
    return Counter(
        stored_as(
            ContentKind.numbered(row.kind), restricted=restricted[row.interaction_id]
        ).value
        for row in there
    )


def _cut(running: Running, free: Sequence[Interaction]) -> list[Intent]:
    """Take the person off interactions, and what they wrote unless it is kept."""
    uncut = [row for row in free if row.anonymised_at is None]
    ids = [row.id for row in uncut]
    touched = identifiers_of(uncut)
    ended = end_links(running, Q(interaction_id__in=ids))
    _cut_openings(running, ids)
    doomed = [] if running.options.keep_text else _cut_text(running, ids)
    if running.options.keep_text:
        _cut_from_events(running, ids)
    _unlink(running, ids)
    living = Identifier.objects.filter(id__in=touched, sealed__isnull=False)
    known = set(living.values_list("id", flat=True))  # the others are counted already
    gone = remove_unused(touched)
    running.note(identifiers=len(known.intersection(gone)), anonymised=len(ids))
    told = _of(running)
    acts = [Act(Action.FORGET, id_, content=ONE, details=told) for id_ in ids]
    record(acts, actor=running.actor, now=running.now)
    return [
        *doomed,
        *ended,
        *(intents.intend(KeyKind.IDENTIFIER, id_, now=running.now) for id_ in gone),
    ]


def _of(running: Running) -> dict[str, str]:
    return {"job": str(running.job.id)}


def _unlink(running: Running, ids: Sequence[int]) -> None:
    """Nobody stands on them, among their parties, or as whom a copy was sent to."""
    Interaction.objects.filter(id__in=ids).update(
        phone_id=None,
        email_id=None,
        name_id=None,
        handle_id=None,
        has_others=False,
        anonymised_at=running.now,
    )
    OtherParty.objects.filter(interaction_id__in=ids).delete()
    ChatCopy.objects.filter(interaction_id__in=ids).update(
        identifier_id=NOBODY_ANY_MORE
    )
    SecureLink.objects.filter(interaction_id__in=ids).update(
        recipient_id=NOBODY_ANY_MORE, code_to_id=NOBODY_ANY_MORE
    )


def end_links(running: Running, which: Q) -> list[Intent]:
    """End the secure links that somebody's data went by; what they led to goes."""
    return end_where(which, Ended.FORGOTTEN, actor=running.actor, now=running.now)


def _cut_text(running: Running, ids: Sequence[int]) -> list[Intent]:
    """Destroy the text keys; what they sealed is dropped, and counts as it did."""
    Interaction.objects.filter(id__in=ids).update(
        text=None, flags=F("flags").bitand(~int(Flag.TEXT) & ALL_BITS)
    )
    Survey.objects.filter(interaction_id__in=ids).update(comment=None)
    Consent.objects.filter(interaction_id__in=ids).update(sealed=None)
    events = RawEvent.objects.filter(interaction_id__in=ids).update(body=b"")
    running.note(texts=len(ids), raw_events=events)
    return [intents.intend(KeyKind.TEXT, id_, now=running.now) for id_ in ids]


def _cut_from_events(running: Running, ids: Sequence[int]) -> None:
    """Seal raw events anew, without whom they name."""
    opening = text_keys(running.tenant.id, ids)
    events = RawEvent.objects.filter(interaction_id__in=ids)
    count = 0
    for event in events:
        key = opening.get(event.interaction_id)
        body = b""
        if key is not None and event.body:
            body = without_people(
                bytes(event.body),
                tenant_id=running.tenant.id,
                interaction_id=event.interaction_id,
                key=key,
            )
        one = events.filter(interaction_id=event.interaction_id, event=event.event)
        count += one.update(body=body)
    running.note(raw_events=count)


def _cut_openings(running: Running, ids: Sequence[int]) -> None:
    """Entries of these interactions say no more whom they were about."""
    wanted = Q(interaction_id__in=list(ids), identifier_id__isnull=False)
    if Entry.objects.filter(wanted).exists():
        running.note(openings=open_cut(running, wanted))


def open_cut(running: Running, wanted: Q) -> int:
    """Cut the identifier from entries of the log; answers how many."""
    return cut_from(
        wanted,
        Personal.IDENTIFIER,
        why=Act(Action.FORGET, details=_of(running)),
        actor=running.actor,
        now=running.now,
    )
