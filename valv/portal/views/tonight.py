"""What the coming nights will take, by class, and what the nights behind us took."""

from django.http import HttpResponse
from django.urls import path

from valv.core.permissions import Right
from valv.lifecycle.queries import coming_date, coming_nights, past_nights
from valv.portal.builders.nights import tonight_page
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown

AHEAD, BEHIND = 14, 14


@signed_in(Right.RETENTION)
def tonight(request: Request) -> HttpResponse:
    caller = request.caller
    first = coming_date(caller.tenant, request.now)
    coming = coming_nights(caller, first, count=AHEAD)
    runs = past_nights(caller, limit=BEHIND)
    page = tonight_page(caller.tenant, coming, runs, now=request.now)
    return shown(request, "tonight.html", page, here="tonight")


routes = [path("tonight", tonight, name="tonight")]
