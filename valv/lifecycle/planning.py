"""Planning a job: whom or what it is about, and what is found of it, place by place.

Nothing is changed by a plan. Its interactions are listed when it is made; what hangs on
the same person and comes later is found when the job is run. A plan that nobody
approves within a day goes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import msgspec

from valv.archive.mentions import kept, stated_reason
from valv.archive.minimum import Minimum
from valv.archive.models import (
    ChatCopy,
    Consent,
    Content,
    Interaction,
    RawEvent,
    StoredSearch,
    Survey,
)
from valv.archive.reach import inside
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.errors import Malformed
from valv.core.identifiers import Kind
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.core.reasons import Needs, checked
from valv.lifecycle.access import reach_of, require
from valv.lifecycle.jobs import add_items, found
from valv.lifecycle.matching import (
    hanging_on,
    items_of,
    others_on,
    told_of,
    with_names,
)
from valv.lifecycle.models import Job
from valv.lifecycle.plans import (
    ItemState,
    JobState,
    Options,
    Place,
    Who,
    ids_of,
    new_id,
    options_of,
    read_known,
    sealed,
    take_of,
)
from valv.lifecycle.receipts import FORGET, SUBJECT
from valv.lifecycle.standing import checked_days
from valv.lifecycle.tallies import tally
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

MOST_TYPED = 100
AT_ONCE = 500
LANGUAGES = ("sv", "en")
ANONYMISE = Options(anonymise=True)
# What lies in places that a job may leave as they are; all else is in the archive.
APART = {"surveys": Place.SURVEYS, "raw_data": Place.RAW_DATA}
BEING_PLANNED = JobState.PAUSED  # until its interactions are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: a person by what they are known by, or chosen interactions.

    ``pages`` are more of them, listed as they come, and ``by`` how they were found.
    ``struck`` are interactions that it is not to be done to. One that is not
    ``is_reasoned`` yet is told why with ``give_reason``, before it is approved.
    """

    kind: str = FORGET
    typed: tuple[tuple[Kind, str], ...] = ()
    interactions: frozenset[int] = frozenset()
    pages: Iterable[Iterable[int]] | None = None
    by: tuple[str, ...] = ("chosen",)
    is_reasoned: bool = True
    struck: frozenset[int] = frozenset()
    options: Options = ANONYMISE


def plan(caller: Caller, wanted: Wanted, *, now: datetime) -> Job:
    """Find what a job would be done to. Raises Forbidden, Malformed, ReasonRequired.

    Who asked, and how much was found, is entered in the audit log.
    """
    require(caller, wanted.kind)
    tenant = caller.tenant
    options = _checked(caller, wanted, now=now)
    known = read_known(tenant, wanted.typed)
    with scope.reading(tenant.id):
        ids = ids_of(tenant, known)
        hits = hanging_on(with_names(ids)) if ids else set[int]()
    hits |= told_of(tenant.id, ids) | wanted.interactions
    with scope.reading(tenant.id):
        hits = _in_reach(reach_of(caller, wanted.kind), hits)
    job_id = _create(caller, wanted, options, Who(known, ids), len(hits), now=now)
    for some in chain([hits], wanted.pages or ()):
        _list(caller, job_id, some, wanted)
    _planned(caller, job_id, wanted, ids, now=now)
    return found(tenant.id, job_id)


def _list(caller: Caller, job_id: int, some: Iterable[int], wanted: Wanted) -> None:
    struck = wanted.struck
    with scope.reading(caller.tenant.id):
        hits = _in_reach(reach_of(caller, wanted.kind), some)
    add_items(caller.tenant.id, job_id, hits - struck, ItemState.WAITING)
    add_items(caller.tenant.id, job_id, hits & struck, ItemState.STRUCK)


def _checked(caller: Caller, wanted: Wanted, *, now: datetime) -> Options:
    options = wanted.options
    if wanted.kind == SUBJECT and not wanted.typed:
        raise Malformed("Say whom it is about.", field=wanted.kind)
    checked_days(options.standing_days)
    if not (wanted.typed or wanted.interactions or wanted.pages is not None):
        raise Malformed("Say who, or which interactions.", field=wanted.kind)
    if len(wanted.typed) > MOST_TYPED:
        raise Malformed(f"At most {MOST_TYPED} at once.", field=wanted.kind)
    if not (options.anonymise or options.delete or options.take):
        raise Malformed("Nothing is to be done.", field="anonymise")
    options = _places_checked(options)
    may = bool(options.take) and caller.may(Right.RESTRICTED)
    options = msgspec.structs.replace(options, restricted=may)
    if wanted.is_reasoned:
        options = with_reason(caller.tenant, options, options.reason, now=now)
    delete = options.delete
    if ContentKind.RECORDING in delete and ContentKind.TRANSCRIPT not in delete:
        delete = (*delete, ContentKind.TRANSCRIPT)  # it never outlives what it is of
    return msgspec.structs.replace(options, delete=delete, struck=len(wanted.struck))


def _places_checked(options: Options) -> Options:
    """Raises Malformed where a place is both left as it is and not."""
    if not options.anonymise:
        return msgspec.structs.replace(options, leaves=())
    if len(options.leaves) == len(Place):
        raise Malformed("No place is chosen.", field="anonymise_in")
    if options.delete and not options.cuts(Place.ARCHIVE):
        raise Malformed("Content is part of the archive.", field="anonymise_in")
    return options


def with_reason(
    tenant: Tenant, options: Options, reason: str, *, now: datetime
) -> Options:
    """The options with why; whom it is about asked for it, so it needs none.

    Raises ReasonRequired, and Malformed for what is not one line.
    """
    if options.anonymise or options.language:
        why = kept(tenant, checked(reason, required=False), now=now)
    else:
        needs = Needs.DOWNLOAD if options.take else Needs.DELETE
        why = stated_reason(tenant, needs, reason, now=now)
    return msgspec.structs.replace(options, reason=why)


def give_reason(tenant: Tenant, job: Job, reason: str, *, now: datetime) -> None:
    """Say why, of a job that is planned. Raises as ``with_reason``."""
    options = with_reason(tenant, options_of(job), reason, now=now)
    with scope.writing(tenant.id):
        planned = Job.objects.filter(id=job.id, state=JobState.PLANNED)
        planned.update(options=msgspec.to_builtins(options))


def review(
    tenant: Tenant, job: Job, *, tell: Iterable[int], language: str, name_staff: bool
) -> Job:
    """Say that the others in a planned package were looked at, and who may be told."""
    options = msgspec.structs.replace(
        options_of(job),
        tell=tuple(sorted(tell)),
        language=language_of(tenant, language),
        name_staff=name_staff,
        reviewed=True,
    )
    with scope.writing(tenant.id):
        planned = Job.objects.filter(id=job.id, state=JobState.PLANNED)
        planned.update(options=msgspec.to_builtins(options))
    return found(tenant.id, job.id)


def language_of(tenant: Tenant, asked: str) -> str:
    """Swedish or English: what was asked for, else the tenant's own."""
    wanted = asked or tenant.language
    return wanted if wanted in LANGUAGES else "en"


def _in_reach(reach: Reach, interaction_ids: Iterable[int]) -> set[int]:
    """Those of them that lie within. Inside a scope."""
    listed, found = sorted(interaction_ids), set[int]()
    for start in range(0, len(listed), AT_ONCE):
        found.update(inside(reach, listed[start : start + AT_ONCE]))
    return found


def _create(
    caller: Caller,
    wanted: Wanted,
    options: Options,
    who: Who,
    count: int,
    *,
    now: datetime,
) -> int:
    """The row, with the entry of who looked for it; that of pages tells their count."""
    tenant_id, job_id = caller.tenant.id, new_id(now)
    whom = sealed(tenant_id, job_id, who)
    with scope.writing(tenant_id):
        Job.objects.create(
            id=job_id,
            kind=wanted.kind,
            state=BEING_PLANNED,
            options=msgspec.to_builtins(options),
            sealed=whom,
            actor_type=caller.actor.type.value,
            actor=caller.actor.name[:200],
            actor_id=caller.actor.id,
            created_at=now,
        )
        if wanted.pages is None:
            record(_looked_for(wanted, job_id, count), actor=caller.actor, now=now)
    return job_id


def _looked_for(wanted: Wanted, job_id: int, count: int) -> Act:
    by = sorted({kind.value for kind, _ in wanted.typed}) or list(wanted.by)
    details = {"by": by, "found": count, "job": str(job_id)}
    return Act(Action.SEARCH, details=details)


def _planned(
    caller: Caller, job_id: int, wanted: Wanted, ids: list[int], *, now: datetime
) -> None:
    """Count what is listed, let it be seen, and enter how much pages came to."""
    tenant_id = caller.tenant.id
    options = options_of(found(tenant_id, job_id))
    with scope.reading(tenant_id):
        places = places_of(job_id, ids, options)
        places["held"] = _staying(caller.tenant, job_id, options, now=now)
        if not options.anonymise:
            places |= tally(job_id, take_of(options))
        if wanted.kind == SUBJECT:
            places["third_parties"] = len(others_on(job_id, but=with_names(ids)))
        total = items_of(job_id, ItemState.WAITING).count()
        listed = total + items_of(job_id, ItemState.STRUCK).count()
    with scope.writing(tenant_id):
        Job.objects.filter(id=job_id).update(
            state=JobState.PLANNED, places=places, total=total
        )
        if wanted.pages is not None:
            record(_looked_for(wanted, job_id, listed), actor=caller.actor, now=now)


def places_of(job_id: int, ids: list[int], options: Options) -> dict[str, int]:
    """How much there is in each place, of what the job would be done to."""
    ours = items_of(job_id, ItemState.WAITING)
    hanging = {
        "archive": Interaction.objects.filter(id__in=ours),
        "surveys": Survey.objects.filter(interaction_id__in=ours),
        "raw_data": RawEvent.objects.filter(interaction_id__in=ours),
        "consents": Consent.objects.filter(interaction_id__in=ours),
        "chat_copies": ChatCopy.objects.filter(interaction_id__in=ours),
        "audit_log": Entry.objects.filter(identifier_id__in=ids),
        "stored_searches": StoredSearch.objects.all()[: None if ids else 0],
    }
    counts = {name: rows.count() for name, rows in hanging.items()}
    there = Content.objects.filter(
        interaction_id__in=ours, state=ContentState.PRESENT.number
    )
    for kind in ContentKind:
        counts[f"{kind.value}s"] = there.filter(kind=kind.number).count()
    for name in list(counts):
        if APART.get(name, Place.ARCHIVE) in options.leaves:
            del counts[name]
    return counts


def _staying(tenant: Tenant, job_id: int, options: Options, *, now: datetime) -> int:
    """How many a hold keeps, or a minimum period, whoever approves the job.

    None of a job that takes nothing away.
    """
    if not (options.anonymise or options.delete):
        return 0
    ours = Interaction.objects.filter(id__in=items_of(job_id, ItemState.WAITING))
    held = ours.filter(held=True).count()
    minimum = Minimum.of(tenant, now=now)
    if minimum.is_none():
        return held
    free = ours.filter(held=False).iterator()
    return held + sum(_must_stay(row, minimum, options) for row in free)


def _must_stay(row: Interaction, minimum: Minimum, options: Options) -> bool:
    if options.anonymise and minimum.of_person(row) is not None:
        return True
    return minimum.of_content(row, options.delete) is not None


def chosen_of(job_id: int, tenant: Tenant) -> frozenset[int]:
    """The interactions that another job was done to, for what is to follow it."""
    with scope.reading(tenant.id):
        return frozenset(items_of(job_id, ItemState.DONE, ItemState.HELD))
