"""Raw events as the source told them, streamed as NDJSON."""

from itertools import chain, islice

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from valv.api.endpoint import REASON, Call, Query, endpoint, limit_to
from valv.api.lists import WINDOW
from valv.archive.exports import enter_export
from valv.archive.raw_listing import (
    BEFORE_ALL,
    OF_MANY,
    Wanted,
    checked_types,
    key_from,
    raw_events,
)
from valv.core.events import TYPES
from valv.core.moments import parse_from, parse_to, zone_named
from valv.core.permissions import Right
from valv.sharing.raw_event_files import NDJSON, ndjson
from valv.sharing.transfers import Way

MOST_EVENTS = 100_000_000


@endpoint(
    "GET",
    "/raw-events",
    right=Right.RAW_DATA,
    query=[
        *WINDOW,
        Query("type", "of this type", {"enum": list(TYPES)}, repeated=True),
        Query("session", "of what the source calls so", repeated=True),
        limit_to(MOST_EVENTS),
        Query("cursor", "go on after the event that told this cursor"),
        REASON,
    ],
    answers={200: NDJSON},
    transfers=Way.OUT,
)
def list_raw_events(call: Call) -> HttpResponseBase:
    """Stream raw events, oldest first, one JSON object a line.

    Each tells its `cursor`; with it a list that was cut short goes on after that event.
    """
    limit = call.number("limit", MOST_EVENTS, most=MOST_EVENTS)
    wanted = _wanted(call)
    events = raw_events(call.caller, wanted, limit=limit)
    first = list(islice(events, 1))
    details = {"form": "ndjson", "by": sorted(wanted.kinds)}
    reason = call.one("reason") or ""
    enter_export(call.caller, details, reason=reason, now=call.now, content=OF_MANY)
    return StreamingHttpResponse(ndjson(chain(first, events)), content_type=NDJSON)


def _wanted(call: Call) -> Wanted:
    zone = zone_named(call.caller.tenant.timezone)
    start, end, cursor = (call.one(name) for name in ("from", "to", "cursor"))
    return Wanted(
        start=parse_from(start, zone=zone) if start else None,
        end=parse_to(end, zone=zone) if end else None,
        types=checked_types(call.query.get("type", [])),
        sessions=tuple(call.query.get("session", ())),
        after=key_from(cursor) if cursor else BEFORE_ALL,
    )
