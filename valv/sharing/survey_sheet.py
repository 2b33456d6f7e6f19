"""Survey answers as a spreadsheet, one row each; times are in the tenant's zone."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from valv.archive.items import Item
from valv.sharing.workbook import Cell, Column, workbook

TITLE = "Surveys"

Tell = Callable[[Item, ZoneInfo], Cell]


def _at(item: Item, zone: ZoneInfo) -> Cell:
    if item.survey is None:
        return None
    at = datetime.fromisoformat(item.survey.at)
    return at.astimezone(zone).replace(tzinfo=None)


COLUMNS: tuple[tuple[Column, Tell], ...] = (
    (Column("Answered", 20), _at),
    (Column("Score", 8), lambda i, _: i.survey.score if i.survey else None),
    (
        Column("Scale", 8),
        lambda i, _: "–".join(map(str, i.survey.scale)) if i.survey else None,
    ),
    (Column("Comment", 40), lambda i, _: i.survey.comment if i.survey else None),
    (Column("Session", 38), lambda i, _: i.session_id),
    (Column("Media", 8), lambda i, _: i.media),
    (Column("Queue", 20), lambda i, _: i.queue),
    (Column("Agents", 24), lambda i, _: ", ".join(i.agents)),
    (Column("Phone", 18), lambda i, _: i.identifiers.phone),
    (Column("E-mail", 28), lambda i, _: i.identifiers.email),
    (Column("Name", 24), lambda i, _: i.identifiers.name),
    (Column("Handle", 18), lambda i, _: i.identifiers.handle),
)


def survey_sheet(items: Iterable[Item], *, zone: ZoneInfo) -> Iterator[bytes]:
    """The bytes of an xlsx file of the answers, made as they come."""
    tellers = [tell for _, tell in COLUMNS]
    rows = ([tell(item, zone) for tell in tellers] for item in items)
    return workbook([column for column, _ in COLUMNS], rows, title=TITLE)
