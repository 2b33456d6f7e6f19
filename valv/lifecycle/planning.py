"""Planning a job: whom or what it is about, and what is found of it, place by place.

Nothing is changed by a plan. Its interactions are listed when it is made; what hangs on
the same person and comes later is found when the job is run. A plan that nobody
approves within a day goes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

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
from valv.core.reasons import Needs
from valv.lifecycle.access import require
from valv.lifecycle.jobs import add_items, found
from valv.lifecycle.matching import hanging_on, items_of, told_of, with_names
from valv.lifecycle.models import Job
from valv.lifecycle.plans import (
    ItemState,
    JobState,
    Options,
    Who,
    ids_of,
    new_id,
    read_known,
    sealed,
)
from valv.lifecycle.receipts import FORGET
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.reasons import stated

MOST_TYPED = 100
AT_ONCE = 500
ANONYMISE = Options(anonymise=True)
BEING_PLANNED = JobState.PAUSED  # until its interactions are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: a person by what they are known by, or chosen interactions.

    ``struck`` are interactions that it is not to be done to.
    """

    kind: str = FORGET
    typed: tuple[tuple[Kind, str], ...] = ()
    interactions: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()
    options: Options = ANONYMISE


def plan(caller: Caller, wanted: Wanted, *, now: datetime) -> Job:
    """Find what a job would be done to. Raises Forbidden, Malformed, ReasonRequired.

    Who asked, and how much was found, is entered in the audit log.
    """
    require(caller, wanted.kind)
    tenant = caller.tenant
    options = _checked(tenant, wanted)
    known = read_known(tenant, wanted.typed)
    with scope.reading(tenant.id):
        ids = ids_of(tenant, known)
        hits = hanging_on(with_names(ids)) if ids else set[int]()
    hits |= told_of(tenant.id, ids) | wanted.interactions
    with scope.reading(tenant.id):
        hits = _in_reach(caller, hits)
    job_id = _create(caller, wanted, options, Who(known, ids), len(hits), now=now)
    add_items(tenant.id, job_id, hits - wanted.struck, ItemState.WAITING)
    add_items(tenant.id, job_id, hits & wanted.struck, ItemState.STRUCK)
    _planned(tenant.id, job_id, ids)
    return found(tenant.id, job_id)


def _checked(tenant: Tenant, wanted: Wanted) -> Options:
    options = wanted.options
    if not wanted.typed and not wanted.interactions:
        raise Malformed("Say who, or which interactions.", field=wanted.kind)
    if len(wanted.typed) > MOST_TYPED:
        raise Malformed(f"At most {MOST_TYPED} at once.", field=wanted.kind)
    if not options.anonymise and not options.delete:
        raise Malformed("Nothing is to be done.", field="anonymise")
    if not options.anonymise:  # who is forgotten asked for it, and that is why
        reason = stated(tenant, Needs.DELETE, options.reason)
        options = msgspec.structs.replace(options, reason=reason)
    delete = options.delete
    if ContentKind.RECORDING in delete and ContentKind.TRANSCRIPT not in delete:
        delete = (*delete, ContentKind.TRANSCRIPT)  # it never outlives what it is of
    return msgspec.structs.replace(options, delete=delete, struck=len(wanted.struck))


def _in_reach(caller: Caller, interaction_ids: Iterable[int]) -> set[int]:
    """Those of them that are there for who asks. Inside a scope."""
    listed, found = sorted(interaction_ids), set[int]()
    for start in range(0, len(listed), AT_ONCE):
        found.update(inside(caller.reach, listed[start : start + AT_ONCE]))
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
    by = sorted({kind.value for kind, _ in wanted.typed}) or ["chosen"]
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
        details = {"by": by, "found": count, "job": str(job_id)}
        record(Act(Action.SEARCH, details=details), actor=caller.actor, now=now)
    return job_id


def _planned(tenant_id: int, job_id: int, ids: list[int]) -> None:
    with scope.reading(tenant_id):
        places = places_of(job_id, ids)
    with scope.writing(tenant_id):
        Job.objects.filter(id=job_id).update(
            state=JobState.PLANNED, places=places, total=places["archive"]
        )


def places_of(job_id: int, ids: list[int]) -> dict[str, int]:
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
    counts["held"] = Interaction.objects.filter(id__in=ours, held=True).count()
    return counts


def chosen_of(job_id: int, tenant: Tenant) -> frozenset[int]:
    """The interactions that another job was done to, for what is to follow it."""
    with scope.reading(tenant.id):
        return frozenset(items_of(job_id, ItemState.DONE, ItemState.HELD))
