"""Raw events: looked through by period, type and session, and taken out as files.

The filters go by POST, for a session may be named after somebody. Each page that is
looked at, and each file, has its entry in the audit log.
"""

from collections.abc import Iterator
from itertools import chain, islice

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from valv.archive.exports import enter_export
from valv.archive.raw_listing import (
    OF_MANY,
    RawEventItem,
    raw_events,
    see_of_interaction,
    see_page,
)
from valv.core.errors import NotFound
from valv.core.events import TYPES
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.portal.builders.raw_data import Asked, asked_from, raw_rows
from valv.portal.contexts.raw_data import RawDataPage, RawEvents
from valv.portal.doors import Request, signed_in
from valv.portal.files import attached
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.portal.views.interaction import PLACE, whole_page
from valv.sharing import workbook
from valv.sharing.raw_event_files import NDJSON, ndjson, raw_event_sheet
from valv.sharing.transfers import Way

HERE = "raw-data"
ON_A_PAGE, OF_ONE = 100, 1_000
UNPROCESSABLE = 422


@signed_in(Right.RAW_DATA, "GET", "POST")
def raw_data(request: Request) -> HttpResponse:
    caller = request.caller
    asked = asked_from(request.POST, tenant=caller.tenant, now=request.now)
    found: list[RawEventItem] = []
    if asked.wanted is not None:
        found = see_page(caller, asked.wanted, limit=ON_A_PAGE, now=request.now)
    return _page(request, asked, found)


def _page(request: Request, asked: Asked, found: list[RawEventItem]) -> HttpResponse:
    caller = request.caller
    page = RawDataPage(
        rows=raw_rows(found, linked=caller.may(Right.SEE)),
        values=asked.values,
        types=tuple((type_, type_) for type_ in TYPES),
        chosen=asked.chosen,
        faults=asked.faults,
        next=found[-1].cursor if len(found) == ON_A_PAGE else "",
        may_export=caller.may(Right.EXPORT),
    )
    status = UNPROCESSABLE if asked.faults else 200
    return shown(request, "raw_data.html", page, here=HERE, status=status)


@signed_in(Right.EXPORT, "POST", transfers=Way.OUT)
def raw_data_file(request: Request, form: str) -> HttpResponseBase:
    caller = request.caller
    caller.require(Right.RAW_DATA)
    if form not in {"ndjson", "xlsx"}:
        raise NotFound
    asked = asked_from(request.POST, tenant=caller.tenant, now=request.now)
    if asked.wanted is None:
        return _page(request, asked, [])
    events = raw_events(caller, asked.wanted, limit=None)
    first = list(islice(events, 1))
    details = {"form": form, "by": sorted(asked.wanted.kinds)}
    reason = typed(request.POST, "reason")
    enter_export(caller, details, reason=reason, now=request.now, content=OF_MANY)
    return _file(request, chain(first, events), form)


def _file(
    request: Request, events: Iterator[RawEventItem], form: str
) -> HttpResponseBase:
    if form == "ndjson":
        return attached(request, ndjson(events), "raw-events", form, NDJSON)
    zone = zone_named(request.caller.tenant.timezone)
    stream = raw_event_sheet(events, zone=zone)
    return attached(request, stream, "raw-events", form, workbook.MEDIA_TYPE)


@signed_in(Right.RAW_DATA, "POST")
def raw_data_of(request: Request, interaction_id: str) -> HttpResponse:
    """Those of one interaction, to take their place on its page; else the page."""
    found = see_of_interaction(
        request.caller, interaction_id, limit=OF_ONE + 1, now=request.now
    )
    raw = RawEvents(raw_rows(found[:OF_ONE], linked=False), more=len(found) > OF_ONE)
    if not request.htmx:
        return whole_page(request, interaction_id, raw=raw)
    return render(request, "raw_events.html", {"raw": raw})


routes = [
    path("raw-data", raw_data, name=HERE),
    path("raw-data/<str:form>", raw_data_file, name="raw-data-file"),
    path(f"{PLACE}/raw-data", raw_data_of, name="interaction-raw-data"),
]
