"""The audit log over HTTP. Reading it is itself entered."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from django.http import HttpResponse
from msgspec import Struct

from valv.api.endpoint import Call, Query, endpoint, limit_to
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.proofs import (
    ConsistencyProof,
    InclusionProof,
    consistency_of,
    proof_of,
)
from valv.audit.queries import LogFilter, entries
from valv.audit.tree import newest_note
from valv.audit.verify import settle
from valv.core.errors import Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.moments import format_moment, parse_from, parse_to, zone_named
from valv.core.people import ActorType
from valv.core.permissions import Right
from valv.storage import scope

MOST, MOST_SIZE = 500, 10**9 - 1
SIZE = {"type": "integer", "minimum": 1, "maximum": MOST_SIZE}
NOTE = "text/plain"


class LogItem(Struct, frozen=True, omit_defaults=True):
    """One act. ``content`` is such as ``recording:1``.

    ``purpose`` is what content was opened for, ``rule`` what refused; where there is.
    """

    seq: int
    at: str
    action: str
    actor: str
    actor_type: str
    interaction_id: str | None
    content: str | None
    reason: str
    purpose: str | None = None
    rule: str | None = None


class LogPage(Struct, frozen=True):
    """A page of the log, and the cursor of the next."""

    items: list[LogItem]
    next: str | None


@endpoint(
    "GET",
    "/audit",
    right=Right.AUDIT,
    query=[
        Query("action", "which act", {"enum": [one.value for one in Action]}),
        Query("actor", "who, by name"),
        Query("actor_type", "what kind", {"enum": [one.value for one in ActorType]}),
        Query("interaction", "of which interaction, by id"),
        Query("from", "start of the window, inclusive: a time, or a local date"),
        Query("to", "end of the window, exclusive; a date takes in its whole day"),
        limit_to(MOST, default=50),
        Query("cursor", "where the page begins: the last answer's next"),
    ],
    answers={200: LogPage},
)
def read_log(call: Call) -> LogPage:
    """Read the audit log, newest first."""
    limit = call.number("limit", 50, most=MOST)
    wanted, before = _filter(call), _before(call)
    with _log_read(call):
        found = entries(wanted, before=before, limit=limit)
    listed = list(_items(found))
    return LogPage(listed, str(listed[-1].seq) if len(listed) == limit else None)


@endpoint("GET", "/audit/checkpoint", right=Right.AUDIT, answers={200: NOTE})
def checkpoint(call: Call) -> HttpResponse:
    """The newest signed checkpoint of the log, a note to keep elsewhere."""
    tenant_id = call.caller.tenant.id
    settle(tenant_id)
    return HttpResponse(newest_note(tenant_id), content_type=f"{NOTE}; charset=utf-8")


@endpoint("GET", "/audit/proof/{seq}", right=Right.AUDIT, answers={200: InclusionProof})
def prove_entry(call: Call, seq: str) -> InclusionProof:
    """Prove that an entry is in the log that the checkpoint signs."""
    if not (seq.isascii() and seq.isdecimal() and len(seq) <= 18):
        raise NotFound
    with _log_read(call):
        return proof_of(int(seq))


@endpoint(
    "GET",
    "/audit/proof",
    right=Right.AUDIT,
    query=[
        Query("from", "how many entries the earlier log had", SIZE),
        Query("to", "how many the later one had; the newest unless stated", SIZE),
    ],
    answers={200: ConsistencyProof},
)
def prove_consistency(call: Call) -> ConsistencyProof:
    """Prove that an earlier log begins a later one."""
    first = call.number("from", 0, most=MOST_SIZE)
    second = call.one("to") and call.number("to", 0, most=MOST_SIZE)
    settle(call.caller.tenant.id)
    with scope.reading(call.caller.tenant.id):
        return consistency_of(first, second or None)


@contextmanager
def _log_read(call: Call) -> Iterator[None]:
    """What is shown inside is entered as a reading of the log."""
    tenant_id = call.caller.tenant.id
    settle(tenant_id)
    with scope.writing(tenant_id):
        yield
        record(Act(Action.LOG), actor=call.caller.actor, now=call.now)


def _items(found: list[Entry]) -> Iterator[LogItem]:
    for entry in found:
        about = entry.interaction_id
        yield LogItem(
            seq=entry.seq or 0,
            at=format_moment(entry.at),
            action=entry.action,
            actor=entry.actor,
            actor_type=entry.actor_type,
            interaction_id=None if about is None else str(about),
            content=entry.content,
            reason=entry.reason,
            purpose=entry.details.get("purpose"),
            rule=entry.details.get("rule"),
        )


def _filter(call: Call) -> LogFilter:
    zone = zone_named(call.caller.tenant.timezone)
    start, end, about = call.one("from"), call.one("to"), call.one("interaction")
    return LogFilter(
        action=_word(call, "action", Action),
        actor=call.one("actor"),
        actor_type=_word(call, "actor_type", ActorType),
        interaction_id=None if about is None else id_from_text(about),
        since=parse_from(start, zone=zone) if start else None,
        until=parse_to(end, zone=zone) if end else None,
    )


def _word(call: Call, name: str, words: type[StrEnum]) -> str | None:
    given = call.one(name)
    if given is not None and given not in {word.value for word in words}:
        raise Malformed("It has no such value.", field=name)
    return given


def _before(call: Call) -> int | None:
    cursor = call.one("cursor")
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
        raise Malformed("The cursor is not of this list.", field="cursor")
    return int(cursor)
