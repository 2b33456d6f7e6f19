"""vCons in, over HTTP: one at a time, with their audio inline or attached."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from valv.api import bodies
from valv.api.attachments import LARGEST_VCON, MULTIPART, Attached, attached
from valv.api.endpoint import Answer, Call, endpoint
from valv.archive.sessions import stored_session_id
from valv.core.permissions import Right
from valv.intake.arrivals import Result, take_in
from valv.intake.vcons import sent_arrival
from valv.sharing.transfers import Way


class PartRefused(Struct, frozen=True):
    """Part of a vCon that a rule refused; the rest came in."""

    rule: str
    reason: str


class Taken(Struct, frozen=True):
    """What became of a vCon. ``amiss`` says what could not come in, and why."""

    id: str
    session_id: str
    result: Result
    refused: list[PartRefused]
    amiss: list[str]


@endpoint(
    "POST",
    "/vcons",
    right=Right.INTAKE,
    body=("application/vcon+json", "application/json", MULTIPART),
    answers={200: Taken, 201: Taken},
    transfers=Way.IN,
)
def post_a_vcon(call: Call) -> Answer:
    """Send a vCon, of any draft, unsigned or signed, of at most 64 MiB.

    As multipart/form-data, the part ``vcon`` is the vCon, and files beside it are its
    recordings by the names that it gives them. URLs are never followed. 201 if the
    interaction is new; 403, naming the rule, if nothing of it may be kept.
    """
    tenant, actor = call.caller.tenant, call.caller.actor
    with _received(call) as came:
        arrival = sent_arrival(tenant, came.vcon, actor=actor, now=call.now)
        outcome = take_in(
            tenant, arrival, actor=actor, now=call.now, beside=came.beside
        )
    taken = Taken(
        str(outcome.interaction_id),
        stored_session_id(tenant, arrival.session_id),
        outcome.result,
        [PartRefused(one.rule, one.detail) for one in outcome.refused],
        outcome.amiss,
    )
    return Answer(taken, 201 if outcome.result is Result.IMPORTED else 200)


@contextmanager
def _received(call: Call) -> Iterator[Attached]:
    if (call.request.content_type or "").lower() == MULTIPART:
        with attached(call.request) as came:
            yield came
    else:
        yield Attached(bodies.whole(call.request, limit=LARGEST_VCON))
