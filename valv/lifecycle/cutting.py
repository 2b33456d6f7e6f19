"""Cutting the person from a batch of interactions, and deleting what was said there.

Everything of one interaction goes in one transaction: its links to identifiers, what
the person wrote beside the content, content that is to go, and the openings of its
entries in the log; the destruction of keys and bytes is intended with it. An
interaction under a hold stays as it is, and so does what must be kept for some time
yet; both are counted as held.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from valv.archive import contents, prepared
from valv.archive.evidence_models import NOBODY_ANY_MORE
from valv.archive.flags import Flag
from valv.archive.minimum import Minimum
from valv.archive.models import ChatPart, Content, Interaction
from valv.archive.operations import may_go
from valv.archive.sights import name_of
from valv.audit.actions import Action
from valv.audit.changes import cut_from
from valv.audit.operations import Act, record, record_on_each
from valv.core.entries import Personal
from valv.core.ids import unix_ms
from valv.core.interaction import ContentKind, ContentState
from valv.core.links import Ended
from valv.core.retention import stored_as
from valv.lifecycle import unused
from valv.lifecycle.jobs import Running
from valv.lifecycle.plans import ItemState, Place
from valv.lifecycle.purge import clear_flags
from valv.lifecycle.text_cutting import change_of, cut_words, written_still
from valv.lifecycle.unused import living_of, remove_unused, told_in_events
from valv.sharing.link_ends import end_where
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import change, is_sqlite, one_of, one_of_months, ours, rows

ALL_BITS = 0x7FFF
GONE = [state.number for state in contents.REMOVED]
REASON = "the person was forgotten"
ONE = "interaction"
DELETED = "deleted with many"
STANDING = (
    "SELECT id, held, restricted, anonymised_at IS NOT NULL,"
    " phone_id, email_id, name_id, handle_id"
    " FROM interaction WHERE +tenant_id = %s AND {} ORDER BY id"
)
# Who stands beside interactions, told by the table that says so.
BESIDE = " UNION ALL ".join(
    f"SELECT '{table}', {column} FROM {table} WHERE {{0}} AND {{1}}"  # noqa: S608
    for table, column in unused.BESIDE
)
CUT_FROM = {
    "other_party": "DELETE FROM other_party",
    "chat_copy": f"UPDATE chat_copy SET identifier_id = {NOBODY_ANY_MORE}",  # noqa: S608
    "secure_link": f"UPDATE secure_link SET recipient_id = {NOBODY_ANY_MORE}, "  # noqa: S608
    f"code_to_id = {NOBODY_ANY_MORE}",
}
UNLINK = (
    "UPDATE interaction SET phone_id = NULL, email_id = NULL, name_id = NULL,"
    " handle_id = NULL, has_others = %s, anonymised_at = %s"
)
UNTEXT = f"text = NULL, flags = flags & {~int(Flag.TEXT) & ALL_BITS}"
UNWRITE = f"UPDATE interaction SET {UNTEXT} WHERE +tenant_id = %s AND {{}}"  # noqa: S608
# The plus keeps SQLite from looking through all that the log says of anybody.
NAMED = (
    "SELECT id FROM audit_entry WHERE tenant_id = %s AND {}"
    " AND +identifier_id IS NOT NULL"
)
# Told the state and the span, PostgreSQL reads no other of the job's items.
SETTLE = (
    "UPDATE job_item SET state = %s"
    " WHERE +tenant_id = %s AND job_id = %s AND state = %s AND {}"
)


class Standing(NamedTuple):
    """What a batch asks of an interaction; the last four are whom it points at."""

    id: int
    held: bool
    restricted: bool
    is_cut: bool
    phone: int | None
    email: int | None
    name: int | None
    handle: int | None


def cut_batch(running: Running, ids: Sequence[int]) -> list[Intent]:
    """Do to some interactions what the job does. Inside ``writing``."""
    there = _locked(ids)
    free = [row for row in there if may_go(row)]
    said, person = _obliged(running, [row.id for row in free])
    doomed: list[Intent] = []
    done = {row.id for row in free}
    without = set[int]()
    if running.options.delete:
        deletable = [row for row in free if row.id not in said]
        going = _going(running, deletable)
        doomed += _delete(running, deletable, going)
        without = {one.id for one in deletable} - {one.interaction_id for one in going}
        done -= said
    if running.options.anonymise:
        doomed += _cut(running, [row for row in free if row.id not in person])
        without = set()
        done -= person
    kept = {row.id for row in there} - done
    _settle_items(running, kept, ItemState.HELD)
    _settle_items(running, without, ItemState.WITHOUT)
    _settle_items(running, set(ids) - kept - without, ItemState.DONE)
    running.note(interactions=len(done))
    return intents.commit(doomed)


def _obliged(running: Running, ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Of which what was said, and of which the person, must be kept for some time."""
    minimum = Minimum.of(running.tenant, now=running.now)
    if minimum.is_none():
        return set(), set()
    found = list(Interaction.objects.filter(id__in=ids))
    kinds = running.options.delete
    said = {row.id for row in found if minimum.of_content(row, kinds) is not None}
    return said, {row.id for row in found if minimum.of_person(row) is not None}


def _locked(ids: Sequence[int]) -> list[Standing]:
    where, values = one_of_months("id", ids)
    sql = STANDING.format(where) + ("" if is_sqlite() else " FOR UPDATE")
    return list(map(Standing._make, rows(sql, [scope.current(), *values])))


def _settle_items(running: Running, ids: Collection[int], state: ItemState) -> None:
    where, values = one_of_months("interaction_id", sorted(ids))
    waiting = int(ItemState.WAITING)
    given = [int(state), scope.current(), running.job.id, waiting, *values]
    if ids:
        change(SETTLE.format(where), given)


def _going(running: Running, free: Sequence[Standing]) -> QuerySet[Content]:
    """All content of the kinds to be deleted, whether it was shown yet or not."""
    ids = [row.id for row in free]
    kinds = [kind.number for kind in running.options.delete]
    found = Content.objects.filter(interaction_id__among=ids, kind__in=kinds)
    return found.exclude(state__in=GONE).order_by("interaction_id", "kind")


def _delete(
    running: Running, free: Sequence[Standing], going: QuerySet[Content]
) -> list[Intent]:
    """Tombstones for all that is going."""
    ids, there = [row.id for row in free], list(going)
    doomed = contents.destruction_of(there, now=running.now)
    if there:
        _entomb(running, going.order_by())
    _drop_parts(there)
    for kind in running.options.delete if there else ():
        clear_flags(ids, kind)
    acts = [_deleted(running, row) for row in there]
    record(acts, actor=running.actor, now=running.now)
    restricted = {row.id: bool(row.restricted) for row in free}
    running.note(**_classes(there, restricted))
    return doomed


def _entomb(running: Running, going: QuerySet[Content]) -> None:
    contents.entomb_all(
        going,
        ContentState.DELETED,
        by=running.actor.name,
        reason=REASON if running.options.anonymise else _why(running),
        now=running.now,
    )


def _drop_parts(there: Iterable[Content]) -> None:
    logs = [
        row.interaction_id for row in there if row.kind == ContentKind.CHAT_LOG.number
    ]
    ChatPart.objects.filter(interaction_id__among=logs).delete()


def _why(running: Running) -> str:
    return running.options.reason or DELETED


def _deleted(running: Running, row: Content) -> Act:
    return Act(
        Action.DELETE,
        row.interaction_id,
        content=name_of(ContentKind.numbered(row.kind), row.n),
        reason=running.options.reason,
        details=_of(running),
    )


def _classes(there: Iterable[Content], restricted: dict[int, bool]) -> Counter[str]:
    return Counter(
        stored_as(
            ContentKind.numbered(row.kind), restricted=restricted[row.interaction_id]
        ).value
        for row in there
    )


def _cut(running: Running, free: Sequence[Standing]) -> list[Intent]:
    """Take the person off interactions, and what they wrote unless it is kept.

    Of those that are cut already only what an earlier job left is cut.
    """
    fresh = [row for row in free if not row.is_cut]
    again = written_still(running.options, [row.id for row in free if row.is_cut])
    ids = [row.id for row in fresh] + again
    touched = set[int]()
    if running.options.cuts(Place.RAW_DATA):
        touched |= told_in_events(ids)
    doomed = prepared.ending_with(Q(interaction_id__among=ids), now=running.now)
    if running.options.cuts(Place.ARCHIVE):
        touched |= _cut_archive(running, fresh, doomed)
        _unwrite(running, again)
    doomed += cut_words(running, ids)
    gone = _unused(running, touched)
    act = Act(Action.FORGET, content=ONE, details=_left_of(running))
    record_on_each(ids, act, actor=running.actor, now=running.now)
    return doomed + intents.intend(KeyKind.IDENTIFIER, gone, now=running.now)


def _cut_archive(
    running: Running, fresh: Sequence[Standing], doomed: list[Intent]
) -> set[int]:
    """Nobody stands on them any more; answers whom they pointed at."""
    ids = [row.id for row in fresh]
    beside = _beside(ids)
    tables = {table for table, _ in beside}
    if "secure_link" in tables:
        doomed += end_links(running, Q(interaction_id__among=ids))
    _cut_openings(running, ids)
    _unlink(running, ids, tables)
    running.note(anonymised=len(ids))
    return {id_ for row in fresh for id_ in row[4:] if id_ is not None} | {
        id_ for _, id_ in beside
    }


def _unused(running: Running, touched: set[int]) -> list[int]:
    """Drop those of them that nothing points at any more, unless raw data is left.

    Who is forgotten is counted already.
    """
    if not running.options.cuts(Place.RAW_DATA):
        return []
    gone = remove_unused(living_of(touched))
    running.note(identifiers=len(gone))
    return gone


def _beside(ids: Sequence[int]) -> list[tuple[str, int]]:
    """Further parties, to whom copies and links went: the table, and who."""
    where, values = one_of_months("interaction_id", ids)
    asked = [scope.current(), *values] * BESIDE.count("SELECT")
    return [(table, id_) for table, id_ in rows(BESIDE.format(ours(), where), asked)]


def _of(running: Running) -> dict[str, str]:
    return {"job": str(running.job.id)}


def _left_of(running: Running) -> dict[str, object]:
    left = running.options.leaves
    return {**_of(running), "left": list(left)} if left else dict(_of(running))


def _unlink(running: Running, ids: Sequence[int], tables: set[str]) -> None:
    """Nobody stands on them, among their parties, or as whom a copy was sent to."""
    where, values = one_of_months("id", ids)
    unwritten = "" if running.options.keep_text else f", {UNTEXT}"
    sql = f"{UNLINK}{unwritten} WHERE +tenant_id = %s AND {where}"
    change(sql, [False, unix_ms(running.now), scope.current(), *values])
    for table in sorted(tables):
        change_of(CUT_FROM[table], ids)


def _unwrite(running: Running, ids: Sequence[int]) -> None:
    """What was kept when the person was cut goes after all."""
    if ids and not running.options.keep_text:
        where, values = one_of_months("id", ids)
        change(UNWRITE.format(where), [scope.current(), *values])


def end_links(running: Running, which: Q) -> list[Intent]:
    """End the secure links that somebody's data went by; what they led to goes."""
    return end_where(which, Ended.FORGOTTEN, actor=running.actor, now=running.now)


def _cut_openings(running: Running, ids: Sequence[int]) -> None:
    """Entries of these interactions say no more whom they were about."""
    where, values = one_of("interaction_id", ids)
    found = rows(NAMED.format(where), [scope.current(), *values])
    if found:
        named = Q(id__among=[id_ for (id_,) in found])
        running.note(openings=open_cut(running, named))


def open_cut(running: Running, wanted: Q) -> int:
    """Cut the identifier from entries of the log; answers how many."""
    return cut_from(
        wanted,
        Personal.IDENTIFIER,
        why=Act(Action.FORGET, details=_of(running)),
        actor=running.actor,
        now=running.now,
    )
