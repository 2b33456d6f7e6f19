"""The list of raw events, oldest first, as they were told and while they still open.

The order is that of time, interaction and event, and stands: a list goes on after any
of its events. If any identifier of an interaction no longer opens, its raw events tell
their type and time alone, as do those whose text was cut.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from valv.archive import people as people_of
from valv.archive import sessions
from valv.archive.access import readable_interaction
from valv.archive.identifiers import epoch
from valv.archive.models import Interaction, OtherParty
from valv.archive.people import People
from valv.archive.raw_events import Body, open_body, references_in, revealed
from valv.archive.reach import of_one_within, restrictions_stand
from valv.archive.rows import moment_text
from valv.archive.text import text_keys
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Malformed
from valv.core.events import TYPES
from valv.core.ids import ID_LIMIT, unix_ms
from valv.core.permissions import Right
from valv.core.reach import EVERYWHERE
from valv.storage import scope
from valv.storage.raw import one_of, rows
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

EVER = 1 << 60
CHUNK = 500
OF_ONE, OF_MANY = "raw_events", "raw_data"

Key = tuple[int, int, bytes]
BEFORE_ALL: Key = (-EVER, 0, b"")
_CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,19})\.([0-9a-f]{32})", re.ASCII)


class RawEventItem(Struct, frozen=True):
    """One event; ``event_id`` and ``data`` are null where the text was cut.

    ``cursor`` leads to what comes after it.
    """

    event_id: str | None
    interaction_id: str
    session_id: str
    type: str
    at: str
    sequence: int | None
    data: dict[str, Any] | None
    cursor: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: from ``start`` on and before ``end``, after a key, of some types.

    ``sessions`` are what the source calls interactions; without any, all are meant.
    """

    start: datetime | None = None
    end: datetime | None = None
    types: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    after: Key = BEFORE_ALL

    @property
    def kinds(self) -> list[str]:
        """Which parameters were used, without a value of any."""
        given = {
            "from": self.start,
            "to": self.end,
            "type": self.types,
            "session": self.sessions,
        }
        return [name for name, value in given.items() if value]


def key_from(cursor: str) -> Key:
    """Where a list goes on. Raises Malformed."""
    match = _CURSOR.fullmatch(cursor)
    if match is None or int(match[2]) >= ID_LIMIT:
        raise Malformed("The cursor is not of this list.", field="cursor")
    return int(match[1]), int(match[2]), bytes.fromhex(match[3])


def checked_types(types: Sequence[str]) -> tuple[str, ...]:
    """Raises Malformed for a type that no event has."""
    if not TYPES.keys() >= set(types):
        raise Malformed("There is no such type of event.", field="type")
    return tuple(types)


def raw_events(
    caller: Caller, wanted: Wanted, *, limit: int | None
) -> Iterator[RawEventItem]:
    """The events wanted, each chunk in a scope of its own.

    Raises Forbidden without the right to raw data, before the first is asked for. The
    caller enters what is taken out in the audit log.
    """
    caller.require(Right.RAW_DATA)
    return _walk(caller.tenant, wanted, limit=limit)


def see_page(
    caller: Caller, wanted: Wanted, *, limit: int, now: datetime
) -> list[RawEventItem]:
    """Look through some of them: one audit entry for each call. Raises Forbidden."""
    caller.require(Right.RAW_DATA)
    with scope.writing(caller.tenant.id):
        found = _chunk(caller.tenant, wanted, wanted.after, limit=limit)
        details = {"by": sorted(wanted.kinds), "found": len(found)}
        act = Act(Action.SEE, content=OF_MANY, details=details)
        record(act, actor=caller.actor, now=now)
    return found


def see_of_interaction(
    caller: Caller, interaction_id: str, *, limit: int, now: datetime
) -> list[RawEventItem]:
    """See the first raw events of one interaction: one audit entry for each call.

    Raises Forbidden, or NotFound for what is not there or not the caller's.
    """
    caller.require(Right.RAW_DATA)
    with scope.writing(caller.tenant.id):
        row = readable_interaction(caller, interaction_id)
        act = Act(Action.SEE, row.id, content=OF_ONE)
        record(act, actor=caller.actor, now=now)
        listed = _rows(Wanted(), [row.id], BEFORE_ALL, limit=limit)
        return list(_items(caller.tenant.id, listed))


def _walk(
    tenant: Tenant, wanted: Wanted, *, limit: int | None
) -> Iterator[RawEventItem]:
    after, left = wanted.after, EVER if limit is None else limit
    while left > 0:
        size = min(CHUNK, left)
        with scope.reading(tenant.id):
            chunk = _chunk(tenant, wanted, after, limit=size)
        yield from chunk
        if len(chunk) < size:
            return
        after = key_from(chunk[-1].cursor)
        left -= size


def _chunk(
    tenant: Tenant, wanted: Wanted, after: Key, *, limit: int
) -> list[RawEventItem]:
    ids = None if not wanted.sessions else _ids_of(tenant, wanted.sessions)
    return list(_items(tenant.id, _rows(wanted, ids, after, limit=limit)))


def _ids_of(tenant: Tenant, session_ids: Iterable[str]) -> list[int]:
    asked = {
        stored
        for session_id in session_ids
        for stored in (session_id, sessions.stored_session_id(tenant, session_id))
    }
    return sorted(sessions.interactions_of(asked).values())


def _rows(
    wanted: Wanted, interaction_ids: list[int] | None, after: Key, *, limit: int
) -> list[tuple[Any, ...]]:
    since = -EVER if wanted.start is None else unix_ms(wanted.start)
    until = EVER if wanted.end is None else unix_ms(wanted.end)
    # Of some interactions the key leads, else time: sums keep its index aside.
    by_key = interaction_ids is not None
    tenant, at = ("+tenant_id", "(at + 0)") if by_key else ("tenant_id", "at")
    clauses = [
        f"{tenant} = %s",
        f"{at} >= %s",
        f"{at} < %s",
        f"{at} >= %s",
        f"({at}, interaction_id, event) > (%s, %s, %s)",
    ]
    values: list[object] = [scope.current(), since, until, after[0], *after]
    if restrictions_stand():
        condition, _ = of_one_within(EVERYWHERE, "raw_event")
        clauses.append(condition)
    if interaction_ids is not None:
        condition, listed = one_of("interaction_id", interaction_ids)
        clauses.append(condition)
        values += listed
    if wanted.types:
        clauses.append(f"type IN ({', '.join(['%s'] * len(wanted.types))})")
        values += wanted.types
    return rows(
        "SELECT at, interaction_id, event, type, body FROM raw_event"  # noqa: S608
        f" WHERE {' AND '.join(clauses)}"
        f" ORDER BY {at}, interaction_id, event LIMIT %s",
        [*values, limit],
    )


def _items(tenant_id: int, found: list[tuple[Any, ...]]) -> Iterator[RawEventItem]:
    ids = {row[1] for row in found}
    people = people_of.of(tenant_id, epoch=epoch())
    session_ids = dict(
        Interaction.objects.filter(id__in=ids).values_list("id", "session_id")
    )
    opening = text_keys(tenant_id, ids)
    for closed in forgotten_in(people, ids):
        opening.pop(closed, None)
    for at, interaction_id, event, type_, body in found:
        key = opening.get(interaction_id)
        told = _opened(tenant_id, interaction_id, bytes(body), key, people)
        yield RawEventItem(
            None if told is None else told.id,
            str(interaction_id),
            session_ids.get(interaction_id, ""),
            type_,
            moment_text(at),
            None if told is None else told.sequence,
            None if told is None else told.data,
            f"{at}.{interaction_id}.{bytes(event).hex()}",
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
) -> Body | None:
    """What an event told, with values for references; None where it is cut."""
    if key is None or not sealed:
        return None
    body = open_body(
        sealed, tenant_id=tenant_id, interaction_id=interaction_id, key=key
    )
    wanted = {id_ for id_ in references_in(body.data).values() if id_ is not None}
    shown = people.shown(wanted)
    if not wanted <= shown.keys():
        return None
    return Body(body.id, revealed(body.data, shown), body.sequence)
