"""Raw events at rest: what the source told, sealed under the interaction's text key.

An identifier in an event is a reference to where it stands once, ``{"$id": 7}``, so
that forgetting it reaches raw data too; a withheld one is ``{"$withheld": true}``. The
text of a chat message is not here, but with the content it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from valv.archive.text import EVENT, open_json, seal_json
from valv.core.answers import how_from
from valv.core.events import TYPES, Event
from valv.core.identifiers import Kind
from valv.storage import keys

HASH_BYTES = 16
REFERENCE, WITHHELD = "$id", "$withheld"


class Body(Struct, frozen=True, omit_defaults=True):
    """What is sealed of an event: its source's id and running number, and its data."""

    id: str
    data: dict[str, Any]
    sequence: int | None = None


def hash_of(tenant_id: int, event_id: str) -> bytes:
    """The tenant's keyed hash of an event id: told twice, kept once."""
    return keys.digest(tenant_id, "event", event_id)[:HASH_BYTES]


def seal_body(body: Body, *, tenant_id: int, interaction_id: int, key: bytes) -> bytes:
    return seal_json(
        body, tenant_id=tenant_id, interaction_id=interaction_id, key=key, role=EVENT
    )


def open_body(
    sealed: bytes, *, tenant_id: int, interaction_id: int, key: bytes
) -> Body:
    """Raises Tampered if it was not sealed for this interaction."""
    return open_json(
        sealed,
        Body,
        tenant_id=tenant_id,
        interaction_id=interaction_id,
        key=key,
        role=EVENT,
    )


def without_people(
    sealed: bytes, *, tenant_id: int, interaction_id: int, key: bytes
) -> bytes:
    """The body sealed anew, without the identifiers that it refers to."""
    place = {"tenant_id": tenant_id, "interaction_id": interaction_id}
    body = open_body(sealed, **place, key=key)
    data = {name: value for name, value in body.data.items() if name != "identifiers"}
    if isinstance(data.get("name"), dict):
        del data["name"]
    return seal_body(msgspec.structs.replace(body, data=data), **place, key=key)


def pointed_elsewhere(body: Body, instead: Mapping[int, int | None]) -> Body:
    """The body with other identifiers for some; what gets None is told no more."""

    def moved(value: Any) -> Any:
        old = value.get(REFERENCE) if isinstance(value, dict) else None
        if old is None or old not in instead:
            return value
        new = instead[old]
        return None if new is None else reference(new)

    data = dict(body.data)
    if isinstance(data.get("identifiers"), dict):
        party = {kind: moved(one) for kind, one in data["identifiers"].items()}
        data["identifiers"] = {k: one for k, one in party.items() if one is not None}
    if "name" in data and (name := moved(data["name"])) != data["name"]:
        data["name"] = name
        if name is None:
            del data["name"]
    return msgspec.structs.replace(body, data=data)


def nameless_event(body: Body, *, session_id: str, type_: str, at: datetime) -> Event:
    """The event made again, without whom it names and what a chat message said."""
    data = {
        name: value
        for name, value in body.data.items()
        if (name != "identifiers" and not isinstance(value, dict))
        or name == "variables"
    }
    if type_ == "chat.message":
        data["text"] = ""
    if "how" in data:  # what came before it was one of a few words
        data["how"] = how_from(data["how"])
    made = msgspec.convert(data, TYPES[type_])
    return Event(body.id, session_id, type_, at, made, body.sequence)


def reference(identifier_id: int | None) -> dict[str, Any]:
    """How an identifier, or one withheld, stands in an event."""
    return {WITHHELD: True} if identifier_id is None else {REFERENCE: identifier_id}


def _places(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    party = data.get("identifiers")
    yield from (party or {}).items()
    yield Kind.NAME.value, data.get("name")


def references_in(data: Mapping[str, Any]) -> dict[Kind, int | None]:
    """The identifiers an event refers to; None for one that is withheld."""
    return {
        Kind(kind): value.get(REFERENCE)
        for kind, value in _places(data)
        if isinstance(value, dict)
    }


def revealed(data: Mapping[str, Any], shown: Mapping[int, str]) -> dict[str, Any]:
    """The data with values for references, as far as they still open."""

    def plain(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return shown.get(value.get(REFERENCE, 0))

    found = dict(data)
    if isinstance(found.get("identifiers"), dict):
        party: Iterable[tuple[str, Any]] = found["identifiers"].items()
        found["identifiers"] = {kind: plain(value) for kind, value in party}
    if "name" in found:
        found["name"] = plain(found["name"])
    return found
