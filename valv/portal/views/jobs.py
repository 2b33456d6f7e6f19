"""Jobs on many interactions: looked at, begun, watched, and their files fetched."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest, Conflict, NotFound
from valv.core.permissions import Right
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.access import reachable_job
from valv.lifecycle.models import Job
from valv.lifecycle.plans import JobState
from valv.lifecycle.receipts import DELETE, DOWNLOAD
from valv.lifecycle.showing import ON_MANY, own_jobs, results_of, see_job
from valv.portal.builders.jobs import jobs_row, many_page
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.jobs import JobsPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.job_answers import file_answer, state_answer
from valv.portal.reasons import fault_of
from valv.portal.typed import typed
from valv.sharing.transfers import Way

HERE = "jobs"
UNPROCESSABLE = 422
PREPARE, DELETION, TONIGHT = "prepare", "delete", "night"
BEGIN = {DELETE: (DELETION, TONIGHT), DOWNLOAD: (PREPARE,)}


@signed_in(Right.BULK)
def my_jobs(request: Request) -> HttpResponse:
    listed = own_jobs(request.caller)
    page = JobsPage(tuple(jobs_row(one) for one in listed))
    return shown(request, "jobs.html", page, here=HERE)


def _found(request: Request, job_id: str) -> Job:
    """Jobs on people have a page of their own."""
    job = reachable_job(request.caller, job_id)
    if job.kind not in ON_MANY:
        raise NotFound
    return job


def _deletes(request: Request) -> bool:
    return request.POST.get("step") in BEGIN[DELETE]


@signed_in(Right.BULK, "GET", "POST")
@recently_confirmed(when=_deletes)
def job(request: Request, job_id: str) -> HttpResponse:
    found = _found(request, job_id)
    if request.method == "POST":
        begins = request.POST.get("step") in BEGIN[found.kind]
        return _begun(request, found) if begins else _stepped(request, found)
    return _page(request, found)


def _page(request: Request, job: Job, *, fault: str = "") -> HttpResponse:
    page = many_page(
        see_job(request.caller, job, now=request.now),
        results_of(request.caller, job),
        request.caller.tenant,
        reason=typed(request.POST, "reason"),
        fault=fault,
    )
    status = UNPROCESSABLE if fault else 200
    return shown(request, "job.html", page, here=HERE, status=status)


def _stepped(request: Request, job: Job) -> HttpResponse:
    acts = {"pause": jobs.pause, "continue": jobs.go_on, "cancel": jobs.cancel}
    step = request.POST.get("step", "")
    if step not in acts:
        raise BadRequest("There is no such step.", field="step")
    job = acts[step](request.caller.tenant, job.id)
    if step == "cancel":
        messages.info(request, _("The job is cancelled."))
    return _again(job)


def _begun(request: Request, job: Job) -> HttpResponse:
    """Begin what was looked at, for a reason that the log tells."""
    if job.state != JobState.PLANNED:
        raise Conflict("The job is not in a state in which that can be done.")
    if job.kind != DELETE:
        return _approve(request, job)
    missing = _("Write why they are deleted.")
    fault = fault_of(request.caller, typed(request.POST, "reason"), missing=missing)
    return _page(request, job, fault=fault) if fault else _approve(request, job)


def _approve(request: Request, job: Job) -> HttpResponse:
    tenant, at_night = request.caller.tenant, request.POST.get("step") == TONIGHT
    reason = typed(request.POST, "reason")
    planning.give_reason(tenant, job, reason, now=request.now)
    kinds.begin(tenant, job, at_night=at_night, now=request.now)
    return _again(job)


def _again(job: Job) -> HttpResponse:
    return see_other(reverse("job", args=[job.id]))


@signed_in(Right.BULK)
def job_state(request: Request, job_id: str) -> HttpResponse:
    """How far a job is, for a page that waits; nobody's data."""
    return state_answer(request, _found(request, job_id), "job-state")


@signed_in(Right.BULK, transfers=Way.OUT)
def job_file(request: Request, job_id: str, n: int) -> HttpResponseBase:
    """Whole, or one range of it; each is entered."""
    return file_answer(request, _found(request, job_id), n)


PLACE = "jobs/<str:job_id>"
routes = [
    path("jobs", my_jobs, name=HERE),
    path(PLACE, job, name="job"),
    path(f"{PLACE}/state", job_state, name="job-state"),
    path(f"{PLACE}/files/<int:n>", job_file, name="job-file"),
]
