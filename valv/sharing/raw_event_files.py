"""Raw events as files: NDJSON as the API tells them, and a spreadsheet.

The sheet has a column for every field that an event of any type may have. Both are made
as they are sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from valv.archive.raw_listing import RawEventItem
from valv.core.events import TYPES
from valv.core.interaction import as_text
from valv.sharing.workbook import Cell, Column, workbook

NDJSON = "application/x-ndjson"
TITLE = "Raw events"
CHUNK = 64 * 1024

FIELDS = tuple(
    dict.fromkeys(
        field.encode_name
        for type_ in TYPES.values()
        for field in msgspec.structs.fields(type_)
    )
)
FRAME = (
    Column("Time", 24),
    Column("Type", 22),
    Column("Session", 38),
    Column("Interaction", 22),
    Column("Event id", 38),
    Column("Sequence", 10),
)


def ndjson(events: Iterable[RawEventItem]) -> Iterator[bytes]:
    """Whole lines, in pieces large enough to be worth sending."""
    pending = bytearray()
    for event in events:
        pending += msgspec.json.encode(event) + b"\n"
        if len(pending) >= CHUNK:
            yield bytes(pending)
            pending.clear()
    yield bytes(pending)


def raw_event_sheet(
    events: Iterable[RawEventItem], *, zone: ZoneInfo
) -> Iterator[bytes]:
    """The bytes of an xlsx file, with times in ``zone``."""
    columns = [*FRAME, *(Column(name, 18) for name in FIELDS)]
    return workbook(columns, (_row(one, zone) for one in events), title=TITLE)


def _row(event: RawEventItem, zone: ZoneInfo) -> list[Cell]:
    at = datetime.fromisoformat(event.at).astimezone(zone)
    data = event.data or {}
    return [
        at.replace(tzinfo=None),
        event.type,
        event.session_id,
        event.interaction_id,
        event.event_id,
        event.sequence,
        *(_cell(data.get(name)) for name in FIELDS),
    ]


def _cell(value: Any) -> Cell:
    """Numbers as numbers, and what has parts with each on a line of its own."""
    if isinstance(value, Mapping):
        return "\n".join(f"{name}={as_text(one) or ''}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "–".join(str(one) for one in value)
    if isinstance(value, bool) or value is None:
        return as_text(value)
    return value if isinstance(value, int | float) else str(value)
