"""The register of requests: what people ask for who are in the archive."""

from datetime import date
from typing import Any

from msgspec import Struct

from valv.api.endpoint import Answer, Call, endpoint
from valv.core.ids import id_from_text
from valv.core.interaction import Line, Word
from valv.core.permissions import Right
from valv.core.privacy_requests import Decision, RequestKind, RequestState
from valv.lifecycle import requests
from valv.lifecycle.requests import shown_request


class RequestAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody asked for, who, when, and how it was checked who they are."""

    kind: RequestKind
    who: Line
    received_on: date
    checked_by: Line = ""


class CheckAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """How it was checked that they are who they say."""

    checked_by: Line


class ExtensionAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Why two months more are needed."""

    reason: Line


class DecisionAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is decided, why unless it is granted, and the job that does it."""

    decision: Decision
    reason: Line = ""
    job: Word | None = None


class AnswerAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """How the answer went out; from then on nothing tells who asked."""

    how: Line


class RequestShown(Struct):
    """A request; ``who`` is empty once it is answered, or they are forgotten."""

    id: str
    kind: RequestKind
    state: RequestState
    who: str
    received_on: str
    due_on: str
    extended_for: str
    checked_by: str
    decision: Decision | None
    decided_for: str
    decided_at: str | None
    answered_how: str
    answered_at: str | None
    job: str | None
    registered_by: str


class Requests(Struct):
    """All requests, those that wait longest first."""

    items: list[RequestShown]


PLACE = "/privacy-requests/{request}"
SHOWN = {200: RequestShown}


@endpoint("GET", "/privacy-requests", right=Right.PRIVACY, answers={200: Requests})
def list_requests(call: Call) -> dict[str, Any]:
    """List what people asked for, answered or not."""
    listed = requests.requests(call.caller, now=call.now)
    return {"items": [shown_request(one) for one in listed]}


@endpoint(
    "POST",
    "/privacy-requests",
    right=Right.PRIVACY,
    body=RequestAsked,
    answers={201: RequestShown},
)
def register_request(call: Call) -> Answer:
    """Register a request; it is due within a month."""
    asked = call.json(RequestAsked)
    made = requests.register(
        call.caller,
        asked.kind,
        who=asked.who,
        received_on=asked.received_on,
        checked_by=asked.checked_by,
        now=call.now,
    )
    return Answer(shown_request(made), 201)


@endpoint("GET", PLACE, right=Right.PRIVACY, answers=SHOWN)
def show_request(call: Call, request: str) -> dict[str, Any]:
    """Show one request."""
    number = id_from_text(request)
    return shown_request(requests.see_request(call.caller, number, now=call.now))


@endpoint("POST", f"{PLACE}/check", right=Right.PRIVACY, body=CheckAsked, answers=SHOWN)
def check_request(call: Call, request: str) -> dict[str, Any]:
    """Note how the identity was checked."""
    number, how = id_from_text(request), call.json(CheckAsked).checked_by
    return shown_request(requests.check(call.caller, number, how=how, now=call.now))


@endpoint(
    "POST",
    f"{PLACE}/extension",
    right=Right.PRIVACY,
    body=ExtensionAsked,
    answers=SHOWN,
)
def extend_request(call: Call, request: str) -> dict[str, Any]:
    """Take two months more for the answer, once, for a reason."""
    number, why = id_from_text(request), call.json(ExtensionAsked).reason
    return shown_request(requests.extend(call.caller, number, reason=why, now=call.now))


@endpoint(
    "POST", f"{PLACE}/decision", right=Right.PRIVACY, body=DecisionAsked, answers=SHOWN
)
def decide_request(call: Call, request: str) -> dict[str, Any]:
    """Decide a request, and link the job that does what was asked."""
    asked = call.json(DecisionAsked)
    decided = requests.decide(
        call.caller,
        id_from_text(request),
        asked.decision,
        reason=asked.reason,
        job_id=None if asked.job is None else id_from_text(asked.job),
        now=call.now,
    )
    return shown_request(decided)


@endpoint(
    "POST", f"{PLACE}/answer", right=Right.PRIVACY, body=AnswerAsked, answers=SHOWN
)
def answer_request(call: Call, request: str) -> dict[str, Any]:
    """Note that the answer went out, and let go of who the request was from."""
    number, how = id_from_text(request), call.json(AnswerAsked).how
    return shown_request(requests.answer(call.caller, number, how=how, now=call.now))
