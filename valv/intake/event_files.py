"""Files of raw events, taken in pieces, each event once."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from django.db.models import Count
from msgspec import Struct

from valv.archive import sessions
from valv.archive.models import RawEvent
from valv.archive.sessions import stored_session_id
from valv.core.errors import BadRequest
from valv.core.people import Actor
from valv.intake.arrivals import Result
from valv.intake.event_lines import MALFORMED, RefusedLine
from valv.intake.events import take_events
from valv.intake.report import Report
from valv.intake.sources import Folder, chunks
from valv.storage import scope
from valv.tenants.models import Tenant

BATCH = 500
PIECE = 4 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
TOO_LONG = "A line of events has at most 1 MiB."


class _Said(Struct, frozen=True):
    session_id: str


def take_file(
    tenant: Tenant,
    folder: Folder,
    name: str,
    report: Report,
    *,
    source: str,
    actor: Actor,
    now: datetime,
    dry_run: bool,
) -> None:
    """Take the events of one file, and count the interactions they are of.

    ``source`` is what the file is called in the report, before the line's number.
    """
    for first, body, long_ones in _pieces(folder, name):
        for number in long_ones:
            report.fail(f"{source}:{number}", TOO_LONG)
        if not body.strip():
            continue
        mentioned = _sessions_in(tenant, body)
        before = _told(tenant, mentioned)
        if not dry_run:
            _take(tenant, source, first, body, report, actor=actor, now=now)
        after = before if dry_run else _told(tenant, mentioned)
        for session_id in mentioned:
            was, has = before.get(session_id), after.get(session_id)
            if was is None and (dry_run or has is not None):
                report.count(has[0] if has else session_id, Result.IMPORTED)
            elif was is not None and has is not None:
                result = Result.UNCHANGED if was == has else Result.UPDATED
                report.count(has[0], result)


def _take(
    tenant: Tenant,
    source: str,
    first: int,
    body: bytes,
    report: Report,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    try:
        taken = take_events(tenant, body, actor=actor, now=now)
    except BadRequest as error:
        report.fail(f"{source}:{first}", error.detail)
        return
    for line in taken.refused:
        _note(f"{source}:{first + line.line - 1}", line, report)


def _note(source: str, line: RefusedLine, report: Report) -> None:
    if line.rule == MALFORMED:
        report.fail(source, line.reason)
    else:
        report.refuse(source, line.rule, line.reason)


def _sessions_in(tenant: Tenant, body: bytes) -> list[str]:
    found: dict[str, None] = {}
    for line in body.split(b"\n"):
        try:
            said = msgspec.json.decode(line, type=_Said).session_id
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
        found[said] = None
    return [stored_session_id(tenant, said) for said in found]


def _told(tenant: Tenant, stored: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The interactions there are, each with the number of its raw events."""
    with scope.reading(tenant.id):
        known = sessions.interactions_of(stored)
        ids = list(known.values())
        counts = {
            id_: count
            for start in range(0, len(ids), BATCH)
            for id_, count in RawEvent.objects.filter(
                interaction_id__in=ids[start : start + BATCH]
            )
            .values_list("interaction_id")
            .annotate(Count("event"))
        }
    return {session: (id_, counts.get(id_, 0)) for session, id_ in known.items()}


def _pieces(folder: Folder, name: str) -> Iterator[tuple[int, bytes, list[int]]]:
    """The file in pieces of whole lines, each with the number of its first line.

    In the place of a line that is too long is an empty one, and its number beside.
    """
    lines: list[bytes] = []
    long_ones: list[int] = []
    first, size = 1, 0
    for number, line in enumerate(_lines(folder, name), start=1):
        if line is None:
            long_ones.append(number)
        lines.append(line or b"")
        size += len(lines[-1])
        if size >= PIECE:
            yield first, b"\n".join(lines), long_ones
            lines, long_ones, first, size = [], [], number + 1, 0
    if lines:
        yield first, b"\n".join(lines), long_ones


def _lines(folder: Folder, name: str) -> Iterator[bytes | None]:
    """Lines, however long; None for one that is longer than is taken."""
    rest, is_long = b"", False
    for chunk in chunks(folder, name):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield None if is_long or len(line) > LONGEST_LINE else line
            is_long = False
        if len(rest) > LONGEST_LINE:
            rest, is_long = b"", True
    if is_long or rest:
        yield None if is_long else rest
