"""Lists beside the search: survey answers."""

import re

import msgspec

from valv.api.endpoint import Call, Query, endpoint, limit_to
from valv.archive import listed
from valv.archive.listed import Key, Span, SurveyAnswer
from valv.audit import searches
from valv.core.errors import Malformed
from valv.core.moments import parse_from, parse_to, zone_named
from valv.core.permissions import Right

MOST = 500
WINDOW = (
    Query("from", "start of the window, inclusive: a time, or a local date"),
    Query("to", "end of the window, exclusive; a date takes in its whole day"),
)
_CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,19})", re.ASCII)


class Surveys(msgspec.Struct, frozen=True):
    """A page of answers, and the cursor of the next."""

    items: list[SurveyAnswer]
    next: str | None


@endpoint(
    "GET",
    "/surveys",
    right=Right.SURVEYS,
    query=[
        *WINDOW,
        limit_to(MOST, default=50),
        Query("cursor", "where the page begins: the last answer's next"),
    ],
    answers={200: Surveys},
)
def list_surveys(call: Call) -> Surveys:
    """List survey answers, newest first."""
    limit = call.number("limit", 50, most=MOST)
    answers, last = listed.surveys(call.caller, _span(call), limit=limit)
    searches.note(
        call.caller.tenant.id,
        call.caller.actor,
        kinds=["surveys", *call.query.keys() & {"from", "to"}],
        found=len(answers),
        capped=last is not None,
        now=call.now,
    )
    return Surveys(answers, None if last is None else f"{last[0]}.{last[1]}")


def _span(call: Call) -> Span:
    zone = zone_named(call.caller.tenant.timezone)
    start, end = call.one("from"), call.one("to")
    return Span(
        start=parse_from(start, zone=zone) if start else None,
        end=parse_to(end, zone=zone) if end else None,
        after=_after(call),
    )


def _after(call: Call) -> Key | None:
    cursor = call.one("cursor")
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None or int(match[2]) >= 1 << 63:
        raise Malformed("The cursor is not of this list.", field="cursor")
    return int(match[1]), int(match[2])
