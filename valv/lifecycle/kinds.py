"""The kinds of job by name, and the running of those that wait for somebody."""

from datetime import datetime

from django.db.models import Q

from valv.core.errors import Busy, Conflict
from valv.lifecycle import jobs
from valv.lifecycle.forget import FORGET
from valv.lifecycle.jobs import ENDED, LIVES, RETRY, UNAPPROVED
from valv.lifecycle.lease import is_taken
from valv.lifecycle.models import Job, JobItem
from valv.lifecycle.plans import JobState, options_of
from valv.lifecycle.preparing import DOWNLOAD
from valv.lifecycle.subject_access import SUBJECT_ACCESS
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant

# Deleting is forgetting nobody: the same steps, of which the first finds nothing to do.
KINDS = {
    "forget": FORGET,
    "delete": FORGET,
    "download": DOWNLOAD,
    "subject": SUBJECT_ACCESS,
}
# They take their time, and nothing that ends anything waits for them.
PREPARING = ("download", "subject")
AT_ONCE = 12  # batches that a request waits for
MOST_AT_ONCE = 20  # interactions in a file that it waits for


def run(tenant: Tenant, job_id: int, *, now: datetime, most: int | None = None) -> Job:
    """Run a job of whatever kind. Raises NotFound, and Conflict."""
    kind = KINDS[jobs.found(tenant.id, job_id).kind]
    return jobs.run(tenant, job_id, kind, now=now, most=most)


def begin(tenant: Tenant, job: Job, *, at_night: bool, now: datetime) -> Job:
    """Let a planned job be run, and run as much of it as a request waits for.

    The worker does the rest. Raises Conflict for one in another state, and for a
    package in which others stand who were not reviewed.
    """
    if needs_review(job):
        raise Conflict("Look at the others who stand there first.")
    job = jobs.approve(tenant, job.id, at_night=at_night, now=now)
    return job if at_night else run_at_once(tenant, job, now=now)


def needs_review(job: Job) -> bool:
    """Whether others stand in a package that nobody looked at yet."""
    return bool(job.places.get("third_parties")) and not options_of(job).reviewed


def run_at_once(tenant: Tenant, job: Job, *, now: datetime) -> Job:
    """Run as much of what waits as a request waits for; a large file, none."""
    if job.kind in PREPARING and job.total > MOST_AT_ONCE:
        return job
    try:
        return run(tenant, job.id, now=now, most=AT_ONCE)
    except Conflict:  # the worker was quicker
        return jobs.found(tenant.id, job.id)


def run_waiting(
    tenant: Tenant,
    *,
    now: datetime,
    at_night: bool = False,
    preparing: bool = False,
    most: int | None = None,
) -> bool:
    """Run what waits, was left by a dead process, or is partly done; did none fail?

    What is left to the coming night is run ``at_night`` only, and what is ``preparing``
    files apart from what ends something.
    """
    whole = True
    for job_id in _due(tenant, now=now, at_night=at_night, preparing=preparing):
        try:
            whole &= not run(tenant, job_id, now=now, most=most).report.get("failed")
        except (Busy, Conflict):
            whole = False
    return whole


def _due(
    tenant: Tenant, *, now: datetime, at_night: bool, preparing: bool
) -> list[int]:
    """Oldest first; what was only partly done is not tried again at once."""
    again = Q(state=JobState.PARTLY) & Q(tried_at__lte=now - RETRY)
    wanted = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING) | again
    with scope.reading(tenant.id):
        found = Job.objects.filter(wanted).order_by("approved_at", "id")
        those = found.filter if preparing else found.exclude
        found = those(kind__in=PREPARING)
        if not at_night:
            found = found.filter(Q(at_night=False) | Q(gone_at__isnull=False))
        due = [job for job in found if at_night or not _is_only_held(job)]
        return [job.id for job in due if not is_taken(job, now)]


def _is_only_held(job: Job) -> bool:
    """Whether a hold alone keeps it from being done: that is looked at once a night."""
    return bool(job.state == JobState.PARTLY and not job.report.get("failed"))


def drop_old(tenant: Tenant, *, now: datetime) -> int:
    """Drop plans that nobody approved, and jobs a year after they ended."""
    ended = Q(state__in=ENDED, finished_at__lt=now - LIVES)
    ended |= Q(state=JobState.CANCELLED, created_at__lt=now - LIVES)
    unapproved = Q(approved_at__isnull=True, created_at__lt=now - UNAPPROVED)
    with scope.writing(tenant.id):
        gone = list(Job.objects.filter(ended | unapproved).values_list("id", flat=True))
        JobItem.objects.filter(job_id__in=gone).delete()
        Job.objects.filter(id__in=gone).delete()
        doomed = intents.commit(intents.intend(KeyKind.JOB, gone, now=now))
    intents.carry_out(tenant.id, doomed)
    return len(gone)
