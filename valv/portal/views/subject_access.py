"""Subject access: whom it is about is entered, what is found looked at, a file made."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest, Conflict, Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.core.purposes import Use
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.access import reachable_job
from valv.lifecycle.models import Job
from valv.lifecycle.plans import EVERYTHING, JobState, Options
from valv.lifecycle.receipts import SUBJECT
from valv.lifecycle.showing import (
    hits_of,
    list_jobs,
    plan_of,
    results_of,
    see_job,
)
from valv.portal.builders.jobs import package_page, package_row
from valv.portal.contexts.privacy import AnonymisePage, TypedPerson
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.job_answers import file_answer, state_answer
from valv.portal.persons_typed import BY, persons_in, persons_typed
from valv.sharing.transfers import Way

HERE = "subject-access"
UNPROCESSABLE = 422


@signed_in(Right.PRIVACY, "GET", "POST")
def subject_access(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _start(request, TypedPerson())
    person = TypedPerson(*persons_typed(request.POST))
    try:
        job = planning.plan(request.caller, _wanted(person), now=request.now)
    except Malformed as error:
        return _start(request, person, error=error)
    return _again(job)


def _wanted(person: TypedPerson) -> planning.Wanted:
    return planning.Wanted(
        kind=SUBJECT,
        typed=persons_in(person),
        options=Options(take=EVERYTHING, purpose=Use.LEGAL.value, language="en"),
    )


def _start(
    request: Request, person: TypedPerson, *, error: Malformed | None = None
) -> HttpResponse:
    listed = list_jobs(request.caller, now=request.now, kind=SUBJECT)
    page = AnonymisePage(
        typed=person,
        jobs=tuple(package_row(one) for one in listed),
        wrong="" if error is None else error.field or SUBJECT,
        fault="" if error is None else _fault(error),
    )
    status = UNPROCESSABLE if error else 200
    return shown(request, "subject_access.html", page, here=HERE, status=status)


def _fault(error: Malformed) -> str:
    if error.field in {kind.value for kind in BY}:
        return _("One of them cannot be read, or is nobody's. State each whole.")
    return _("Write whom it is about: a number, an address or a handle.")


def _found(request: Request, job_id: str) -> Job:
    job = reachable_job(request.caller, job_id)
    if job.kind != SUBJECT:
        raise NotFound
    return job


@signed_in(Right.PRIVACY, "GET", "POST")
def package(request: Request, job_id: str) -> HttpResponse:
    job = _found(request, job_id)
    if request.method == "POST":
        return _stepped(request, job)
    page = package_page(
        see_job(request.caller, job, now=request.now),
        hits_of(request.caller, job),
        results_of(request.caller, job),
        request.caller.tenant,
    )
    return shown(request, "subject_package.html", page, here=HERE)


def _stepped(request: Request, job: Job) -> HttpResponse:
    step, tenant = request.POST.get("step"), request.caller.tenant
    if step in ("look", "prepare"):
        return _looked_at(request, job, step)
    acts = {"pause": jobs.pause, "continue": jobs.go_on, "cancel": jobs.cancel}
    if step not in acts:
        raise BadRequest("There is no such step.", field="step")
    job = acts[step](tenant, job.id)
    if step == "cancel":
        messages.info(request, _("The job is cancelled."))
        return see_other(reverse(HERE))
    return _again(job)


def _looked_at(request: Request, job: Job, step: str) -> HttpResponse:
    """Begin what was looked at; what was struck off is looked at once more."""
    if job.state != JobState.PLANNED:
        raise Conflict("The job is not in a state in which that can be done.")
    caller, given = request.caller, request.POST
    options = Options(take=EVERYTHING, purpose=Use.LEGAL.value, language="en")
    struck = given.getlist("strike")
    new = plan_of(caller, job, options=options, struck=struck, added=())
    if new is not None:
        made = planning.plan(caller, new, now=request.now)
        jobs.cancel(caller.tenant, job.id)
        if step != "look":
            messages.info(request, _("The plan has changed. Look at it once more."))
        return _again(made)
    if step == "prepare":
        job = planning.review(
            caller.tenant,
            job,
            tell=map(id_from_text, given.getlist("tell")),
            language=given.get("language", ""),
            name_staff="name_staff" in given,
        )
        kinds.begin(caller.tenant, job, at_night=False, now=request.now)
    return _again(job)


def _again(job: Job) -> HttpResponse:
    return see_other(reverse("subject-package", args=[job.id]))


@signed_in(Right.PRIVACY)
def package_state(request: Request, job_id: str) -> HttpResponse:
    """How far a package is, for a page that waits; nobody's data."""
    return state_answer(request, _found(request, job_id), "subject-state")


@signed_in(Right.PRIVACY, transfers=Way.OUT)
def package_file(request: Request, job_id: str, n: int) -> HttpResponseBase:
    """Whole, or one range of it; each is entered."""
    return file_answer(request, _found(request, job_id), n)


PLACE = "subject-access/<str:job_id>"
routes = [
    path("subject-access", subject_access, name=HERE),
    path(PLACE, package, name="subject-package"),
    path(f"{PLACE}/state", package_state, name="subject-state"),
    path(f"{PLACE}/files/<int:n>", package_file, name="subject-file"),
]
