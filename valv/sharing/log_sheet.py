"""The audit log as a spreadsheet, one entry a row; times are in the tenant's zone."""

from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

from valv.archive.log_reading import Line
from valv.sharing.workbook import Cell, Column, workbook

TITLE = "Audit log"

Tell = Callable[[Line, ZoneInfo], Cell]


def _detail(name: str) -> Tell:
    def tell(line: Line, _: ZoneInfo) -> Cell:
        value = line.entry.details.get(name)
        return value if isinstance(value, int | str) else None

    return tell


def _interaction(line: Line, _: ZoneInfo) -> Cell:
    about = line.entry.interaction_id
    return None if about is None else str(about)


COLUMNS: tuple[tuple[Column, Tell], ...] = (
    (Column("Number", 10), lambda line, _: line.entry.seq),
    (
        Column("Time", 20),
        lambda line, zone: line.entry.at.astimezone(zone).replace(tzinfo=None),
    ),
    (Column("Act", 12), lambda line, _: line.entry.action),
    (Column("Kind of user", 12), lambda line, _: line.entry.actor_type),
    (Column("User", 24), lambda line, _: line.entry.actor),
    (Column("Interaction", 22), _interaction),
    (Column("Session", 38), lambda line, _: line.session_id),
    (Column("Content", 16), lambda line, _: line.entry.content),
    (Column("Reason", 40), lambda line, _: line.entry.reason),
    (Column("Purpose", 14), _detail("purpose")),
    (Column("Rule", 18), _detail("rule")),
    (Column("Found", 10), _detail("found")),
)


def log_sheet(lines: Iterable[Line], *, zone: ZoneInfo) -> Iterator[bytes]:
    """The bytes of an xlsx file of the entries, made as they come."""
    tellers = [tell for _, tell in COLUMNS]
    rows = ([tell(line, zone) for tell in tellers] for line in lines)
    return workbook([column for column, _ in COLUMNS], rows, title=TITLE)
