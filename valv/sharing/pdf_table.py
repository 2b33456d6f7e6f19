"""A table on A4 pages, as PDF (ISO 32000): a title, notes, and rows under headings.

Text is set in Helvetica, which every reader has, so it is of the letters of Western
Europe; others become a question mark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import chain

import pydyf

MEDIA_TYPE = "application/pdf"
WIDTH, HEIGHT, MARGIN = 842, 595, 42  # A4 on its side, in points
SIZE, LEADING, GAP = 9, 12, 10
PLAIN, BOLD = "F1", "F2"
ENCODING = "cp1252"
# Widths in thousandths of an em, after Adobe's metrics of Helvetica; bold is wider.
WIDTHS = {
    one: wide
    for letters, wide in {
        "ijl": 222, " ,.:;/!ftI": 278, "()-r": 333, "cksvxyzJ": 500, "LTFZ": 611,
        "ABEKPSVXYÅÄ": 667, "CDHNRUw": 722, "GOQÖ": 778, "mM": 833, "W": 944,
    }.items()
    for one in letters
}  # fmt: skip
OTHER, BOLDER = 556, 1.08


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to stand on the pages. ``shares`` part the width between the columns;
    those ``at_right`` are numbers. ``page`` is such as "Page {n} of {of}".
    """

    title: str
    notes: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float]
    at_right: Sequence[int] = ()
    page: str = "{n}/{of}"


@dataclass(slots=True)
class _Pages:
    """Pages as they fill, from the top; ``y`` is where the next line stands."""

    streams: list[pydyf.Stream] = field(default_factory=list)
    y: float = 0

    def begin(self) -> None:
        self.streams.append(pydyf.Stream(compress=True))
        self.y = HEIGHT - MARGIN

    def write(self, text: str, x: float, font: str = PLAIN, size: int = SIZE) -> None:
        _write(self.streams[-1], text, x, self.y, font=font, size=size)

    def rule(self) -> None:
        """A thin line across, under what was written last."""
        stream = self.streams[-1]
        stream.set_line_width(0.4)
        stream.move_to(MARGIN, self.y + LEADING - 3)
        stream.line_to(WIDTH - MARGIN, self.y + LEADING - 3)
        stream.stroke()

    @property
    def is_full(self) -> bool:
        return self.y < MARGIN + 2 * LEADING


def pdf(sheet: Sheet, *, now: datetime) -> bytes:
    """The bytes of the file."""
    pages = _Pages()
    pages.begin()
    pages.y -= 2 * GAP
    pages.write(sheet.title, MARGIN, font=BOLD, size=18)
    pages.y -= 2 * LEADING
    notes = (_wrapped(note, WIDTH - 2 * MARGIN) for note in sheet.notes)
    for line in chain.from_iterable(notes):
        pages.write(line, MARGIN)
        pages.y -= LEADING
    pages.y -= GAP
    _write_row(pages, sheet, sheet.headings, font=BOLD)
    for row in sheet.rows:
        _write_row(pages, sheet, row)
    return _file(pages.streams, sheet, now)


def _write_row(
    pages: _Pages, sheet: Sheet, row: Sequence[str], *, font: str = PLAIN
) -> None:
    """One row, over as many lines as it needs; a full page goes on in the next."""
    places = list(_places(sheet))
    cells = [_wrapped(text, wide) for text, (_, wide) in zip(row, places, strict=True)]
    for n in range(max(map(len, cells))):
        if pages.is_full:
            pages.begin()
            _write_row(pages, sheet, sheet.headings, font=BOLD)
        for i, (lines, (x, wide)) in enumerate(zip(cells, places, strict=True)):
            if n < len(lines):
                left = wide - _width(lines[n], font) if i in sheet.at_right else 0
                pages.write(lines[n], x + left, font=font)
        pages.y -= LEADING
    pages.rule()
    pages.y -= 4


def _places(sheet: Sheet) -> Iterator[tuple[float, float]]:
    """Where each column begins, and how wide it is without the space after it."""
    x, whole = float(MARGIN), (WIDTH - 2 * MARGIN) / sum(sheet.shares)
    for share in sheet.shares:
        yield x, share * whole - GAP
        x += share * whole


def _wrapped(text: str, wide: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, PLAIN) > wide:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _width(text: str, font: str) -> float:
    ems = sum(WIDTHS.get(one, OTHER) for one in text) / 1000
    return ems * SIZE * (BOLDER if font == BOLD else 1)


def _write(
    stream: pydyf.Stream, text: str, x: float, y: float, *, font: str, size: int
) -> None:
    stream.begin_text()
    stream.set_font_size(font, size)
    stream.set_text_matrix(1, 0, 0, 1, round(x, 2), round(y, 2))
    stream.show_text(f"<{text.encode(ENCODING, 'replace').hex()}>")
    stream.end_text()


def _file(streams: list[pydyf.Stream], sheet: Sheet, now: datetime) -> bytes:
    made = pydyf.PDF()
    made.info["Title"] = pydyf.String(sheet.title)
    made.info["CreationDate"] = pydyf.String(f"D:{now:%Y%m%d%H%M%S}Z")
    fonts = pydyf.Dictionary({PLAIN: _font("Helvetica"), BOLD: _font("Helvetica-Bold")})
    for n, stream in enumerate(streams, 1):
        foot = sheet.page.format(n=n, of=len(streams))
        _write(stream, foot, MARGIN, MARGIN - LEADING, font=PLAIN, size=SIZE)
        made.add_object(stream)
        made.add_page(
            pydyf.Dictionary(
                {
                    "Type": "/Page",
                    "Parent": made.pages.reference,
                    "MediaBox": pydyf.Array([0, 0, WIDTH, HEIGHT]),
                    "Contents": stream.reference,
                    "Resources": pydyf.Dictionary({"Font": fonts}),
                }
            )
        )
    out = BytesIO()
    made.write(out)
    return out.getvalue()


def _font(name: str) -> pydyf.Dictionary:
    return pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type1",
            "BaseFont": f"/{name}",
            "Encoding": "/WinAnsiEncoding",
        }
    )
