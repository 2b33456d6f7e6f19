"""The audit log: read page by page, taken out, verified, and its checkpoint kept.

Reading it is itself entered. Filters go by POST, for they may name people.
"""

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from valv.archive import log_reading
from valv.archive.log_reading import LogPage
from valv.archive.sessions import interactions_of, stored_session_id
from valv.audit.asked import Asked
from valv.audit.tree import newest_note, signer
from valv.audit.verify import settle, verify
from valv.core.errors import Malformed
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.portal.builders.log import log_entry
from valv.portal.builders.log_filter import Typed, fault_of, next_of, typed_from
from valv.portal.contexts.reports import AuditPage, Verdict
from valv.portal.doors import Request, signed_in
from valv.portal.files import attached
from valv.portal.frame import shown
from valv.sharing import workbook
from valv.sharing.log_sheet import log_sheet
from valv.sharing.transfers import Way
from valv.storage import scope

HERE = "audit-log"
ON_A_PAGE = 50
NOBODY = LogPage([], None)


@signed_in(Right.AUDIT, "GET", "POST")
def audit_log(request: Request) -> HttpResponse:
    page = _page(request, _typed(request, request.POST))
    if request.htmx:
        part = {"page": page, "fragment": True}
        return render(request, "audit_entries.html", part)
    return shown(request, "audit_log.html", page, here=HERE)


@signed_in(Right.AUDIT, "POST", transfers=Way.OUT)
def audit_xlsx(request: Request) -> HttpResponseBase:
    """All that the filters find, as a spreadsheet."""
    told = _typed(request, request.POST)
    asked = told.asked or Asked.nothing()
    lines = log_reading.take_out(request.caller, asked, form="xlsx", now=request.now)
    stream = log_sheet(lines, zone=zone_named(request.caller.tenant.timezone))
    return attached(request, stream, "audit-log", "xlsx", workbook.MEDIA_TYPE)


@signed_in(Right.AUDIT, "POST")
def audit_verify(request: Request) -> HttpResponse:
    found = verify(request.caller.tenant.id)
    flaw = found.first_bad
    verdict = Verdict(
        ok=found.ok,
        size=found.size,
        pending=found.pending,
        first_bad="" if flaw is None else str(flaw.seq),
        why="" if flaw is None else gettext(flaw.why),
        key=signer(request.caller.tenant.id).key() if found.size else "",
    )
    page = _page(request, _typed(request, QueryDict()), verdict=verdict)
    return shown(request, "audit_log.html", page, here=HERE)


@signed_in(Right.AUDIT)
def audit_checkpoint(request: Request) -> HttpResponse:
    """The newest signed note, to keep where nobody at Valv can change it."""
    tenant = request.caller.tenant
    settle(tenant.id)
    name = f"{tenant.slug}-{request.now:%Y-%m-%d}-checkpoint.txt"
    return HttpResponse(
        newest_note(tenant.id),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _typed(request: Request, post: QueryDict) -> Typed:
    tenant = request.caller.tenant

    def find(session_id: str) -> int | None:
        stored = stored_session_id(tenant, session_id)
        with scope.reading(tenant.id):
            found = interactions_of([stored, session_id])
        return next(iter(found.values()), None)

    return typed_from(post, tenant=tenant, find=find)


def _page(
    request: Request, told: Typed, *, verdict: Verdict | None = None
) -> AuditPage:
    caller, faults = request.caller, told.faults
    found = NOBODY
    if told.asked is not None:
        try:
            found = log_reading.read_log(
                caller, told.asked, after=told.after, limit=ON_A_PAGE, now=request.now
            )
        except Malformed as error:
            faults = fault_of(error)
    linked = caller.may(Right.SEE)
    return AuditPage(
        entries=tuple(log_entry(one, linked=linked) for one in found.lines),
        values=told.values,
        several=told.several,
        faults=faults,
        next=next_of(found.next),
        verdict=verdict,
        may_verify=True,
    )


routes = [
    path("audit-log", audit_log, name=HERE),
    path("audit-log.xlsx", audit_xlsx, name="audit-xlsx"),
    path("audit-log/verify", audit_verify, name="audit-verify"),
    path("audit-log/checkpoint", audit_checkpoint, name="audit-checkpoint"),
]
