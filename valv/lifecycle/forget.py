"""Forgetting a person: found nowhere from one commit on, and the rest in batches.

That commit blanks the identifiers, intends the destruction of their keys, raises the
epoch that voids every cache, and drops the stored searches; from it on reads hide what
hangs on them. Then links, text keys, content and openings follow, batch by batch. An
identifier that an interaction under a hold, or one that was struck off, still points at
stays until that is otherwise.

A job that leaves raw data, or the archive, as it is has no such commit, for there the
identifiers are still told: it only cuts what its plan found, and destroys no key that
something is left to open with.
"""

from collections import Counter
from collections.abc import Iterable
from time import monotonic

from django.db.models import Q

from valv.archive import people, prepared, stored_searches
from valv.archive.evidence_models import NOBODY_ANY_MORE
from valv.archive.identifiers import raise_epoch
from valv.archive.models import Content, Identifier, Interaction, SecureLink
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.phones import forget_spellings
from valv.lifecycle import jobs
from valv.lifecycle.batches import tried
from valv.lifecycle.blank import blank_contents, in_writing
from valv.lifecycle.cutting import cut_batch, end_links, open_cut
from valv.lifecycle.jobs import Kind, Running
from valv.lifecycle.matching import (
    hanging_on,
    items_of,
    obliged,
    on_hold,
    struck_of,
    with_names,
)
from valv.lifecycle.models import JobItem
from valv.lifecycle.plans import ItemState, Place
from valv.lifecycle.standing import stand
from valv.lifecycle.text_cutting import is_written, wordless
from valv.lifecycle.unused import LIVING, remove_unused, told_in_events
from valv.storage import intents, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import change, is_sqlite, one_of, rows

ENTRIES = 500
BLANK = (
    "UPDATE identifier SET hash = NULL, sealed = NULL, mentioned_at = NULL"
    " WHERE +tenant_id = %s AND {}"
)


def vanish(running: Running) -> bool:
    """The commit from which on the person is found nowhere; once."""
    if running.options.anonymise and not running.options.ends_identifiers():
        running.batch(lambda: _begin(running))
    elif running.options.anonymise:
        doomed = tried(running.tenant.id, lambda: _vanish(running))
        # That the keys' old bytes are gone too is waited for when the job ends.
        if doomed:
            keys.destroy(running.tenant.id, intents.keys_of(doomed))
        people.forget_all()
        forget_spellings()
    return False


def _begin(running: Running) -> list[Intent]:
    """What comes before the batches of a job that leaves identifiers to be told."""
    running.note(standing=stand(running))
    if running.options.cuts(Place.ARCHIVE):
        stored_searches.drop_all()
    running.lease.note(Counter(), gone_at=running.job.gone_at or running.now)
    return []


def _vanish(running: Running) -> list[Intent] | None:
    now, counts = running.now, Counter(standing=stand(running))
    gone = _going(running)
    if not gone:
        running.lease.note(+counts)
        return None
    where, ids = one_of("id", gone)
    change(BLANK.format(where), [scope.current(), *ids])
    raise_epoch()
    stored_searches.drop_all()
    details = {"job": str(running.job.id), "identifiers": len(gone)}
    record(Act(Action.FORGET, details=details), actor=running.actor, now=now)
    counts["identifiers"] = len(gone)
    running.lease.note(+counts, gone_at=running.job.gone_at or now)
    going = intents.intend(KeyKind.IDENTIFIER, sorted(gone), now=now)
    if prepared.are_there():
        meant = items_of(running.job.id, ItemState.WAITING)
        going += prepared.ending_with(Q(interaction_id__in=meant), now=now)
    return intents.commit(going)


def _going(running: Running) -> set[int]:
    """Whom it forgets now: locked, under no hold nor duty to keep, not struck off."""
    gone = _locked(running.who.ids) if running.who.ids else set()
    gone -= on_hold(gone) if gone else set()
    gone -= obliged(running.tenant, gone, now=running.now) if gone else set()
    if gone and running.options.struck:
        gone -= struck_of(running.job.id, gone)
    return gone


def _locked(ids: Iterable[int]) -> set[int]:
    """Identifiers and their names that still stand, nobody else's to point at anew."""
    where, bound = one_of("id", with_names(ids))
    sql = LIVING.format(where) + ("" if is_sqlite() else " ORDER BY id FOR UPDATE")
    return {id_ for (id_,) in rows(sql, [scope.current(), *bound])}


def cut(running: Running) -> bool:
    """One batch of interactions, those too that came between plan and commit."""
    with scope.reading(running.tenant.id):
        ids = list(
            items_of(running.job.id, ItemState.WAITING).order_by("interaction_id")[
                : running.pace.most
            ]
        )
        rows = in_writing(ids) if _blanks(running) else []
    if not ids:
        return _add_late(running)
    if rows:
        blank_contents(running, rows)
    return running.batch(lambda: _cut_in_time(running, ids))


def _cut_in_time(running: Running, ids: list[int]) -> list[Intent]:
    began = monotonic()
    doomed = cut_batch(running, ids)
    running.pace.learn(len(ids), monotonic() - began)
    return doomed


def _blanks(running: Running) -> bool:
    options = running.options
    return options.cuts(Place.ARCHIVE) and options.blank and bool(running.who.known)


def _add_late(running: Running) -> bool:
    """List what still hangs on what was forgotten; whether there is any."""
    with scope.reading(running.tenant.id):
        late = _hanging(running)
    if late:
        tenant_id, job_id = running.tenant.id, running.job.id
        jobs.add_items(tenant_id, job_id, late, ItemState.WAITING)
    return bool(late)


def _hanging(running: Running) -> set[int]:
    """Interactions that hang on what was forgotten and are none of the job's yet."""
    if not running.options.ends_identifiers() or not running.who.ids:
        return set()
    found = hanging_on(_forgotten(running))
    listed = JobItem.objects.filter(job_id=running.job.id, interaction_id__among=found)
    return found - set(listed.values_list("interaction_id", flat=True))


def _forgotten(running: Running) -> set[int]:
    """Of the job's identifiers those that no row holds the value of any more."""
    ids = with_names(running.who.ids)
    living = Identifier.objects.filter(id__in=ids, sealed__isnull=False)
    return ids - set(living.values_list("id", flat=True))


def _let_go(running: Running) -> set[int]:
    """The forgotten, and whoever only raw data that was left still tells."""
    gone = _forgotten(running)
    if running.options.leaves and running.options.cuts(Place.ARCHIVE):
        living = with_names(running.who.ids) - gone
        gone |= {id_ for id_ in living if not hanging_on([id_])}
    return gone


def cut_links(running: Running) -> bool:
    """End secure links that went to the forgotten, of whosever interaction; once."""
    if running.options.cuts(Place.ARCHIVE) and running.who.ids:
        running.batch(lambda: _cut_links(running))
    return False


def _cut_links(running: Running) -> list[Intent] | None:
    ids = _let_go(running)
    to, code_to = Q(recipient_id__in=ids), Q(code_to_id__in=ids)
    ended = end_links(running, to | code_to)
    cut = SecureLink.objects.filter(to).update(recipient_id=NOBODY_ANY_MORE)
    cut += SecureLink.objects.filter(code_to).update(code_to_id=NOBODY_ANY_MORE)
    if not cut:
        return None
    running.note(links=cut)
    return intents.commit(ended)


def cut_log(running: Running) -> bool:
    """Entries of the log that name the forgotten, of whatever they are."""
    if not running.options.cuts(Place.ARCHIVE) or not running.who.ids:
        return False
    with scope.reading(running.tenant.id):
        naming = Entry.objects.filter(identifier_id__in=_let_go(running))
        found = list(naming.values_list("id", flat=True)[:ENTRIES])
    return bool(found) and running.batch(lambda: _cut_log(running, found))


def _cut_log(running: Running, entries: list[int]) -> list[Intent] | None:
    """None if the log takes no change, as one that was tampered with."""
    count = open_cut(running, Q(id__in=entries))
    running.note(openings=count)
    return [] if count else None


def drop_rows(running: Running) -> bool:
    """Drop the rows of the forgotten that nothing points at any more; once."""
    if running.options.anonymise and running.who.ids:
        told = _told_still(running)
        running.batch(lambda: _drop_rows(running, told))
    return False


def _told_still(running: Running) -> set[int]:
    """Whom raw events tell of that this job left as they are."""
    told = set[int]()
    if running.options.cuts(Place.RAW_DATA):
        return told
    with scope.reading(running.tenant.id):
        ids = list(items_of(running.job.id).order_by("interaction_id"))
    for part in _parts(ids):
        with scope.reading(running.tenant.id):
            told |= told_in_events(part)
    return told


def _drop_rows(running: Running, told: set[int]) -> list[Intent] | None:
    gone = remove_unused(_let_go(running) - told)
    if not gone:
        return None
    running.note(rows=len(gone))
    now = running.now
    return intents.commit(intents.intend(KeyKind.IDENTIFIER, gone, now=now))


def what_is_left(running: Running) -> list[str]:
    """What should be gone and is not, by a word for each; inside a scope."""
    found = {
        "interactions": items_of(running.job.id, ItemState.WAITING).exists(),
        "late": bool(_hanging(running)),
        "keys": _keys_live(running),
        "links": _is_linked(running),
        "recipients": _are_shared_with(running),
        "entries": _are_entered(running),
        "contents": _is_content_left(running),
        "words": _is_written_left(running),
    }
    return [name for name, is_left in found.items() if is_left]


def _keys_live(running: Running) -> bool:
    if not running.options.anonymise:
        return False
    tenant_id, ids = running.tenant.id, _forgotten(running)
    if keys.read(tenant_id, KeyKind.IDENTIFIER, ids):
        return True
    if running.options.keep_text or not running.options.cuts(Place.ARCHIVE):
        return False
    done = items_of(running.job.id, ItemState.DONE).order_by("interaction_id")
    parts = (wordless(running.options, part) for part in _parts(list(done)))
    return any(keys.read(tenant_id, KeyKind.TEXT, part) for part in parts)


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + ENTRIES] for start in range(0, len(ids), ENTRIES))


def _is_linked(running: Running) -> bool:
    done = Interaction.objects.filter(id__in=items_of(running.job.id, ItemState.DONE))
    named = Q(phone_id__isnull=False) | Q(email_id__isnull=False)
    named |= Q(name_id__isnull=False) | Q(handle_id__isnull=False)
    return running.options.cuts(Place.ARCHIVE) and done.filter(named).exists()


def _are_shared_with(running: Running) -> bool:
    ids = _let_go(running) if running.options.cuts(Place.ARCHIVE) else set()
    links = SecureLink.objects.filter(Q(recipient_id__in=ids) | Q(code_to_id__in=ids))
    return links.exists()


def _are_entered(running: Running) -> bool:
    ids = _let_go(running) if running.options.cuts(Place.ARCHIVE) else set()
    return bool(ids) and Entry.objects.filter(identifier_id__in=ids).exists()


def _is_content_left(running: Running) -> bool:
    kinds = [kind.number for kind in running.options.delete]
    done = items_of(running.job.id, ItemState.DONE)
    left = Content.objects.filter(interaction_id__in=done, kind__in=kinds, blob__gt="")
    return bool(kinds) and left.exists()


def _is_written_left(running: Running) -> bool:
    """Of a job that leaves other places; where it leaves none, the text keys tell."""
    if not running.options.leaves:
        return False
    done = items_of(running.job.id, ItemState.DONE)
    return is_written(running.options, Q(interaction_id__in=done))


FORGET = Kind((vanish, cut, cut_links, cut_log, drop_rows), what_is_left)
