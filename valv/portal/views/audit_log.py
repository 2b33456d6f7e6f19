"""The audit log: read page by page, verified, and its checkpoint taken away.

Reading it is itself entered. Filters go by POST, for they may name people.
"""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from valv.archive.sessions import (
    interactions_of,
    session_ids_of,
    stored_session_id,
)
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.queries import entries
from valv.audit.tree import newest_note, signer
from valv.audit.verify import settle, verify
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.portal.builders.log import log_entry
from valv.portal.builders.log_filter import Asked, asked_from
from valv.portal.contexts.reports import AuditPage, Verdict
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.storage import scope

HERE = "audit-log"
ON_A_PAGE = 50


@signed_in(Right.AUDIT, "GET", "POST")
def audit_log(request: Request) -> HttpResponse:
    page = _page(request, _asked(request, request.POST))
    if request.htmx:
        return render(request, "audit_entries.html", {"page": page})
    return shown(request, "audit_log.html", page, here=HERE)


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
    page = _page(request, _asked(request, QueryDict()), verdict=verdict)
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


def _asked(request: Request, post: QueryDict) -> Asked:
    tenant = request.caller.tenant

    def find(session_id: str) -> int | None:
        stored = stored_session_id(tenant, session_id)
        with scope.reading(tenant.id):
            found = interactions_of([stored, session_id])
        return next(iter(found.values()), None)

    return asked_from(post, zone=zone_named(tenant.timezone), find=find)


def _page(
    request: Request, asked: Asked, *, verdict: Verdict | None = None
) -> AuditPage:
    caller = request.caller
    found, sessions = _read(request, asked)
    return AuditPage(
        entries=tuple(
            log_entry(one, sessions, linked=caller.may(Right.SEE)) for one in found
        ),
        values=asked.values,
        chosen=asked.chosen,
        faults=asked.faults,
        next=str(found[-1].seq) if len(found) == ON_A_PAGE else "",
        verdict=verdict,
        may_verify=True,
    )


def _read(request: Request, asked: Asked) -> tuple[list[Entry], dict[int, str]]:
    """A page of entries, and what the sources call the interactions they are of."""
    if asked.wanted is None:
        return [], {}
    caller = request.caller
    settle(caller.tenant.id)
    with scope.writing(caller.tenant.id):
        found = entries(asked.wanted, before=asked.before, limit=ON_A_PAGE)
        about = [one.interaction_id for one in found if one.interaction_id is not None]
        record(Act(Action.LOG), actor=caller.actor, now=request.now)
        return found, session_ids_of(about)


routes = [
    path("audit-log", audit_log, name=HERE),
    path("audit-log/verify", audit_verify, name="audit-verify"),
    path("audit-log/checkpoint", audit_checkpoint, name="audit-checkpoint"),
]
