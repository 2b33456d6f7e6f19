"""The list of raw events, oldest first, as they were told and while they still open.

If any identifier of an interaction no longer opens, its raw events tell their type and
time alone, as do those whose text was cut.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from valv.archive import people as people_of
from valv.archive.identifiers import epoch
from valv.archive.models import Interaction, OtherParty
from valv.archive.people import People
from valv.archive.raw_events import open_body, references_in, revealed
from valv.archive.rows import moment_text
from valv.archive.text import text_keys
from valv.core.ids import unix_ms
from valv.core.permissions import Right
from valv.storage import scope
from valv.storage.raw import rows
from valv.tenants.access import Caller

EVER = 1 << 60
CHUNK = 500

Key = tuple[int, int, bytes]
BEFORE_ALL: Key = (-EVER, 0, b"")


class RawEventItem(Struct, frozen=True):
    """One event; ``event_id`` and ``data`` are null where the text was cut."""

    event_id: str | None
    interaction_id: str
    session_id: str
    type: str
    at: str
    data: dict[str, Any] | None


def raw_events(
    caller: Caller, *, start: datetime | None, end: datetime | None, limit: int | None
) -> Iterator[RawEventItem]:
    """Events from ``start`` on and before ``end``, each chunk in a scope of its own.

    Raises Forbidden without the right to raw data, before the first is asked for. The
    caller enters the sight in the audit log.
    """
    caller.require(Right.RAW_DATA)
    since = -EVER if start is None else unix_ms(start)
    until = EVER if end is None else unix_ms(end)
    return _walk(caller.tenant.id, (since, until), limit=limit)


def _walk(
    tenant_id: int, span: tuple[int, int], *, limit: int | None
) -> Iterator[RawEventItem]:
    after, left = BEFORE_ALL, EVER if limit is None else limit
    while left > 0:
        wanted = min(CHUNK, left)
        with scope.reading(tenant_id):
            found = _rows(span, after, limit=wanted)
            chunk = list(_items(tenant_id, found))
        yield from chunk
        if len(found) < wanted:
            return
        after = (found[-1][0], found[-1][1], bytes(found[-1][2]))
        left -= wanted


def _rows(span: tuple[int, int], after: Key, *, limit: int) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT at, interaction_id, event, type, body FROM raw_event"
        " WHERE tenant_id = %s AND at >= %s AND at < %s AND at >= %s"
        " AND (at, interaction_id, event) > (%s, %s, %s)"
        " ORDER BY at, interaction_id, event LIMIT %s",
        [scope.current(), *span, after[0], *after, limit],
    )


def _items(tenant_id: int, found: list[tuple[Any, ...]]) -> Iterator[RawEventItem]:
    ids = {row[1] for row in found}
    people = people_of.of(tenant_id, epoch=epoch())
    sessions = dict(
        Interaction.objects.filter(id__in=ids).values_list("id", "session_id")
    )
    opening = text_keys(tenant_id, ids)
    for closed in forgotten_in(people, ids):
        opening.pop(closed, None)
    for at, interaction_id, _, type_, body in found:
        event_id, data = _opened(
            tenant_id, interaction_id, bytes(body), opening.get(interaction_id), people
        )
        yield RawEventItem(
            event_id,
            str(interaction_id),
            sessions.get(interaction_id, ""),
            type_,
            moment_text(at),
            data,
        )


def forgotten_in(people: People, interaction_ids: Iterable[int]) -> set[int]:
    """The interactions of which someone was forgotten."""
    ids = list(interaction_ids)
    of_each = Interaction.objects.filter(id__in=ids).values_list(
        "id", "phone_id", "email_id", "name_id", "handle_id"
    )
    others = OtherParty.objects.filter(interaction_id__in=ids)
    pairs = [(row[0], id_) for row in of_each for id_ in row[1:] if id_ is not None]
    pairs += others.values_list("interaction_id", "identifier_id")
    shown = people.shown({identifier_id for _, identifier_id in pairs})
    return {interaction_id for interaction_id, id_ in pairs if id_ not in shown}


def _opened(
    tenant_id: int,
    interaction_id: int,
    sealed: bytes,
    key: bytes | None,
    people: People,
) -> tuple[str | None, dict[str, Any] | None]:
    if key is None:
        return None, None
    body = open_body(
        sealed, tenant_id=tenant_id, interaction_id=interaction_id, key=key
    )
    wanted = {id_ for id_ in references_in(body.data).values() if id_ is not None}
    shown = people.shown(wanted)
    if not wanted <= shown.keys():
        return None, None
    return body.id, revealed(body.data, shown)
