"""The change log: who changed which setting, from what to what."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from valv.archive.log_reading import read_log
from valv.audit.asked import read_changes_asked
from valv.core.errors import Malformed
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.portal import words
from valv.portal.builders.change_log import change_row
from valv.portal.builders.log_filter import after_of, fault_of, next_of
from valv.portal.contexts.reports import ChangeLogPage
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.tenants.queries import user_names

HERE = "change-log"
ON_A_PAGE = 50
FIELDS = ("actor", "from", "to")


@signed_in(Right.AUDIT, "GET", "POST")
def change_log(request: Request) -> HttpResponse:
    try:
        page = _page(request)
    except Malformed as error:
        page = ChangeLogPage((), _values(request), _chosen(request), fault_of(error))
    if request.htmx:
        part = {"page": page, "fragment": True}
        return render(request, "change_log_rows.html", part)
    return shown(request, "change_log.html", page, here=HERE)


def _page(request: Request) -> ChangeLogPage:
    caller, values, chosen = request.caller, _values(request), _chosen(request)
    given = [*values.items(), *(("setting", one) for one in chosen)]
    asked = read_changes_asked(given, zone=zone_named(caller.tenant.timezone))
    after = after_of(request.POST)
    found = read_log(caller, asked, after=after, limit=ON_A_PAGE, now=request.now)
    names = user_names(caller.tenant.id)
    rows = tuple(change_row(line.entry, names) for line in found.lines)
    return ChangeLogPage(rows, values, chosen, next=next_of(found.next))


def _values(request: Request) -> dict[str, str]:
    return {name: typed(request.POST, name) for name in FIELDS}


def _chosen(request: Request) -> tuple[str, ...]:
    asked = request.POST.getlist("setting")
    return tuple(name for name in words.SETTINGS if name in asked)


routes = [path("change-log", change_log, name=HERE)]
