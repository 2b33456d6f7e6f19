"""Spreadsheets, read back by two programs that are not ours."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from tracemalloc import get_traced_memory, start, stop
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from valv.sharing.workbook import Cell, Column, workbook
from valv.sharing.xml_text import fit

COLUMNS = [Column("A"), Column("B")]


def written(rows: list[list[Cell]], *, most_rows: int = 100) -> bytes:
    return b"".join(workbook(COLUMNS, rows, title="T", most_rows=most_rows))


def read_back(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize(
    "cell",
    [
        "+46701234567",
        "0701",
        "=1+1",
        "a<b>&\"c'",
        " spaced ",
        "two\nlines",
        "_x0041_",
        "😀 å",
        12.5,
        3,
        -0.25,
        datetime(2026, 11, 23, 13, 5, 1),  # noqa: DTZ001 - a cell has no zone
        datetime(2024, 2, 29, 0, 0, 1),  # noqa: DTZ001
    ],
)
def test_a_cell_comes_back_as_it_was(cell: Cell) -> None:
    _, row = read_back(written([[cell, "end"]]))["T"]

    assert row == [cell, "end"]


def test_a_number_typed_as_text_is_text() -> None:
    _, row = read_back(written([["0701", "1e5"]]))["T"]

    assert row == ["0701", "1e5"]


def test_nothing_is_an_empty_cell_in_its_place() -> None:
    _, row = read_back(written([[None, "b"]]))["T"]

    assert row == ["", "b"]


@given(st.text(max_size=40).map(lambda text: text.replace("\r", "")))
def test_any_text_comes_back_but_for_what_xml_cannot_hold(text: str) -> None:
    _, row = read_back(written([[text, "end"]]))["T"]

    assert row[0] == fit(text)


def test_a_full_sheet_goes_on_in_the_next() -> None:
    sheets = read_back(written([[n, None] for n in range(5)], most_rows=3))

    assert list(sheets) == ["T", "T 2", "T 3"]
    assert [len(rows) for rows in sheets.values()] == [3, 3, 2]
    assert all(rows[0] == ["A", "B"] for rows in sheets.values())


def test_no_rows_are_a_sheet_of_headings() -> None:
    assert read_back(written([])) == {"T": [["A", "B"]]}


def test_a_text_too_long_for_a_cell_is_cut_and_shows_it() -> None:
    _, row = read_back(written([["x" * 40_000, None]]))["T"]

    assert len(row[0]) == 32_767
    assert row[0].endswith("…")


def test_memory_does_not_grow_with_rows() -> None:
    def rows() -> Iterator[list[Cell]]:
        for number in range(30_000):
            yield [f"row {number}", number]

    start()
    for _ in workbook(COLUMNS, rows(), title="T"):
        pass
    _, peak = get_traced_memory()
    stop()
    assert peak < 2_000_000
