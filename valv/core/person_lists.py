"""Many persons in one CSV file: a row each, under headings that name what is known."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from valv.core.errors import Malformed
from valv.core.identifiers import Kind

COLUMNS = {kind.value: kind for kind in (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)}
MOST_CHARACTERS = 10_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on a line of the file, the headings being line 1."""

    line: int
    typed: tuple[tuple[Kind, str], ...]


def read_persons(text: str) -> Iterator[Listed]:
    """The persons of a file; columns of other headings are not looked at.

    Commas or semicolons part the columns. A row without anything is passed over. Raises
    Malformed for a file that has none of the headings, or cannot be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise Malformed("The file is too long.", field="csv")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
    try:
        kinds = [COLUMNS.get(one.strip().lower()) for one in next(rows, [])]
        if not any(kinds):
            raise Malformed("Its first line names phone, email or handle.", field="csv")
        for row in rows:
            cells = zip(kinds, row, strict=False)
            typed = [(k, cell.strip()) for k, cell in cells if k and cell.strip()]
            if any(cell.strip() for cell in row):
                yield Listed(rows.line_num, tuple(typed))
    except csv.Error:
        raise Malformed("It is not CSV.", field="csv") from None
