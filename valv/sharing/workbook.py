"""A workbook of Office Open XML (ECMA-376), written as it is sent.

Rows come from an iterator and leave as compressed bytes at once: memory stays flat and
nothing is laid on a disk. Text is always text, never a formula or a number. A sheet
that is full goes on in the next one, under the same headings.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, cast
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from valv.sharing.xml_text import fit

MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK_ROWS = 200
QUICK = 1

Cell = str | int | float | datetime | None

_DATE_STYLE, _HEAD_STYLE = 1, 2
# Day 0 of the 1900 date system as all programs count it since its leap-year fault.
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
_DAY = timedelta(days=1)
_PLAIN = re.compile(r"[^&<>_\x00-\x1f\ud800-\udfff\ufffe\uffff]+")
_ESCAPED = re.compile("_(x[0-9A-Fa-f]{4}_)")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and how wide the column is in characters."""

    heading: str
    width: int = 14


def workbook(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str,
    most_rows: int = MOST_ROWS,
) -> Iterator[bytes]:
    """The bytes of an xlsx file. Datetimes are shown as they are, without zone."""
    out = _Outlet()
    waiting = _Waiting(rows)
    with ZipFile(
        cast(IO[bytes], out), "w", ZIP_DEFLATED, compresslevel=QUICK
    ) as archive:
        count = 0
        while count == 0 or waiting.has_more():
            count += 1
            yield from _sheet(archive, out, count, columns, waiting, most_rows - 1)
        for name, text in _frame(title, count).items():
            archive.writestr(_member(name), _HEAD + text)
    yield out.taken()


class _Outlet:
    """Where the zip is written to: what has been written is taken away again."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


class _Waiting:
    """Rows that are taken one sheet at a time, as XML."""

    def __init__(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._rows = map(_row, rows)
        self._next = next(self._rows, None)

    def has_more(self) -> bool:
        return self._next is not None

    def take(self, most: int) -> Iterator[str]:
        while most and self._next is not None:
            yield self._next
            self._next = next(self._rows, None)
            most -= 1


def _member(name: str) -> ZipInfo:
    # A fixed date: when it was made is told by the audit log alone.
    member = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.compress_type = ZIP_DEFLATED
    return member


def _sheet(
    archive: ZipFile,
    out: _Outlet,
    number: int,
    columns: Sequence[Column],
    waiting: _Waiting,
    most: int,
) -> Iterator[bytes]:
    member = _member(f"xl/worksheets/sheet{number}.xml")
    with archive.open(member, "w", force_zip64=True) as sheet:
        sheet.write(_opening(columns).encode())
        rows = waiting.take(most)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            sheet.write("".join(chunk).encode())
            yield out.taken()
        sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


def _opening(columns: Sequence[Column]) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width}" customWidth="1"/>'
        for n, column in enumerate(columns, start=1)
    )
    headings = "".join(
        f'<c s="{_HEAD_STYLE}" t="inlineStr">{_text(column.heading)}</c>'
        for column in columns
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
        f"<row>{headings}</row>"
    )


def _row(cells: Sequence[Cell]) -> str:
    # Rows and cells may go without their place; then each follows the one before.
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, str):
        return f'<c t="inlineStr">{_text(cell)}</c>'
    if isinstance(cell, datetime):
        passed = cell.replace(tzinfo=None) - _DAY_ZERO
        return f'<c s="{_DATE_STYLE}"><v>{passed / _DAY:.9f}</v></c>'
    return f"<c><v>{cell}</v></c>"


def _text(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 1] + "…"
    if _PLAIN.fullmatch(text) and not (text[0] == " " or text[-1] == " "):
        return f"<is><t>{text}</t></is>"
    # Programs read _x0041_ as a letter, so an underscore before such is itself coded.
    coded = _ESCAPED.sub(r"_x005F_\1", fit(text))
    return f'<is><t xml:space="preserve">{escape(coded)}</t></is>'


def _frame(title: str, count: int) -> dict[str, str]:
    """The parts around the sheets; they can come last in the file."""
    numbers = range(1, count + 1)
    name = escape(fit(title), {'"': "&quot;"})[:25]
    sheets = "".join(
        f'<sheet name="{name}{"" if n == 1 else f" {n}"}" sheetId="{n}" r:id="r{n}"/>'
        for n in numbers
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_LINKS}/worksheet"'
        f' Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml"'
        f' ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            f'{links}<Relationship Id="s" Type="{_LINKS}/styles" Target="styles.xml"/>'
        ),
        "xl/styles.xml": _STYLES,
        "_rels/.rels": _relations(
            f'<Relationship Id="r1" Type="{_LINKS}/officeDocument"'
            ' Target="xl/workbook.xml"/>'
        ),
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f"{parts}</Types>",
    }


def _relations(listed: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '</borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0"'
    ' borderId="0"/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0"'
    ' applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)
