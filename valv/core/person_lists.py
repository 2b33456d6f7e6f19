"""Many persons in one CSV file: a row each, under headings that name what is known."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from valv.core.errors import Malformed
from valv.core.identifiers import Kind

COLUMNS = {
    "phone": Kind.PHONE,
    "telefon": Kind.PHONE,
    "email": Kind.EMAIL,
    "epost": Kind.EMAIL,
    "handle": Kind.HANDLE,
    "användarnamn": Kind.HANDLE,
}
MOST_CHARACTERS = 10_000_000
_KEPT_AS_TEXT = re.compile(r'="(.*)"')


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on a line of the file, the headings being line 1."""

    line: int
    typed: tuple[tuple[Kind, str], ...]


def read_persons(text: str) -> Iterator[Listed]:
    """The persons of a file; columns of other headings are not looked at.

    Commas, semicolons or tabs part the columns, and ``="…"``, by which a spreadsheet
    keeps a number's zeros, is read as what it holds. A row without anything is passed
    over. Raises Malformed for a file that has none of the headings, or cannot be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise Malformed("The file is too long.", field="csv")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
    try:
        kinds = [COLUMNS.get(_heading(one)) for one in next(rows, [])]
        if not any(kinds):
            raise Malformed("Its first line names phone, email or handle.", field="csv")
        for row in rows:
            cells = zip(kinds, row, strict=False)
            typed = [(k, said) for k, cell in cells if k and (said := _said(cell))]
            if any(cell.strip() for cell in row):
                yield Listed(rows.line_num, tuple(typed))
    except csv.Error:
        raise Malformed("It is not CSV.", field="csv") from None


def _said(cell: str) -> str:
    kept = _KEPT_AS_TEXT.fullmatch(cell.strip())
    return (kept[1] if kept else cell).strip()


def _heading(cell: str) -> str:
    return cell.strip().lower().replace("-", "")
