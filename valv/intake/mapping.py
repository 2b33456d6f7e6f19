"""The map of an older archive: its table, what each column is, how it is written.

A small TOML or JSON file that an operator writes; ``docs/import.md`` explains it.
Refuses words it does not know, so that a slip of the pen does not lose a column.
"""

import csv
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from python_calamine import CalamineError, CalamineWorkbook

from valv.core.errors import Malformed
from valv.core.interaction import decoded

Cell = object

FIELDS = (
    "session_id", "started_at", "ended_at", "media", "direction", "queue", "agent",
    "agent_name", "wait_seconds", "talk_seconds", "outcome", "phone", "email", "name",
    "handle", "subject", "url", "recording", "score", "comment", "category", "topic",
    "deny_recording", "restricted",
)  # fmt: skip
NEEDED = ("session_id", "started_at")


class Map(Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says. ``columns`` gives, by our field, the heading of its column.

    ``variables`` gives, by the variable's name, a heading; ``values`` translates the
    words of a field; ``constants`` fills fields that no column has. ``time_format`` is
    as for strptime, or empty for ISO 8601; times without offset are of ``timezone``.
    """

    table: str
    columns: dict[str, str]
    variables: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    delimiter: str = ","
    encoding: str = "utf-8"
    time_format: str = ""
    timezone: str = ""
    recordings: str = ""
    recording_separator: str = "|"


def read_map(path: Path) -> Map:
    """Raises Malformed, naming what is wrong in the map."""
    try:
        body = path.read_bytes()
    except OSError:
        raise Malformed("The map file cannot be read.", field="map") from None
    try:
        told: Any = (
            msgspec.json.decode(body)
            if path.suffix.lower() == ".json"
            else tomllib.loads(body.decode("utf-8-sig"))
        )
    except (ValueError, RecursionError):
        raise Malformed("The map file is not TOML, or not JSON.", field="map") from None
    return _checked(decoded(told, Map))


def _checked(made: Map) -> Map:
    for part, names in (
        ("columns", made.columns),
        ("constants", made.constants),
        ("values", made.values),
    ):
        unknown = sorted(set(names) - set(FIELDS))
        if unknown:
            raise Malformed(f"The map's {part} name no field “{unknown[0]}”.")
    for needed in NEEDED:
        if needed not in made.columns and needed not in made.constants:
            raise Malformed(f"The map has no column for {needed}.")
    if len(made.delimiter) != 1:
        raise Malformed("The delimiter is one character.", field="delimiter")
    try:
        "".encode(made.encoding)
    except LookupError:
        raise Malformed("There is no such encoding.", field="encoding") from None
    return made


def rows_of(made: Map, body: bytes) -> Iterator[tuple[int, dict[str, Cell]]]:
    """The table's rows by heading, each with its line number. Raises Malformed."""
    is_packed = body[:4] == b"PK\x03\x04"
    table = _sheet(body) if is_packed else _csv(made, body)
    headings: list[str] | None = None
    for number, cells in table:
        if headings is None:
            headings = [str(cell).strip() for cell in cells]
            _check_headings(made, headings)
        elif any(str(cell).strip() for cell in cells):
            yield number, dict(zip(headings, cells, strict=False))


def _check_headings(made: Map, headings: list[str]) -> None:
    for field, heading in {**made.columns, **made.variables}.items():
        if heading not in headings:
            raise Malformed(f"The table has no column as the map says for “{field}”.")


def _csv(made: Map, body: bytes) -> Iterator[tuple[int, list[Cell]]]:
    encoding = "utf-8-sig" if made.encoding.lower() == "utf-8" else made.encoding
    lines = TextIOWrapper(BytesIO(body), encoding=encoding, newline="")
    reader = csv.reader(lines, delimiter=made.delimiter)
    try:
        for cells in reader:
            yield reader.line_num, list(cells)
    except UnicodeError:
        raise Malformed(
            f"The table is not {made.encoding}; say its encoding in the map."
        ) from None
    except csv.Error:
        raise Malformed(f"Line {reader.line_num} of the table is broken.") from None


def _sheet(body: bytes) -> Iterator[tuple[int, list[Cell]]]:
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(body))
        for number, cells in enumerate(workbook.get_sheet_by_index(0).iter_rows(), 1):
            yield number, list(cells)
    except (CalamineError, IndexError, ValueError):
        raise Malformed("The spreadsheet cannot be read.") from None


def moment_from(made: Map, cell: Cell, *, zone: ZoneInfo, field: str) -> datetime:
    """A cell as a time; without an offset it is of the zone. Raises Malformed."""
    if isinstance(cell, datetime):
        at = cell
    elif isinstance(cell, date):
        at = datetime.combine(cell, time())
    else:
        at = _parsed(made.time_format, str(cell).strip(), field=field)
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _parsed(form: str, text: str, *, field: str) -> datetime:
    try:
        if form:
            return datetime.strptime(text, form)  # noqa: DTZ007 -- the zone is added
        return datetime.fromisoformat(text)
    except ValueError:
        raise Malformed("It is not a time as the map says.", field=field) from None


def seconds_from(cell: Cell, *, field: str) -> float:
    """A length in seconds, from a number or from 1:02:03. Raises Malformed."""
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, time):
        return float(cell.hour * 3600 + cell.minute * 60 + cell.second)
    total = 0.0
    try:
        for part in str(cell).strip().replace(",", ".").split(":"):
            total = total * 60 + float(part)
    except ValueError:
        raise Malformed("It is not a length of time.", field=field) from None
    return total
