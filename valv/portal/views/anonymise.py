"""Anonymising a person: entered, looked at, approved, and watched until it is done."""

import json
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest, Conflict, Malformed, NotFound
from valv.core.permissions import Right
from valv.lifecycle import jobs, kinds, many, planning, standing
from valv.lifecycle.access import reachable_job
from valv.lifecycle.models import Job
from valv.lifecycle.plans import EVERYTHING, JobState, Options, Place, leaves_of
from valv.lifecycle.receipts import FORGET
from valv.lifecycle.showing import (
    hits_of,
    list_jobs,
    plan_of,
    receipt_file,
    see_job,
)
from valv.portal.asking_why import is_about_reason
from valv.portal.builders.privacy import entry_row, job_page, job_row, many_page
from valv.portal.builders.tokens import days_from
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.privacy import AnonymisePage, TypedPerson
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.job_answers import state_answer
from valv.portal.persons_typed import persons_in, persons_typed
from valv.portal.typed import typed

HERE = "anonymise"
UNPROCESSABLE = 422


@signed_in(Right.PRIVACY, "GET", "POST")
def anonymise(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _start(request, TypedPerson())
    person = _typed(request.POST)
    if "csv" in request.FILES:
        return _many(request, person)
    try:
        job = planning.plan(request.caller, _wanted(person), now=request.now)
    except Malformed as error:
        if is_about_reason(error, request):
            raise
        return _start(request, person, error=error)
    return see_other(reverse("anonymise-job", args=[job.id]))


def _many(request: Request, person: TypedPerson) -> HttpResponse:
    """Plans for the persons of a file, to be looked at and begun together."""
    like = planning.Wanted(options=_options(person))
    try:
        listed = many.persons_of(_text_of(request), most=many.MOST_IN_A_REQUEST)
        plans = many.plans_of(request.caller, listed, like=like, now=request.now)
        page = many_page(plans, like.options)
    except Malformed as error:
        if is_about_reason(error, request):
            raise
        return _start(request, person, error=error)
    return shown(request, "anonymise_many.html", page, here=HERE)


def _text_of(request: Request) -> str:
    (file,) = request.FILES.getlist("csv")[:1]
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Malformed("The file is not UTF-8.", field="csv") from None


def _forgetting(request: Request, job_id: str) -> Job:
    """A job that forgets a person; one of another kind is not for this page."""
    job = reachable_job(request.caller, job_id)
    if job.kind != FORGET:
        raise NotFound
    return job


@signed_in(Right.PRIVACY, "POST")
@recently_confirmed()
def anonymise_many(request: Request) -> HttpResponse:
    """Begin the plans of a file's persons, or cancel them."""
    step, tenant = request.POST.get("step"), request.caller.tenant
    planned = [_forgetting(request, one) for one in request.POST.getlist("job")]
    if step == "cancel":
        for job in planned:
            jobs.cancel(tenant, job.id)
        messages.info(request, _("The plans are cancelled. Nobody is forgotten."))
    elif step in ("now", "night"):
        for job in planned:
            jobs.approve(tenant, job.id, at_night=step == "night", now=request.now)
        messages.success(request, _("They have begun, each a job of its own."))
    else:
        raise BadRequest("There is no such step.", field="step")
    return see_other(reverse(HERE))


def _typed(given: Mapping[str, str]) -> TypedPerson:
    return TypedPerson(
        *persons_typed(given),
        anonymise="anonymise" in given,
        delete="delete" in given,
        keep_text="keep_text" in given,
        blank="blank" in given,
        standing=typed(given, "standing"),
        reason=typed(given, "reason"),
        archive="archive" in given,
        surveys="surveys" in given,
        raw_data="raw_data" in given,
    )


def _wanted(person: TypedPerson) -> planning.Wanted:
    return planning.Wanted(
        typed=persons_in(person),
        options=_options(person),
    )


def _options(person: TypedPerson) -> Options:
    return Options(
        anonymise=person.anonymise,
        leaves=leaves_of(place for place in Place if getattr(person, place)),
        delete=EVERYTHING if person.delete else (),
        keep_text=person.keep_text,
        blank=person.blank,
        standing_days=_days(person.standing),
        reason=person.reason,
    )


def _days(text: str) -> int:
    return days_from(text, field="standing_days") if text else 0


def _start(
    request: Request, person: TypedPerson, *, error: Malformed | None = None
) -> HttpResponse:
    listed = list_jobs(request.caller, now=request.now)
    page = AnonymisePage(
        typed=person,
        jobs=tuple(job_row(one) for one in listed),
        entries=tuple(
            entry_row(one) for one in standing.entries(request.caller, now=request.now)
        ),
        wrong="" if error is None else error.field or "forget",
        fault="" if error is None else _fault(error),
    )
    status = UNPROCESSABLE if error else 200
    return shown(request, "anonymise.html", page, here=HERE, status=status)


def _fault(error: Malformed) -> str:
    match error.field:
        case "phone" | "email" | "handle":
            return _("One of them cannot be read, or is nobody's. State each whole.")
        case "csv":
            most = many.MOST_IN_A_REQUEST
            return _(
                "It is no CSV file in UTF-8 with at most %(most)s persons under the"
                " headings phone, email, handle. In Excel, save it as CSV UTF-8."
            ) % {"most": most}
        case "standing_days":
            return _("State a number of days from 0 to 3650.")
        case "anonymise":
            return _("Choose what is to be done.")
        case "anonymise_in":
            return _("Choose where; content goes together with the archive alone.")
        case _:
            return _("Write whom it is about: a number, an address or a handle.")


@signed_in(Right.PRIVACY, "GET", "POST")
@recently_confirmed()
def anonymise_job(request: Request, job_id: str) -> HttpResponse:
    job = reachable_job(request.caller, job_id)
    if request.method == "POST":
        return _stepped(request, job)
    seen = see_job(request.caller, job, now=request.now)
    page = job_page(
        seen, hits_of(request.caller, job), region=request.caller.tenant.region
    )
    return shown(request, "anonymise_job.html", page, here=HERE)


def _stepped(request: Request, job: Job) -> HttpResponse:
    step = request.POST.get("step")
    if step in ("look", "now", "night"):
        return _approve(request, job, step)
    acts = {"pause": jobs.pause, "continue": jobs.go_on, "cancel": jobs.cancel}
    if step == "delete":
        return _delete_content(request, job)
    if step not in acts:
        raise BadRequest("There is no such step.", field="step")
    job = acts[step](request.caller.tenant, job.id)
    if step == "cancel":
        messages.info(request, _("The job is cancelled. Nobody is forgotten."))
        return see_other(reverse(HERE))
    return _again(job)


def _again(job: Job) -> HttpResponse:
    return see_other(reverse("anonymise-job", args=[job.id]))


def _approve(request: Request, job: Job, step: str) -> HttpResponse:
    """Begin what was looked at; what was changed on the page is looked at first."""
    if job.state != JobState.PLANNED:
        raise Conflict("The job is not in a state in which that can be done.")
    wanted = plan_of(
        request.caller,
        job,
        options=_options(_typed(request.POST)),
        struck=request.POST.getlist("strike"),
        added=request.POST.getlist("add"),
    )
    if wanted is not None:
        new = planning.plan(request.caller, wanted, now=request.now)
        jobs.cancel(request.caller.tenant, job.id)
        if step != "look":
            messages.info(request, _("The plan has changed. Look at it once more."))
        return _again(new)
    if step != "look":
        at_night = step == "night"
        kinds.begin(request.caller.tenant, job, at_night=at_night, now=request.now)
    return _again(job)


def _delete_content(request: Request, job: Job) -> HttpResponse:
    """A plan to delete what a job kept; it is looked at before it is begun."""
    wanted = planning.Wanted(
        interactions=planning.chosen_of(job.id, request.caller.tenant),
        options=Options(delete=EVERYTHING, reason=typed(request.POST, "reason")),
    )
    return _again(planning.plan(request.caller, wanted, now=request.now))


@signed_in(Right.PRIVACY)
def anonymise_state(request: Request, job_id: str) -> HttpResponse:
    """How far a job is, for a page that waits; nobody's data."""
    job = reachable_job(request.caller, job_id)
    return state_answer(request, job, "anonymise-state")


@signed_in(Right.PRIVACY)
def anonymise_receipt(request: Request, job_id: str) -> HttpResponse:
    """The receipt with its proof, as a file for whoever checks it."""
    receipt = receipt_file(request.caller, reachable_job(request.caller, job_id))
    if not receipt:
        raise NotFound
    body = json.dumps(receipt, ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{job_id}.json"'
    return response


@signed_in(Right.PRIVACY, "POST")
def end_standing(request: Request, number: int) -> HttpResponse:
    standing.end_entry(request.caller, number, now=request.now)
    messages.success(request, _("The entry has ended."))
    return see_other(reverse(HERE))


PLACE = "anonymise/<str:job_id>"
routes = [
    path("anonymise", anonymise, name=HERE),
    path("anonymise/many", anonymise_many, name="anonymise-many"),
    path("anonymise/standing/<int:number>/end", end_standing, name="standing-end"),
    path(PLACE, anonymise_job, name="anonymise-job"),
    path(f"{PLACE}/state", anonymise_state, name="anonymise-state"),
    path(f"{PLACE}/receipt", anonymise_receipt, name="anonymise-receipt"),
]
