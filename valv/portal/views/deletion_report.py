"""The deletion report of a period: to be read, printed, or taken out as a file."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import get_language

from valv.core.deletions import DeletionReport
from valv.core.errors import Malformed, NotFound
from valv.core.moments import local_date, zone_named
from valv.core.permissions import Right
from valv.lifecycle.deletions import deletion_report
from valv.portal.contexts.reports import DeletionReportPage
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.sharing import pdf_table
from valv.sharing.deletion_sheet import (
    CSV,
    deletion_csv,
    deletion_pdf,
    file_name,
    told,
)

HERE = "deletion-report"
UNPROCESSABLE = 422


@signed_in(Right.RETENTION)
def report(request: Request) -> HttpResponse:
    try:
        found = _report(request)
    except Malformed:
        page = DeletionReportPage(typed(request.GET, "from"), typed(request.GET, "to"))
        return shown(
            request, "deletion_report.html", page, here=HERE, status=UNPROCESSABLE
        )
    period = {"from": str(found.from_on), "to": str(found.to_on)}
    page = DeletionReportPage(
        from_on=period["from"],
        to_on=period["to"],
        told=told(found, _language()),
        query=urlencode(period),
    )
    return shown(request, "deletion_report.html", page, here=HERE)


@signed_in(Right.RETENTION)
def report_file(request: Request, form: str) -> HttpResponse:
    found, language = _report(request), _language()
    match form:
        case "csv":
            body, media_type = deletion_csv(found, language), CSV
        case "pdf":
            body = deletion_pdf(found, language, now=request.now)
            media_type = pdf_table.MEDIA_TYPE
        case _:
            raise NotFound
    kept = f'attachment; filename="{file_name(found, media_type)}"'
    headers = {"Content-Disposition": kept}
    return HttpResponse(body, content_type=media_type, headers=headers)


def _report(request: Request) -> DeletionReport:
    today = local_date(request.now, zone=zone_named(request.caller.tenant.timezone))
    first, last = typed(request.GET, "from"), typed(request.GET, "to")
    return deletion_report(request.caller, first, last, today=today)


def _language() -> str:
    return (get_language() or "en")[:2]


routes = [
    path("deletion-report", report, name=HERE),
    path("deletion-report.<str:form>", report_file, name="deletion-report-file"),
]
