"""Older archives: tables with a map, deliveries of files, and recorders' file names."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from tests.intake.importing import contents, counts, lay, rows, run
from tests.intake.made import SOUND
from valv.archive.identifiers import reveal
from valv.archive.models import Agent, Interaction, Queue
from valv.core.errors import Malformed
from valv.core.interaction import Direction
from valv.intake.delivery_notes import read_note
from valv.intake.mapping import read_map
from valv.intake.old_names import read_name
from valv.storage import scope
from valv.tenants.models import Tenant

MAP = """
table = "archive.csv"
delimiter = ";"
encoding = "iso-8859-1"
time_format = "%d.%m.%Y %H:%M:%S"
timezone = "Europe/Stockholm"
recordings = "sound"

[columns]
session_id = "Id"
started_at = "Start"
talk_seconds = "Samtalstid"
phone = "Nummer"
queue = "Kö"
agent = "Agent"
direction = "Riktning"
recording = "Fil"
score = "Betyg"

[variables]
customer_type = "Kundtyp"

[values.direction]
"In" = "inbound"
"Ut" = "outbound"

[constants]
media = "phone"
"""
TABLE = """Id;Start;Samtalstid;Nummer;Kö;Agent;Riktning;Fil;Betyg;Kundtyp
A1;16.03.2024 17:09:20;0:01:05;070-123 45 67;Växel;a7;Ut;C:\\rec\\a1.wav;9;Företag
A2;17.03.2024 08:00:00;12;08-123 456 78;Växel;a7;In;;;
;17.03.2024 09:00:00;12;;;;;;;
A4;yesterday;12;;;;;;;
"""
NOTE = b"""<?xml version="1.0"?><recording>
<session><id>S7</id><startTime>2024-03-16 16:09:20</startTime>
<accessNumber>0771234567</accessNumber></session>
<request><remoteAddress>+46701234567</remoteAddress>
<queueKey>q1</queueKey><queueDescription>Support</queueDescription></request>
</recording>"""


def old_archive(folder: Path) -> tuple[Path, Path]:
    """The folder, and the map."""
    made = folder / "old.toml"
    made.write_text(MAP, encoding="utf-8")
    lay(folder / "in", archive__csv=TABLE.encode("iso-8859-1"))
    lay(folder / "in" / "sound", a1__wav=SOUND)
    return folder / "in", made


def phone_of(tenant: Tenant, row: Interaction) -> str:
    with scope.reading(tenant.id):
        return reveal(tenant.id, [row.phone_id or 0])[row.phone_id or 0].shown


def test_a_table_goes_in_by_its_map(acme: Tenant, tmp_path: Path) -> None:
    folder, made = old_archive(tmp_path)

    report = run(acme, folder, made=made)

    assert counts(report) == (2, 0, 0, 0, 2)
    first, _ = rows(acme)
    assert first.started_at == datetime(2024, 3, 16, 16, 9, 20, tzinfo=UTC)
    assert first.talk_seconds == 65
    assert first.direction == Direction.OUTBOUND.number
    assert first.score == 9
    assert phone_of(acme, first) == "+46701234567"
    assert contents(acme) == [(0, 1, "present")]


def test_a_bad_row_is_named_by_its_line(acme: Tenant, tmp_path: Path) -> None:
    folder, made = old_archive(tmp_path)

    failed = run(acme, folder, made=made)["failed"]

    assert [one.source.rpartition(":")[2] for one in failed] == ["4", "5"]
    assert not any("yesterday" in one.reason for one in failed)


def test_a_table_twice_changes_nothing(acme: Tenant, tmp_path: Path) -> None:
    folder, made = old_archive(tmp_path)
    run(acme, folder, made=made)

    assert counts(run(acme, folder, made=made)) == (0, 0, 2, 0, 2)


def test_a_table_in_another_encoding_is_said_to_be_so(
    acme: Tenant, tmp_path: Path
) -> None:
    folder, made = old_archive(tmp_path)
    made.write_text(MAP.replace("iso-8859-1", "utf-8"), encoding="utf-8")

    (failed, *_) = run(acme, folder, made=made)["failed"]

    assert "encoding" in failed.reason


@pytest.mark.parametrize(
    "spoiled",
    [
        MAP.replace("session_id =", "sessionid ="),
        MAP.replace('delimiter = ";"', 'delimiter = ";;"'),
        MAP.replace("iso-8859-1", "klingon"),
        MAP.replace("[columns]", "[columns"),
        MAP + '\n[colours]\nred = "x"\n',
    ],
)
def test_a_slip_in_the_map_is_told(tmp_path: Path, spoiled: str) -> None:
    made = tmp_path / "old.toml"
    made.write_text(spoiled, encoding="utf-8")

    with pytest.raises(Malformed):
        read_map(made)


def test_a_spreadsheet_is_as_good_as_a_csv(acme: Tenant, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["Id", "Start", "Samtalstid"])
    sheet.append([17, datetime(2024, 3, 16, 17, 9, 20), 65])  # noqa: DTZ001
    (tmp_path / "in").mkdir()
    book.save(tmp_path / "in" / "archive.xlsx")
    made = tmp_path / "old.json"
    made.write_text(
        '{"table": "archive.xlsx", "columns": {"session_id": "Id",'
        ' "started_at": "Start", "talk_seconds": "Samtalstid"}}'
    )

    assert counts(run(acme, tmp_path / "in", made=made)) == (1, 0, 0, 0, 0)
    (row,) = rows(acme)
    assert row.session_id == "17"
    assert row.started_at == datetime(2024, 3, 16, 16, 9, 20, tzinfo=UTC)


def test_a_delivery_with_its_note_goes_in(acme: Tenant, tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", S7_1__wav=SOUND, S7_2__wav=SOUND, S7_1__xml=NOTE)

    assert counts(run(acme, folder)) == (1, 0, 0, 0, 0)
    (row,) = rows(acme)
    assert row.started_at == datetime(2024, 3, 16, 15, 9, 20, tzinfo=UTC)
    assert phone_of(acme, row) == "+46701234567"
    assert contents(acme) == [(0, 1, "present"), (0, 2, "present")]
    with scope.reading(acme.id):
        assert Queue.objects.get().name == "Support"


def test_a_delivery_without_a_note_goes_in_too(acme: Tenant, tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", S7_1__wav=SOUND)

    assert counts(run(acme, folder)) == (1, 0, 0, 0, 0)
    assert rows(acme)[0].session_id == "S7"
    assert counts(run(acme, folder)) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE a [<!ENTITY b "bbb">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'.encode("utf-16"),
        b"<a>" * 100_000,
        b"<a><b></a>",
        b"",
    ],
)
def test_a_note_that_is_a_trap_is_refused(bomb: bytes) -> None:
    with pytest.raises(Malformed):
        read_note(bomb)


@pytest.mark.parametrize(
    ("name", "direction", "phone", "agents", "queue"),
    [
        ("20240316-160920-1710600560.12.wav", None, None, (), None),
        (
            "out-0701234567-1001-20240316-160920-1710600560.12.wav",
            Direction.OUTBOUND, "0701234567", ("1001",), None,
        ),
        (
            "in-0812345678-0701234567-20240316-160920-1710600560.12.WAV",
            Direction.INBOUND, "0701234567", (), None,
        ),
        (
            "q-600-+46701234567-20240316-160920-1710600560.12.wav",
            Direction.INBOUND, "+46701234567", (), "600",
        ),
        (
            "exten-1001-0701234567-20240316-160920-pbx-1710600560.12.gsm",
            Direction.INBOUND, "0701234567", ("1001",), None,
        ),
        (
            "internal-1001-1002-20240316-160920-1710600560.12.wav",
            Direction.INTERNAL, None, ("1002", "1001"), None,
        ),
    ],
)  # fmt: skip
def test_a_recorders_file_name_tells_of_its_call(
    name: str,
    direction: Direction | None,
    phone: str | None,
    agents: tuple[str, ...],
    queue: str | None,
) -> None:
    named = read_name(name)

    assert named is not None
    assert named.session_id.endswith("1710600560.12")
    assert named.started_at == datetime(2024, 3, 16, 14, 49, 20, tzinfo=UTC)
    assert (named.direction, named.phone) == (direction, phone)
    assert (named.agents, named.queue) == (agents, queue)


@pytest.mark.parametrize("name", ["holiday.wav", "_1.wav", "a_0.wav", "a_b.wav"])
def test_a_name_that_tells_nothing_is_not_guessed_at(name: str) -> None:
    assert read_name(name) is None


def test_a_callers_number_in_a_file_name_is_sealed(
    acme: Tenant, tmp_path: Path
) -> None:
    name = "in-0812345678-0701234567-20240316-160920-1710600560.12"
    folder = lay(tmp_path / "in", **{f"{name}__wav": SOUND})

    run(acme, folder)

    (row,) = rows(acme)
    assert row.session_id == "1710600560.12"
    assert phone_of(acme, row) == "+46701234567"
    with scope.reading(acme.id):
        assert not Agent.objects.exists()
