"""Many files in one zip, with a manifest of them."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import pytest
from pytest_django import Settings

from valv.core.errors import Busy
from valv.sharing.archive_zip import MANIFEST, Member, archive_zip
from valv.sharing.workbook import Column
from valv.storage.blobs.contract import BlobMissing

COLUMNS = [Column("Id")]


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: object) -> None:
    settings.VALV_DATA = tmp_path


def zipped(*members: Member) -> ZipFile:
    return ZipFile(BytesIO(b"".join(archive_zip(members, COLUMNS, title="Files"))))


def told(archive: ZipFile) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(BytesIO(archive.read(MANIFEST))).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=2, values_only=True))


def test_every_file_is_there_and_told_with_its_sum() -> None:
    made = zipped(Member("a.mp3", [b"au", b"dio"], ("1",)), Member("b.xml", [b""]))

    assert made.testzip() is None
    assert made.namelist() == ["a.mp3", "b.xml", MANIFEST]
    assert made.read("a.mp3") == b"audio"
    digest = hashlib.sha256(b"audio").hexdigest()
    assert told(made)[0] == ("a.mp3", 5, digest, "1", None)


def test_what_is_not_there_is_told_too() -> None:
    made = zipped(Member("", None, ("7",), "There is none."))

    assert made.namelist() == [MANIFEST]
    assert told(made) == [(None, None, None, "7", "There is none.")]


def test_names_that_clash_are_told_apart() -> None:
    made = zipped(*(Member(name, [b"x"]) for name in ("a.mp3", "a.mp3", MANIFEST)))

    assert made.namelist() == ["a.mp3", "a (2).mp3", "manifest (2).xlsx", MANIFEST]


def broken(error: Exception) -> Iterator[bytes]:
    yield b"half"
    raise error


def test_bytes_that_are_lost_are_told() -> None:
    made = zipped(
        Member("a", broken(BlobMissing("k")), ("1",)), Member("b", [b"x"], ("2",))
    )

    assert [row[4] is not None for row in told(made)] == [True, False]


def test_a_store_that_fails_makes_no_file() -> None:
    with pytest.raises(Busy):
        zipped(Member("a.mp3", broken(Busy("try again"))))
