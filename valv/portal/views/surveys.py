"""Survey results: the list, their distribution and trend, and all of it as a file."""

from itertools import chain

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from valv.archive.exports import enter_export
from valv.archive.queries import queues
from valv.audit import searches
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.portal.builders.surveys import Asked, asked_from, survey_row
from valv.portal.contexts.reports import SurveysPage
from valv.portal.doors import Request, signed_in
from valv.portal.files import attached
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.sharing import workbook
from valv.sharing.survey_sheet import survey_sheet
from valv.sharing.transfers import Way
from valv.surveys.queries import answers, summary, walk

ON_A_PAGE = 50


@signed_in(Right.SURVEYS)
def surveys(request: Request) -> HttpResponse:
    caller = request.caller
    asked = asked_from(request.GET, tenant=caller.tenant, now=request.now)
    found, last = answers(caller, asked.wanted, after=asked.after, limit=ON_A_PAGE)
    told = summary(caller, asked.wanted)
    _note(request, asked, count=told.count)
    sees = caller.may(Right.SEE)
    page = SurveysPage(
        period=asked.period,
        rows=tuple(filter(None, (survey_row(one, linked=sees) for one in found))),
        distribution=told.distribution,
        trend=told.trend,
        values=asked.values,
        queues=tuple((name, name) for name in queues(caller)) if sees else (),
        count=told.count,
        mean=told.mean,
        next=asked.page_after(last),
        may_export=caller.may(Right.EXPORT),
    )
    return shown(request, "surveys.html", page, here="surveys")


def _note(request: Request, asked: Asked, *, count: int) -> None:
    searches.note(
        request.caller.tenant.id,
        request.caller.actor,
        kinds=["surveys", *_kinds(asked)],
        found=count,
        capped=False,
        now=request.now,
    )


def _kinds(asked: Asked) -> list[str]:
    return [name for name, value in asked.values.items() if value]


@signed_in(Right.EXPORT, "POST", transfers=Way.OUT)
def surveys_xlsx(request: Request) -> HttpResponseBase:
    caller = request.caller
    caller.require(Right.SURVEYS)
    asked = asked_from(request.POST, tenant=caller.tenant, now=request.now)
    pages = walk(caller, asked.wanted)
    first = next(pages)
    details = {"form": "xlsx", "by": sorted(["surveys", *_kinds(asked)])}
    reason = typed(request.POST, "reason")
    enter_export(caller, details, content="survey", reason=reason, now=request.now)
    zone = zone_named(caller.tenant.timezone)
    stream = survey_sheet(chain.from_iterable(chain([first], pages)), zone=zone)
    return attached(request, stream, "surveys", "xlsx", workbook.MEDIA_TYPE)


routes = [
    path("surveys", surveys, name="surveys"),
    path("surveys.xlsx", surveys_xlsx, name="surveys-xlsx"),
]
