"""Raw events as the source told them, streamed as NDJSON."""

from collections.abc import Iterator
from itertools import chain, islice

import msgspec
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from valv.api.endpoint import Call, endpoint, limit_to
from valv.api.lists import WINDOW
from valv.archive.raw_listing import RawEventItem, raw_events
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.moments import parse_from, parse_to, zone_named
from valv.core.permissions import Right
from valv.storage import scope

NDJSON = "application/x-ndjson"
MOST_EVENTS = 100_000_000
CHUNK = 64 * 1024


@endpoint(
    "GET",
    "/raw-events",
    right=Right.RAW_DATA,
    query=[*WINDOW, limit_to(MOST_EVENTS)],
    answers={200: NDJSON},
)
def list_raw_events(call: Call) -> HttpResponseBase:
    """Stream raw events, oldest first, one JSON object a line."""
    zone = zone_named(call.caller.tenant.timezone)
    start, end = call.one("from"), call.one("to")
    events = raw_events(
        call.caller,
        start=parse_from(start, zone=zone) if start else None,
        end=parse_to(end, zone=zone) if end else None,
        limit=call.number("limit", MOST_EVENTS, most=MOST_EVENTS),
    )
    first = list(islice(events, 1))
    with scope.writing(call.caller.tenant.id):
        act = Act(Action.EXPORT, details={"form": "raw_events"})
        record(act, actor=call.caller.actor, now=call.now)
    return StreamingHttpResponse(_lines(chain(first, events)), content_type=NDJSON)


def _lines(events: Iterator[RawEventItem]) -> Iterator[bytes]:
    """Whole lines, in pieces large enough to be worth sending."""
    pending = bytearray()
    for event in events:
        pending += msgspec.json.encode(event) + b"\n"
        if len(pending) >= CHUNK:
            yield bytes(pending)
            pending.clear()
    yield bytes(pending)
