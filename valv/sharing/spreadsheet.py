"""Interactions as a spreadsheet: one row each, under the headings of ``COLUMNS``.

Numbers of people are text, times are cells of time in the tenant's zone. What content
there is is told by count; none of it is in the sheet.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from valv.archive.items import Item
from valv.core.interaction import ContentKind, ContentState
from valv.sharing.workbook import Cell, Column, workbook

TITLE = "Interactions"
PRESENT = ContentState.PRESENT.value
TELLING_KINDS = ("phone", "email", "name", "handle")

Tell = Callable[[Item, ZoneInfo], Cell]


def _moment(text: str | None, zone: ZoneInfo) -> Cell:
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None)


def _count(item: Item, kind: ContentKind) -> int:
    return sum(one.kind == kind.value and one.state == PRESENT for one in item.contents)


def _others(item: Item) -> str:
    parties = (
        ", ".join(filter(None, (getattr(one, kind) for kind in TELLING_KINDS)))
        for one in item.others
    )
    return "; ".join(parties)


def _registrations(item: Item) -> str:
    return "; ".join(
        f"{one.category}: {one.topic}" if one.category else one.topic
        for one in item.registration
    )


def _variables(item: Item) -> str:
    return "\n".join(f"{name}={value}" for name, value in item.variables.items())


def _consents(item: Item) -> str:
    return "; ".join(f"{one.purpose}: {one.answer}" for one in item.consents)


def _yes(value: bool) -> str:  # noqa: FBT001 - the value is what is told
    return "yes" if value else "no"


COLUMNS: tuple[tuple[Column, Tell], ...] = (
    (Column("Id", 22), lambda i, _: i.id),
    (Column("Session", 38), lambda i, _: i.session_id),
    (Column("Media", 8), lambda i, _: i.media),
    (Column("Direction", 10), lambda i, _: i.direction),
    (Column("Started", 20), lambda i, zone: _moment(i.started_at, zone)),
    (Column("Ended", 20), lambda i, zone: _moment(i.ended_at, zone)),
    (Column("Queue", 20), lambda i, _: i.queue),
    (Column("Agents", 24), lambda i, _: ", ".join(i.agents)),
    (Column("Wait (s)", 10), lambda i, _: i.wait_seconds),
    (Column("Talk (s)", 10), lambda i, _: i.talk_seconds),
    (Column("Outcome", 14), lambda i, _: i.outcome),
    (Column("Phone", 18), lambda i, _: i.identifiers.phone),
    (Column("E-mail", 28), lambda i, _: i.identifiers.email),
    (Column("Name", 24), lambda i, _: i.identifiers.name),
    (Column("Handle", 18), lambda i, _: i.identifiers.handle),
    (Column("Number withheld", 10), lambda i, _: _yes(i.withheld)),
    (Column("Others", 24), lambda i, _: _others(i)),
    (Column("Subject", 30), lambda i, _: i.subject),
    (Column("URL", 30), lambda i, _: i.url),
    (Column("Variables", 30), lambda i, _: _variables(i)),
    (Column("Recordings", 11), lambda i, _: _count(i, ContentKind.RECORDING)),
    (Column("Chat logs", 11), lambda i, _: _count(i, ContentKind.CHAT_LOG)),
    (Column("Transcripts", 11), lambda i, _: _count(i, ContentKind.TRANSCRIPT)),
    (Column("Score", 8), lambda i, _: i.survey.score if i.survey else None),
    (
        Column("Scale", 8),
        lambda i, _: "–".join(map(str, i.survey.scale)) if i.survey else None,
    ),
    (Column("Comment", 30), lambda i, _: i.survey.comment if i.survey else None),
    (Column("Registration", 30), lambda i, _: _registrations(i)),
    (Column("Consents", 24), lambda i, _: _consents(i)),
    (Column("Restricted", 10), lambda i, _: _yes(i.restricted)),
    (Column("Held", 8), lambda i, _: _yes(i.held)),
    (Column("Anonymised", 20), lambda i, zone: _moment(i.anonymised_at, zone)),
)


def spreadsheet(items: Iterable[Item], *, zone: ZoneInfo) -> Iterator[bytes]:
    """The bytes of an xlsx file of the items, made as they come."""
    tellers = [tell for _, tell in COLUMNS]
    rows = ([tell(item, zone) for tell in tellers] for item in items)
    return workbook([column for column, _ in COLUMNS], rows, title=TITLE)
