"""The audit log over HTTP. Reading it is itself entered."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from msgspec import Struct

from valv.api.endpoint import Call, Query, endpoint, limit_to
from valv.archive import log_reading
from valv.audit.actions import Action
from valv.audit.asked import CHOSEN, PEOPLE, Asked, cursor_of, key_from, read_asked
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.proofs import (
    ConsistencyProof,
    InclusionProof,
    consistency_of,
    proof_of,
)
from valv.audit.tree import newest_note
from valv.audit.verify import settle
from valv.core.errors import NotFound
from valv.core.ids import id_from_text
from valv.core.moments import format_moment, zone_named
from valv.core.permissions import Right
from valv.sharing import workbook
from valv.sharing.log_sheet import log_sheet
from valv.sharing.transfers import Way
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


PATTERN = "exact, or a piece with * first and/or last"
FILTERS = (
    *(
        Query(name, told, {"enum": list(CHOSEN[name])}, repeated=True)
        for name, told in (
            ("action", "which act"),
            ("actor_type", "what kind of user"),
            ("content", "which kind of content"),
        )
    ),
    Query("actor", f"who, by name: {PATTERN}", repeated=True),
    *(
        Query(name, f"of interactions with whom: {PATTERN}", repeated=True)
        for name in PEOPLE
    ),
    Query("reason", PATTERN, repeated=True),
    Query("interaction", "of which interaction, by id"),
    Query("from", "start of the window, inclusive: a time, or a local date"),
    Query("to", "end of the window, exclusive; a date takes in its whole day"),
)
PAGING = (
    limit_to(MOST, default=50),
    Query("cursor", "where the page begins: the last answer's next"),
)


@endpoint(
    "GET",
    "/audit",
    right=Right.AUDIT,
    query=[*FILTERS, *PAGING],
    answers={200: LogPage},
)
def read_log(call: Call) -> LogPage:
    """Read the audit log, newest first. The same parameter again means or."""
    limit, cursor = call.number("limit", 50, most=MOST), call.one("cursor")
    after = None if cursor is None else key_from(cursor)
    page = log_reading.read_log(
        call.caller, _asked(call), after=after, limit=limit, now=call.now
    )
    items = [_item(line.entry) for line in page.lines]
    return LogPage(items, None if page.next is None else cursor_of(page.next))


@endpoint(
    "GET",
    "/audit.xlsx",
    right=Right.AUDIT,
    query=FILTERS,
    answers={200: workbook.MEDIA_TYPE},
    transfers=Way.OUT,
)
def export_log(call: Call) -> HttpResponseBase:
    """Take the audit log out as a spreadsheet, streamed and without a cap."""
    lines = log_reading.take_out(call.caller, _asked(call), form="xlsx", now=call.now)
    zone = zone_named(call.caller.tenant.timezone)
    at = call.now.astimezone(zone).strftime("%Y-%m-%d_%H%M%S")
    return StreamingHttpResponse(
        log_sheet(lines, zone=zone),
        content_type=workbook.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="audit-log_{at}.xlsx"'},
    )


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


def _item(entry: Entry) -> LogItem:
    about = entry.interaction_id
    return LogItem(
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


def _asked(call: Call) -> Asked:
    tenant, about = call.caller.tenant, call.one("interaction")
    given = ((name, text) for name, texts in call.query.items() for text in texts)
    asked = read_asked(given, zone=zone_named(tenant.timezone), region=tenant.region)
    return asked if about is None else asked.of(id_from_text(about))
