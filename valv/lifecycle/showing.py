"""A job as it is shown: what was found, how far it is, and who else was seen there."""

from typing import Any

from msgspec import Struct

from valv.archive.identifiers import reveal
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.moments import format_moment
from valv.lifecycle import jobs
from valv.lifecycle.matching import also_seen, with_names
from valv.lifecycle.models import Job, JobItem
from valv.lifecycle.plans import ItemState, JobState, options_of, who_of
from valv.lifecycle.receipts import receipt_of
from valv.storage import scope
from valv.tenants.access import Caller


class Seen(Struct, frozen=True):
    """Somebody who stands on these interactions, and on others too."""

    kind: str
    shown: str
    here: int
    elsewhere: int


class ShownJob(Struct, frozen=True):
    """A job. ``status`` is planned, waiting, running, paused, partly, done, cancelled.

    ``places`` count what was found when it was planned, ``report`` what was done.
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
    delete: tuple[str, ...]
    keep_text: bool
    about: list[str]
    matched: int
    places: dict[str, int]
    held: int
    failed: bool
    progress: dict[str, int]
    report: dict[str, int]
    also_seen_with: list[Seen]
    receipt: dict[str, Any]


def see_job(caller: Caller, job: Job, *, now: Any) -> ShownJob:
    """See a job; whose data it shows is entered while it shows any."""
    with scope.writing(caller.tenant.id):
        if job.sealed is not None:
            details = {"job": str(job.id)}
            act = Act(Action.SEE, content="job", details=details)
            record(act, actor=caller.actor, now=now)
        return shown(job)


def shown(job: Job) -> ShownJob:
    """Inside a scope; whoever shows it to somebody enters that."""
    options = options_of(job)
    who = who_of(job)
    planned = job.state == JobState.PLANNED and options.anonymise
    return ShownJob(
        id=str(job.id),
        kind=job.kind,
        status=job.state,
        when="night" if job.at_night else "now",
        asked_by=job.actor,
        created_at=format_moment(job.created_at),
        finished_at=_text(job.finished_at),
        found_nowhere_since=_text(job.gone_at),
        anonymise=options.anonymise,
        delete=tuple(kind.value for kind in options.delete),
        keep_text=options.keep_text,
        about=[one.shown for one in who.known],
        matched=job.total,
        places=job.places,
        held=job.report.get("held", job.places.get("held", 0)),
        failed=bool(job.report.get("failed")),
        progress=jobs.progress_of(job),
        report=job.report,
        also_seen_with=_also_seen(job, who.ids) if planned else [],
        receipt=receipt_of(job.id),
    )


def _text(at: Any) -> str | None:
    return None if at is None else format_moment(at)


def _also_seen(job: Job, ids: list[int]) -> list[Seen]:
    found = also_seen(job.id, but=with_names(ids))
    values = reveal(job.tenant_id, [one.id for one in found])
    return [
        Seen(one.kind.value, values[one.id].shown, one.here, one.elsewhere)
        for one in found
        if one.id in values
    ]


def items_after(job: Job, after: int, *, limit: int) -> list[tuple[int, str]]:
    """Ids of a job's interactions in order, with what became of each."""
    rows = JobItem.objects.filter(job_id=job.id, interaction_id__gt=after)
    found = rows.order_by("interaction_id").values_list("interaction_id", "state")
    return [(id_, ItemState(state).name.lower()) for id_, state in found[:limit]]
