"""Restricting the processing of somebody's data, and ending that."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Conflict, Malformed
from valv.core.moments import parse_date
from valv.core.permissions import Right
from valv.lifecycle import restrictions
from valv.portal.asking_why import is_about_reason
from valv.portal.builders.restrictions import restrictions_page
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.restrictions import RestrictionTyped
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.persons_typed import persons_in, persons_typed
from valv.portal.typed import typed

HERE = "restrictions"
UNPROCESSABLE = 422


@signed_in(Right.PRIVACY, "GET", "POST")
def all_restrictions(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request, RestrictionTyped())
    given = _typed(request)
    try:
        restrictions.restrict(
            request.caller,
            persons_in(given),
            reason=given.reason,
            last_day=_day(given.last_day),
            now=request.now,
        )
    except (Malformed, Conflict) as error:
        if is_about_reason(error, request):
            raise
        return _page(request, given, error=error)
    messages.success(request, _("It is restricted: kept, and shown to nobody."))
    return see_other(reverse(HERE))


def _typed(request: Request) -> RestrictionTyped:
    post = request.POST
    reason, last_day = typed(post, "reason"), typed(post, "last_day")
    return RestrictionTyped(*persons_typed(post), reason, last_day)


def _day(text: str) -> date | None:
    return parse_date(text, field="last_day") if text else None


def _page(
    request: Request,
    given: RestrictionTyped,
    *,
    error: Malformed | Conflict | None = None,
) -> HttpResponse:
    listed = restrictions.restrictions(request.caller, now=request.now)
    tenant = request.caller.tenant
    page = restrictions_page(listed, tenant, typed=given, error=error)
    status = UNPROCESSABLE if error else 200
    return shown(request, "restrictions.html", page, here=HERE, status=status)


@signed_in(Right.PRIVACY, "POST")
@recently_confirmed()
def end_restriction(request: Request, number: int) -> HttpResponse:
    reason = typed(request.POST, "reason")
    restrictions.end(request.caller, number, reason=reason, now=request.now)
    messages.success(request, _("The restriction has ended."))
    return see_other(reverse(HERE))


routes = [
    path("restrictions", all_restrictions, name=HERE),
    path("restrictions/<int:number>/end", end_restriction, name="restriction-end"),
]
