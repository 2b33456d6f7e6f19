"""A job as it is shown: what was found, how far it is, and who else was seen there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from valv.archive.identifiers import reveal
from valv.archive.items import Item, items
from valv.archive.reach import inside
from valv.archive.rows import rows_of
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.ids import id_from_text
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.lifecycle import jobs
from valv.lifecycle.access import reach_of
from valv.lifecycle.files import ShownFile, files_of
from valv.lifecycle.matching import also_seen, items_of, others_on, with_names
from valv.lifecycle.models import Job, JobItem
from valv.lifecycle.planning import Wanted
from valv.lifecycle.plans import (
    ItemState,
    JobState,
    Options,
    Place,
    options_of,
    who_of,
)
from valv.lifecycle.receipts import DELETE, DOWNLOAD, FORGET, SUBJECT, receipt_of
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

UNDONE = (ItemState.HELD, ItemState.REFUSED, ItemState.WITHOUT)
ON_MANY = (DELETE, DOWNLOAD)
ENDED_ITEMS = ("done", "held", "refused", "without")
CHOSEN = ("anonymise", "leaves", "delete", "keep_text", "blank", "standing_days")


class Seen(Struct, frozen=True):
    """Somebody who stands on these interactions, and on others too."""

    id: str
    kind: str
    shown: str
    here: int
    elsewhere: int


class Meant(Struct, frozen=True):
    """Something that was entered, as it was read."""

    kind: str
    shown: str


class ShownJob(Struct, frozen=True):
    """A job. ``status`` is planned, waiting, running, paused, partly, done, cancelled.

    ``places`` count what was found when it was planned, ``report`` what was done.
    What is not in ``anonymise_in`` stays as it is: then it is never said that the
    person is found nowhere.
    ``also_seen_with`` is told of a plan alone; ``about`` is empty once it is done.
    """

    id: str
    kind: str
    status: str
    when: str
    asked_by: str
    created_at: str
    finished_at: str | None
    found_nowhere_since: str | None
    anonymise: bool
    anonymise_in: tuple[str, ...]
    delete: tuple[str, ...]
    keep_text: bool
    blank: bool
    standing_days: int
    about: list[Meant]
    matched: int
    places: dict[str, int]
    held: int
    may_cancel: bool
    failed: bool
    progress: dict[str, int]
    report: dict[str, int]
    also_seen_with: list[Seen]
    receipt: dict[str, Any]
    take: tuple[str, ...]
    purpose: str
    files: list[ShownFile]

    def watched(self) -> "Watched":
        """How far it is, without whom it is about."""
        return Watched(
            self.id,
            self.status,
            sum(self.progress[name] for name in ENDED_ITEMS),
            self.progress["total"],
            self.held,
            self.failed,
            self.when == "night",
        )


def see_job(caller: Caller, job: Job, *, now: datetime) -> ShownJob:
    """See a job; whose data it shows is entered while it shows any."""
    with scope.writing(caller.tenant.id):
        if job.sealed is not None:
            details = {"job": str(job.id)}
            act = Act(Action.SEE, content="job", details=details)
            record(act, actor=caller.actor, now=now)
        return shown(job, caller.tenant, now=now)


def shown(job: Job, tenant: Tenant, *, now: datetime) -> ShownJob:
    """Inside a scope; whoever shows it to somebody enters that."""
    options = options_of(job)
    who = who_of(job)
    planned = job.state == JobState.PLANNED and (options.anonymise or who.ids)
    return ShownJob(
        id=str(job.id),
        kind=job.kind,
        status=job.state,
        when="night" if job.at_night else "now",
        asked_by=job.actor,
        created_at=format_moment(job.created_at),
        finished_at=_text(job.finished_at),
        found_nowhere_since=_text(None if options.leaves else job.gone_at),
        anonymise=options.anonymise,
        anonymise_in=tuple(place for place in Place if options.cuts(place)),
        delete=tuple(kind.value for kind in options.delete),
        keep_text=options.keep_text,
        blank=options.blank,
        standing_days=options.standing_days,
        about=[Meant(one.kind.value, one.shown) for one in who.known],
        matched=job.total,
        places=job.places,
        held=job.report.get("held", job.places.get("held", 0)),
        may_cancel=jobs.may_cancel(job),
        failed=bool(job.report.get("failed")),
        progress=jobs.progress_of(job),
        report=job.report,
        also_seen_with=_also_seen(job, who.ids) if planned else [],
        receipt=receipt_of(job.id),
        take=tuple(kind.value for kind in options.take),
        purpose=options.purpose,
        files=files_of(job, tenant, now=now),
    )


def _text(at: Any) -> str | None:
    return None if at is None else format_moment(at)


def _also_seen(job: Job, ids: list[int]) -> list[Seen]:
    seen = others_on if job.kind == SUBJECT else also_seen
    found = seen(job.id, but=with_names(ids))
    values = reveal(job.tenant_id, [one.id for one in found])
    return [
        Seen(str(one.id), one.kind.value, values[one.id].shown, one.here, one.elsewhere)
        for one in found
        if one.id in values
    ]


def items_after(
    caller: Caller, job: Job, after: int, *, limit: int
) -> list[tuple[int, str]]:
    """Ids of a job's interactions in order, with what became of each.

    Those beyond the caller's reach are not there.
    """
    rows = JobItem.objects.filter(job_id=job.id, interaction_id__gt=after)
    found = rows.order_by("interaction_id").values_list("interaction_id", "state")
    states = dict(found[:limit])
    near = inside(_shown_to(caller, job), states)
    return [(id_, ItemState(states[id_]).name.lower()) for id_ in near]


def results_of(caller: Caller, job: Job, *, limit: int = 50) -> list[tuple[int, str]]:
    """Those it was not done to, and why not, oldest first, within reach."""
    with scope.reading(caller.tenant.id):
        rows = JobItem.objects.filter(job_id=job.id, state__in=UNDONE)
        found = rows.order_by("interaction_id").values_list("interaction_id", "state")
        states = dict(found[:limit])
        near = inside(_shown_to(caller, job), states)
        return [(id_, ItemState(states[id_]).name.lower()) for id_ in near]


def _shown_to(caller: Caller, job: Job) -> Reach:
    """Whoever prepares a package looks at all that it tells, what is restricted too."""
    return reach_of(caller, job.kind) if job.kind == SUBJECT else caller.reach


def own_jobs(caller: Caller, *, limit: int = 50) -> list[Job]:
    """The caller's newest jobs on many interactions; nobody's data."""
    caller.require(Right.BULK)
    actor = caller.actor
    with scope.reading(caller.tenant.id):
        mine = Job.objects.filter(actor_type=actor.type.value, actor_id=actor.id)
        mine = mine.filter(kind__in=ON_MANY).exclude(state=JobState.PLANNED)
        return list(mine.order_by("-id")[:limit])


@dataclass(frozen=True, slots=True)
class Watched:
    """How far a job is; it shows nobody."""

    id: str
    status: str
    done: int
    total: int
    held: int
    failed: bool
    at_night: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A job in a list; ``about`` is empty once nobody knows whom it was about."""

    id: str
    kind: str
    status: str
    created_at: datetime
    asked_by: str
    about: tuple[str, ...]
    matched: int
    held: int
    failed: bool


def watched(caller: Caller, job: Job, *, now: datetime) -> Watched:
    with scope.reading(caller.tenant.id):
        return shown(job, caller.tenant, now=now).watched()


def list_jobs(
    caller: Caller, *, now: datetime, kind: str = FORGET, limit: int = 50
) -> list[Listed]:
    """The newest jobs on people, those too that wait for somebody to approve them.

    One entry if it is shown whom any is about.
    """
    caller.require(Right.PRIVACY)
    with scope.writing(caller.tenant.id):
        found = Job.objects.filter(kind=kind).exclude(state=JobState.CANCELLED)
        listed = [_listed(job) for job in found.order_by("-id")[:limit]]
        telling = [one.id for one in listed if one.about]
        if telling:
            act = Act(Action.SEE, content="job", details={"jobs": telling})
            record(act, actor=caller.actor, now=now)
    return listed


def _listed(job: Job) -> Listed:
    return Listed(
        id=str(job.id),
        kind=job.kind,
        status=job.state,
        created_at=job.created_at,
        asked_by=job.actor,
        about=tuple(one.shown for one in who_of(job).known),
        matched=job.total,
        held=job.report.get("held", 0),
        failed=bool(job.report.get("failed")),
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """An interaction of a job; one that is ``hidden`` has no page of its own now."""

    item: Item
    struck: bool
    hidden: bool


def hits_of(caller: Caller, job: Job, *, limit: int = 100) -> list[Hit]:
    """The job's interactions, newest first."""
    reach = _shown_to(caller, job)
    with scope.reading(caller.tenant.id):
        items_ = JobItem.objects.filter(job_id=job.id).order_by("-interaction_id")
        states = dict(items_.values_list("interaction_id", "state")[:limit])
        found = rows_of(sorted(states), reach=reach)
        open_ = set(inside(caller.reach, sorted(states)))
        found.sort(key=lambda row: row[:2], reverse=True)
        return [
            Hit(item, states[id_] == ItemState.STRUCK, id_ not in open_)
            for item in items(caller.tenant, found)
            for id_ in (int(item.id),)
        ]


def plan_of(
    caller: Caller,
    job: Job,
    *,
    options: Options,
    struck: Iterable[str],
    added: Iterable[str],
) -> Wanted | None:
    """A plan like this one but for what was changed; None if nothing was."""
    who, before = who_of(job), options_of(job)
    off = frozenset(map(id_from_text, struck))
    with scope.reading(caller.tenant.id):
        was_off = frozenset(items_of(job.id, ItemState.STRUCK))
        more = reveal(caller.tenant.id, map(id_from_text, added))
        chosen = frozenset[int]()
        if not who.known:
            chosen = frozenset(items_of(job.id))
    same = all(getattr(before, name) == getattr(options, name) for name in CHOSEN)
    if same and off == was_off and not more:
        return None
    typed = [(one.kind, one.shown) for one in who.known]
    typed += [(one.kind, one.shown) for one in more.values()]
    return Wanted(
        kind=job.kind,
        typed=tuple(typed),
        interactions=chosen,
        struck=off,
        options=options,
    )


def receipt_file(caller: Caller, job: Job) -> dict[str, Any]:
    with scope.reading(caller.tenant.id):
        return receipt_of(job.id)
