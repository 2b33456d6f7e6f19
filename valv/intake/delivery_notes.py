"""The XML that may lie beside a delivered recording: session, and who called.

Read tolerantly by the names of its elements, whatever their case and depth. Refuses
document types, and with them entities and all that they could fetch or blow up.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from xml.parsers import expat
from zoneinfo import ZoneInfo

from valv.core.errors import Malformed
from valv.core.moments import parse_moment

MOST_DEPTH = 50
MOST_TEXT = 2_000
NAMES = {
    "session/id": "session_id",
    "session/sessionid": "session_id",
    "session/starttime": "started_at",
    "session/start": "started_at",
    "session/accessnumber": "access_number",
    "request/remoteaddress": "phone",
    "request/queuekey": "queue_key",
    "request/queuedescription": "queue",
}


@dataclass(slots=True)
class _Reading:
    """Where the parser stands, and what it found."""

    path: list[str] = field(default_factory=list)
    text: str = ""
    found: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(_plain(name))
        self.text = ""
        if len(self.path) > MOST_DEPTH:
            raise Malformed("The XML is nested too deeply.")
        for attribute, value in attributes.items():
            self.keep(f"{self.path[-1]}/{_plain(attribute)}", value)

    def take(self, text: str) -> None:
        self.text = (self.text + text)[:MOST_TEXT]

    def end(self, _name: str) -> None:
        self.keep("/".join(self.path[-2:]), self.text)
        self.path.pop()
        self.text = ""

    def keep(self, path: str, text: str) -> None:
        if path in NAMES and text.strip():
            self.found.setdefault(NAMES[path], text.strip())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())


def _refuse_document_type(*_told: object) -> NoReturn:
    raise Malformed("The XML has a document type.")


def read_note(body: bytes) -> dict[str, str]:
    """The fields that are known, by our names. Raises Malformed."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.take
    try:
        parser.Parse(body, True)  # noqa: FBT003 -- the parser's own signature
    except expat.ExpatError:
        raise Malformed("The XML cannot be read.") from None
    return reading.found


def moment_from(text: str, *, zone: ZoneInfo) -> datetime:
    """A time with offset, or else of the zone. Raises Malformed."""
    try:
        return parse_moment(text, field="started_at")
    except Malformed:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed("The start time is not a time.", field="started_at") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
