"""The deletion report of a period: as JSON, as CSV, and as PDF."""

from django.http import HttpResponse

from valv.api.endpoint import Call, Query, endpoint
from valv.core.deletions import DeletionReport
from valv.core.errors import Malformed
from valv.core.moments import local_date, zone_named
from valv.core.permissions import Right
from valv.lifecycle.deletions import deletion_report
from valv.sharing import pdf_table
from valv.sharing.deletion_sheet import CSV, deletion_csv, deletion_pdf, file_name
from valv.sharing.deletion_words import WORDS

PERIOD = (
    Query("from", "the first local date; the first of the year of `to` unless stated"),
    Query("to", "the last local date; today unless stated"),
)
LANGUAGE = Query(
    "language", "of its words; the tenant's unless stated", {"enum": list(WORDS)}
)


def _report(call: Call) -> DeletionReport:
    today = local_date(call.now, zone=zone_named(call.caller.tenant.timezone))
    first, last = call.one("from", ""), call.one("to", "")
    return deletion_report(call.caller, first or "", last or "", today=today)


def _language(call: Call) -> str:
    language = call.one("language") or call.caller.tenant.language
    if language not in WORDS:
        raise Malformed(f"One of {', '.join(WORDS)}.", field="language")
    return language


def _file(report: DeletionReport, body: bytes, media_type: str) -> HttpResponse:
    kept = f'attachment; filename="{file_name(report, media_type)}"'
    headers = {"Content-Disposition": kept}
    return HttpResponse(body, content_type=media_type, headers=headers)


@endpoint(
    "GET",
    "/deletion-report",
    right=Right.RETENTION,
    query=PERIOD,
    answers={200: DeletionReport},
)
def show_deletions(call: Call) -> DeletionReport:
    """Show what was removed in a period: class, count, span, rule and decision.

    From the reports of nights, the receipts of jobs and the audit log. It names nobody.
    """
    return _report(call)


@endpoint(
    "GET",
    "/deletion-report.csv",
    right=Right.RETENTION,
    query=[*PERIOD, LANGUAGE],
    answers={200: CSV},
)
def deletions_csv(call: Call) -> HttpResponse:
    """Take the deletion report out as CSV, in UTF-8."""
    language, report = _language(call), _report(call)
    return _file(report, deletion_csv(report, language), CSV)


@endpoint(
    "GET",
    "/deletion-report.pdf",
    right=Right.RETENTION,
    query=[*PERIOD, LANGUAGE],
    answers={200: pdf_table.MEDIA_TYPE},
)
def deletions_pdf(call: Call) -> HttpResponse:
    """Take the deletion report out as PDF."""
    language, report = _language(call), _report(call)
    made = deletion_pdf(report, language, now=call.now)
    return _file(report, made, pdf_table.MEDIA_TYPE)
