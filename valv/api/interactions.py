"""Finding and seeing interactions, and taking the search out as a spreadsheet."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from zoneinfo import ZoneInfo

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from valv.api.endpoint import REASON, Call, Query, endpoint, limit_to
from valv.archive import queries
from valv.archive.exports import enter_export
from valv.archive.items import Item
from valv.archive.queries import SearchAnswer, kinds_of
from valv.core.interaction import Direction, Media, as_text
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.search import (
    DEFAULT_LIMIT,
    HIGHEST_LIMIT,
    Count,
    SearchRequest,
    read_search,
)
from valv.sharing import workbook
from valv.sharing.spreadsheet import spreadsheet
from valv.sharing.transfers import Way

PATTERN = "exact, or a piece with * first and/or last"
YES_OR_NO = {"type": "boolean"}
NUMBER = {"type": "number"}
FILTERS = (
    *(
        Query(name, PATTERN, repeated=True)
        for name in ("phone", "email", "name", "handle")
    ),
    *(
        Query(name, PATTERN, repeated=True)
        for name in ("queue", "agent", "outcome", "session", "subject")
    ),
    Query("category", f"of a registration: {PATTERN}", repeated=True),
    Query("topic", f"of the same registration: {PATTERN}", repeated=True),
    Query("media", "how", {"enum": [one.value for one in Media]}, repeated=True),
    Query(
        "direction",
        "who to whom",
        {"enum": [d.value for d in Direction]},
        repeated=True,
    ),
    Query("from", "start of the window, inclusive: a time, or a local date"),
    Query("to", "end of the window, exclusive; a date takes in its whole day"),
    Query("score_min", "lowest survey score", NUMBER),
    Query("score_max", "highest survey score", NUMBER),
    *(
        Query(name, "whether there is one", YES_OR_NO, repeated=True)
        for name in ("has_recording", "has_chat_log", "has_survey")
    ),
)
PAGING = (
    limit_to(HIGHEST_LIMIT, default=DEFAULT_LIMIT),
    Query("cursor", "where the page begins: the last answer's next"),
    Query("count", "how far to count", {"enum": [one.value for one in Count]}),
)

Plain = str | int | float | bool | None
Asked = dict[str, Plain | list[Plain]]


@endpoint(
    "GET",
    "/interactions",
    right=Right.SEE,
    query=[*FILTERS, *PAGING],
    answers={200: SearchAnswer},
)
def search_interactions(call: Call) -> SearchAnswer:
    """Search, newest first. The same parameter again means or, another means and."""
    return queries.page(call.caller, _request(call), now=call.now)


@endpoint(
    "POST",
    "/interactions/search",
    right=Right.SEE,
    body=Asked,
    answers={200: SearchAnswer},
)
def search_by_body(call: Call) -> SearchAnswer:
    """Search as by GET, with the parameters in a JSON object and not in the URL."""
    asked = call.json(Asked)
    request = read_search(_pairs(asked), zone=_zone(call), region=_region(call))
    return queries.page(call.caller, request, now=call.now)


def _pairs(asked: Asked) -> Iterator[tuple[str, str]]:
    for name, given in asked.items():
        for value in given if isinstance(given, list) else [given]:
            text = as_text(value)
            if text is not None:
                yield name, text


@endpoint("GET", "/interactions/{id}", right=Right.SEE, answers={200: Item})
def see_interaction(call: Call, id: str) -> Item:  # noqa: A002
    """See one interaction's general information, and which content there is or was."""
    return queries.see(call.caller, id, now=call.now)


@endpoint(
    "GET",
    "/interactions.xlsx",
    right=Right.EXPORT,
    query=[*FILTERS, REASON],
    answers={200: workbook.MEDIA_TYPE},
    transfers=Way.OUT,
)
def export_interactions(call: Call) -> HttpResponseBase:
    """Take all hits of a search out as a spreadsheet, streamed and without a cap."""
    request = replace(_request(call), limit=HIGHEST_LIMIT, count=Count.NONE)
    pages = queries.walk(call.caller, request, now=call.now)
    first = next(pages)
    _note_export(call, request)
    items = chain.from_iterable(chain([first], pages))
    at = call.now.astimezone(_zone(call)).strftime("%Y-%m-%d_%H%M%S")
    return StreamingHttpResponse(
        spreadsheet(items, zone=_zone(call)),
        content_type=workbook.MEDIA_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="interactions_{at}.xlsx"'
        },
    )


def _note_export(call: Call, request: SearchRequest) -> None:
    details = {"form": "xlsx", "by": sorted(kinds_of(request))}
    reason = call.one("reason") or ""
    enter_export(call.caller, details, reason=reason, now=call.now)


def _request(call: Call) -> SearchRequest:
    pairs = (
        (name, text)
        for name, texts in call.query.items()
        for text in texts
        if name != REASON.name
    )
    return read_search(pairs, zone=_zone(call), region=_region(call))


def _zone(call: Call) -> ZoneInfo:
    return zone_named(call.caller.tenant.timezone)


def _region(call: Call) -> str:
    return call.caller.tenant.region
