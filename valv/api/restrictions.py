"""Restricting the processing of somebody's data (GDPR 18), and ending that."""

from datetime import date
from typing import Any

import msgspec

from valv.api.endpoint import Answer, Call, endpoint
from valv.core.errors import NotFound
from valv.core.identifiers import Kind
from valv.core.interaction import Line
from valv.core.permissions import Right
from valv.lifecycle.restrictions import (
    end,
    restrict,
    restrictions,
    shown_restriction,
)

LONGEST_ID = 18
BY = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)


class RestrictionAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Whose data, however written, why, and the last day of it if there is one."""

    reason: str
    phone: tuple[Line, ...] = ()
    email: tuple[Line, ...] = ()
    handle: tuple[Line, ...] = ()
    last_day: date | None = None


class AlsoHeld(msgspec.Struct):
    """Another matter for which some of it stays, whatever becomes of this."""

    matter: str
    owner: str
    since: str


class RestrictionShown(msgspec.Struct):
    """A restriction; ``about`` is empty once it ended."""

    id: str
    about: list[str]
    reason: str
    interactions: int
    began_at: str
    began_by: str
    ends_at: str | None
    ended_at: str | None
    ended_by: str
    also_held_for: list[AlsoHeld]


class Restrictions(msgspec.Struct):
    """All restrictions, newest first."""

    items: list[RestrictionShown]


class EndAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Why it ends."""

    reason: str


@endpoint("GET", "/restrictions", right=Right.PRIVACY, answers={200: Restrictions})
def list_restrictions(call: Call) -> dict[str, Any]:
    """List restrictions of processing, those that ended too."""
    listed = restrictions(call.caller, now=call.now)
    return {"items": [shown_restriction(one) for one in listed]}


@endpoint(
    "POST",
    "/restrictions",
    right=Right.PRIVACY,
    body=RestrictionAsked,
    answers={201: RestrictionShown},
)
def post_restriction(call: Call) -> Answer:
    """Restrict somebody's processing: kept, and shown to nobody until it ends."""
    asked = call.json(RestrictionAsked)
    made = restrict(
        call.caller,
        [(kind, text) for kind in BY for text in getattr(asked, kind.value)],
        reason=asked.reason,
        last_day=asked.last_day,
        now=call.now,
    )
    return Answer(shown_restriction(made), 201)


@endpoint(
    "POST",
    "/restrictions/{restriction}/end",
    right=Right.PRIVACY,
    body=EndAsked,
    answers={200: RestrictionShown},
)
def end_restriction(call: Call, restriction: str) -> dict[str, Any]:
    """End a restriction: what was kept is shown again, and goes when it is due."""
    text = restriction
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID):
        raise NotFound
    reason = call.json(EndAsked).reason
    return shown_restriction(end(call.caller, int(text), reason=reason, now=call.now))
