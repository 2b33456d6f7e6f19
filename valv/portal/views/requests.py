"""The register of requests: listed, registered, and each brought to its answer."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest, Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.moments import local_date, parse_date, zone_named
from valv.core.permissions import Right
from valv.core.privacy_requests import Decision, RequestKind
from valv.lifecycle import requests
from valv.lifecycle.plans import JobState
from valv.lifecycle.requests import Seen
from valv.lifecycle.showing import list_jobs
from valv.portal.builders.requests import request_page, requests_page
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed

HERE = "requests"
UNPROCESSABLE = 422
FIELDS = ("kind", "who", "received_on", "checked_by")


@signed_in(Right.PRIVACY, "GET", "POST")
def all_requests(request: Request) -> HttpResponse:
    given = {name: typed(request.POST, name) for name in FIELDS}
    if request.method != "POST":
        return _all(request, {"received_on": _today(request).isoformat()})
    try:
        made = requests.register(
            request.caller,
            _kind(given["kind"]),
            who=given["who"],
            received_on=parse_date(given["received_on"], field="received_on"),
            checked_by=given["checked_by"],
            now=request.now,
        )
    except Malformed as error:
        return _all(request, given, error=error)
    messages.success(request, _("The request is registered."))
    return see_other(reverse("request", args=[made.row.id]))


def _today(request: Request) -> date:
    zone = zone_named(request.caller.tenant.timezone)
    return local_date(request.now, zone=zone)


def _kind(text: str) -> RequestKind:
    try:
        return RequestKind(text)
    except ValueError:
        raise BadRequest("There is no such kind.", field="kind") from None


def _all(
    request: Request, given: dict[str, str], *, error: Malformed | None = None
) -> HttpResponse:
    listed = requests.requests(request.caller, now=request.now)
    page = requests_page(listed, given, error)
    status = UNPROCESSABLE if error else 200
    return shown(request, "requests.html", page, here=HERE, status=status)


@signed_in(Right.PRIVACY)
def one_request(request: Request, number: str) -> HttpResponse:
    return _one(request, id_from_text(number))


def _one(
    request: Request, number: int, *, error: Malformed | None = None
) -> HttpResponse:
    seen = requests.see_request(request.caller, number, now=request.now)
    given = {name: typed(request.POST, name) for name in ("decision", "job")}
    listed = list_jobs(request.caller, now=request.now)
    jobs = [one for one in listed if one.status != JobState.PLANNED]
    page = request_page(seen, jobs, given, error)
    status = UNPROCESSABLE if error else 200
    return shown(request, "request.html", page, here=HERE, status=status)


def _check(request: Request, number: int) -> Seen:
    how = typed(request.POST, "checked_by")
    return requests.check(request.caller, number, how=how, now=request.now)


def _extend(request: Request, number: int) -> Seen:
    why = typed(request.POST, "extended_for")
    return requests.extend(request.caller, number, reason=why, now=request.now)


def _decide(request: Request, number: int) -> Seen:
    job = typed(request.POST, "job")
    try:
        decision = Decision(typed(request.POST, "decision"))
    except ValueError:
        raise BadRequest("There is no such decision.", field="decision") from None
    return requests.decide(
        request.caller,
        number,
        decision,
        reason=typed(request.POST, "decided_for"),
        job_id=id_from_text(job) if job else None,
        now=request.now,
    )


def _answer(request: Request, number: int) -> Seen:
    how = typed(request.POST, "answered_how")
    return requests.answer(request.caller, number, how=how, now=request.now)


STEPS: dict[str, Callable[[Request, int], Seen]] = {
    "check": _check,
    "extend": _extend,
    "decide": _decide,
    "answer": _answer,
}


# Where a step asks for its reason.
REASONS = {"extend": "extended_for", "decide": "decided_for"}


@signed_in(Right.PRIVACY, "POST")
def step_of_request(request: Request, number: str, step: str) -> HttpResponse:
    act, request_id = STEPS.get(step), id_from_text(number)
    if act is None:
        raise NotFound
    try:
        act(request, request_id)
    except Malformed as error:
        at = Malformed(error.detail, field=REASONS.get(step, error.field))
        return _one(request, request_id, error=at)
    messages.success(request, _("Noted."))
    return see_other(reverse("request", args=[request_id]))


routes = [
    path("requests", all_requests, name=HERE),
    path("requests/<str:number>", one_request, name="request"),
    path("requests/<str:number>/<str:step>", step_of_request, name="request-step"),
]
