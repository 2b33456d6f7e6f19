"""Events of one interaction, as stored and as they come, made one again.

Stored, an event refers to identifiers and lacks the text of a chat message. Read back,
its references stand beside it, so that a journey needs no identifier to be opened.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from valv.archive import raw_events
from valv.archive.models import Interaction
from valv.archive.raw_events import Body
from valv.core.events import ChatMessage, Event, SessionStarted
from valv.core.identifiers import Kind
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.interaction import Sender
from valv.core.spans import in_order
from valv.intake.drafts import Draft
from valv.intake.event_lines import Incoming
from valv.intake.parties import NOBODY, Known
from valv.intake.stated import Stated
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.storage.raw import Rows, insert, one_of, rows

COLUMNS = {
    "interaction_id": "bigint",
    "event": "bytea",
    "type": "varchar",
    "at": "bigint",
    "aged_from": "bigint",
    "terms": "integer",
    "body": "bytea",
}
# The bounds lead PostgreSQL to the months, the plus SQLite to the primary key.
STORED = (
    "SELECT interaction_id, event, type, at, body FROM raw_event WHERE +tenant_id = %s"
    " AND interaction_id >= %s AND interaction_id <= %s"
)


@dataclass(slots=True)
class Told:
    """One event; ``incoming`` if it is new, and ``known`` whom it names."""

    event: Event
    hash: bytes
    known: Known = NOBODY
    incoming: Incoming | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What events tell of an interaction; not whole if others are held no more."""

    events: Sequence[Event] = ()
    is_whole: bool = True


@dataclass(slots=True)
class Stored:
    """What is stored of an interaction's events; unopened ones have a hash only."""

    hashes: set[bytes] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)


def stored_events(drafts: Iterable[Draft]) -> Mapping[int, Stored]:
    """The raw events of interactions, opened where their text key lives."""
    found: dict[int, Stored] = defaultdict(Stored)
    by_id = {draft.id: draft for draft in drafts if not draft.is_new}
    for id_, hash_, type_, at, body in _rows(by_id):
        stored, draft = found[id_], by_id[id_]
        stored.hashes.add(hash_)
        if draft.key is not None and body:
            stored.told.append(_opened(draft, hash_, type_, from_unix_ms(at), body))
    return found


def _rows(interaction_ids: Collection[int]) -> Rows:
    if not interaction_ids:
        return []
    condition, ids = one_of("interaction_id", interaction_ids)
    return rows(
        f"{STORED} AND {condition}",
        [scope.current(), min(interaction_ids), max(interaction_ids), *ids],
    )


def evidence_of(tenant_id: int, row: Interaction) -> Evidence:
    """The events held of an interaction, as far as its text key opens them."""
    if not row.stated & Stated.DERIVED:
        return Evidence()
    key = keys.read(tenant_id, KeyKind.TEXT, [row.id]).get(row.id)
    draft = Draft(tenant_id, row, is_new=False, key=key)
    stored = stored_events([draft]).get(draft.id, Stored())
    return Evidence([one.event for one in stored.told], is_whole=bool(stored.told))


def _opened(draft: Draft, hash_: bytes, type_: str, at: Any, sealed: bytes) -> Told:
    body = raw_events.open_body(
        sealed,
        tenant_id=draft.tenant_id,
        interaction_id=draft.id,
        key=draft.key or b"",
    )
    ids = raw_events.references_in(body.data)
    event = raw_events.nameless_event(
        body, session_id=draft.row.session_id, type_=type_, at=at
    )
    withheld = Kind.PHONE in ids and ids[Kind.PHONE] is None
    return Told(event, hash_, Known(ids, withheld=withheld))


class RawRow(NamedTuple):
    """The columns of one raw event, as the database takes them."""

    interaction_id: int
    event: bytes
    type: str
    at: int
    aged_from: int
    terms: int
    body: bytes


def raw_row(draft: Draft, told: Told) -> RawRow:
    """The row of an event; a cut interaction whose text key is gone keeps no body."""
    body = Body(told.event.event_id, _data(told), told.event.sequence)
    sealed = b""
    if draft.key is not None:
        sealed = raw_events.seal_body(
            body, tenant_id=draft.tenant_id, interaction_id=draft.id, key=draft.key
        )
    return RawRow(
        draft.id,
        told.hash,
        told.event.type,
        unix_ms(told.event.at),
        unix_ms(draft.told_age),
        draft.row.terms,
        sealed,
    )


def add_raw_events(listed: Sequence[RawRow]) -> None:
    """Insert raw events by hand-written SQL: the hot path of intake."""
    insert("raw_event", COLUMNS, listed)


def _data(told: Told) -> dict[str, Any]:
    """The event's data with references for identifiers, and no chat text."""
    plain = told.event.as_json()
    data = {name: value for name, value in plain.items() if value is not None}
    data.pop("identifiers", None)
    known = told.known
    if isinstance(told.event.data, SessionStarted):
        party = {kind.value: _reference(kind, known) for kind in known.ids}
        given = {kind: value for kind, value in party.items() if value is not None}
        return {**data, "identifiers": given} if given else data
    if isinstance(told.event.data, ChatMessage):
        del data["text"]
        if told.event.data.sender is Sender.CUSTOMER:
            data.pop("name", None)
            if known.ids.get(Kind.NAME) is not None:
                data["name"] = raw_events.reference(known.ids[Kind.NAME])
    return data


def _reference(kind: Kind, known: Known) -> dict[str, Any] | None:
    id_ = known.ids[kind]
    if id_ is None and not (kind is Kind.PHONE and known.withheld):
        return None
    return raw_events.reference(id_)


def person_in(told: Iterable[Told]) -> Known:
    """Whom the events name: by the first start, else by the chat's first name."""
    by_id = {one.event.event_id: one for one in told}
    ordered = [by_id[event.event_id] for event in in_order(t.event for t in told)]
    start = next((t for t in ordered if isinstance(t.event.data, SessionStarted)), None)
    known = start.known if start else NOBODY
    if known.ids.get(Kind.NAME) is not None:
        return known
    names = (t.known.ids.get(Kind.NAME) for t in ordered if t.known.ids)
    name = next((id_ for id_ in names if id_ is not None), None)
    if name is None:
        return known
    return Known({**known.ids, Kind.NAME: name}, withheld=known.withheld)
