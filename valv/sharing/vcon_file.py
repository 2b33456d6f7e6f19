"""An interaction as a vCon (draft-ietf-vcon-vcon-core-04, version 0.4.0, unsigned).

General information, what was written, and which recordings there are or were; audio
stands beside it, under the file name that its dialog gives. What was deleted keeps its
dialog, without a body. No URL leads anywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from valv.archive.items import Identifiers, Item
from valv.archive.parts import ContentItem
from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.core.interaction import ContentKind, Sender
from valv.core.moments import format_moment

VCON: Final = "0.4.0"
SCHEMA: Final = "urn:valv:interaction:1"
RECORDING = ContentKind.RECORDING.value
ROLES = {Sender.CUSTOMER: 0, Sender.AGENT: 1}


def vcon_of(
    item: Item,
    *,
    files: Mapping[int, str],
    chat: ShownChatLog | None,
    transcripts: Iterable[ShownTranscript],
    now: datetime,
) -> bytes:
    """The vCon's JSON. ``files`` names the recordings that are given along, by n."""
    made = {
        "vcon": VCON,
        "uuid": str(_uuid(int(item.id))),
        "created_at": item.started_at,
        "updated_at": format_moment(now),
        "extensions": ["CC"],
        "parties": _parties(item),
        "dialog": [*_recordings(item, files), *_messages(item, chat)],
        "analysis": [_report(item), *map(_transcript, transcripts)],
        "attachments": _attachments(item),
    }
    if item.subject:
        made["subject"] = item.subject
    return msgspec.json.format(msgspec.json.encode(made), indent=1)


def _uuid(interaction_id: int) -> UUID:
    """Version 8 (RFC 9562 section 5.8): milliseconds, then the rest of the id."""
    milliseconds, noise = divmod(interaction_id, 1 << 21)
    return UUID(int=milliseconds << 80 | 8 << 76 | 2 << 62 | noise)


def _parties(item: Item) -> list[dict[str, Any]]:
    agents = [{"name": name, "role": "agent"} for name in item.agents]
    customer = {**_party(item.identifiers), "role": "customer"}
    others = [{**_party(one), "role": "other"} for one in item.others]
    return [customer, *(agents or [{"role": "agent"}]), *others]


def _party(who: Identifiers) -> dict[str, Any]:
    known = {"tel": who.phone, "mailto": who.email, "name": who.name, "sip": None}
    found = {name: value for name, value in known.items() if value}
    if who.handle:
        found["name"] = who.name or who.handle
    return found or {"name": "anonymous"}


def _recordings(item: Item, files: Mapping[int, str]) -> Iterable[dict[str, Any]]:
    for one in item.contents:
        if one.kind == RECORDING:
            yield _recording(item, one, files.get(one.n))


def _recording(item: Item, one: ContentItem, file: str | None) -> dict[str, Any]:
    dialog: dict[str, Any] = {
        "type": "recording",
        "start": item.started_at,
        "parties": [0, 1],
        "interaction_type": item.media,
        "interaction_id": item.session_id,
    }
    if item.queue:
        dialog["skill"] = item.queue
    if one.seconds is not None:
        dialog["duration"] = one.seconds
    if file:
        dialog["filename"] = file
    return dialog


def _messages(item: Item, chat: ShownChatLog | None) -> Iterable[dict[str, Any]]:
    for message in () if chat is None else chat.messages:
        yield {
            "type": "text",
            "start": message.at,
            "parties": ROLES.get(message.sender, 1),
            "mediatype": "text/plain",
            "encoding": "none",
            "body": message.text,
        }
    if chat is None and not any(one.kind == RECORDING for one in item.contents):
        yield {
            "type": "text",
            "start": item.started_at,
            "parties": [0, 1],
            "interaction_type": item.media,
            "interaction_id": item.session_id,
        }


def _report(item: Item) -> dict[str, Any]:
    """All of the general information, as the archive's own API tells it."""
    return _analysis("report", msgspec.to_builtins(item))


def _transcript(one: ShownTranscript) -> dict[str, Any]:
    return _analysis("transcript", msgspec.to_builtins(one))


def _analysis(kind: str, body: object) -> dict[str, Any]:
    return {
        "type": kind,
        "vendor": "Valv",
        "schema": SCHEMA,
        "mediatype": "application/json",
        "encoding": "json",
        "body": body,
    }


def _attachments(item: Item) -> Sequence[dict[str, Any]]:
    if item.survey is None:
        return []
    return [
        {
            "purpose": "survey",
            "party": 0,
            "start": item.survey.at,
            "mediatype": "application/json",
            "encoding": "json",
            "body": msgspec.to_builtins(item.survey),
        }
    ]
