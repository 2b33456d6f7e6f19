"""Folders, zips and files brought in by an operator."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cast import NOW, OPERATOR
from tests.intake.importing import (
    content_keys,
    contents,
    counts,
    lay,
    rows,
    run,
    zipped,
)
from tests.intake.made import SOUND, beside, chat_vcon, inline, vcon, written
from valv.audit.models import Entry
from valv.core.retention import FOREVER, StorageTimes
from valv.lifecycle import nightly
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times


def call_and_chat(folder: Path) -> Path:
    return lay(
        folder / "in",
        a__vcon__json=written(vcon(recording=beside())),
        call__wav=SOUND,
        b__vcon=written(chat_vcon()),
    )


def test_a_folder_of_vcons_goes_in_whole(acme: Tenant, tmp_path: Path) -> None:
    report = run(acme, call_and_chat(tmp_path))

    assert counts(report) == (2, 0, 0, 0, 0)
    assert contents(acme) == [(0, 1, "present"), (2, 1, "present"), (1, 1, "present")]


def test_a_second_time_changes_nothing(acme: Tenant, tmp_path: Path) -> None:
    folder = call_and_chat(tmp_path)
    run(acme, folder)

    assert counts(run(acme, folder)) == (0, 0, 2, 0, 0)
    assert content_keys() == 3


def test_a_zip_is_as_good_as_its_folder(acme: Tenant, tmp_path: Path) -> None:
    packed = zipped(call_and_chat(tmp_path), tmp_path / "in.zip")

    assert counts(run(acme, packed)) == (2, 0, 0, 0, 0)
    assert counts(run(acme, tmp_path / "in")) == (0, 0, 2, 0, 0)


def test_a_single_vcon_finds_its_recording_beside_it(
    acme: Tenant, tmp_path: Path
) -> None:
    folder = call_and_chat(tmp_path)

    assert counts(run(acme, folder / "a.vcon.json")) == (1, 0, 0, 0, 0)
    assert contents(acme)[0] == (0, 1, "present")


def test_a_flipped_byte_is_refused_by_name(acme: Tenant, tmp_path: Path) -> None:
    folder = call_and_chat(tmp_path)
    (folder / "call.wav").write_bytes(SOUND[:-1] + b"\x01")

    report = run(acme, folder)

    assert counts(report) == (1, 0, 0, 1, 0)
    assert report["refused"][0].source.endswith("a.vcon.json")
    assert report["refused"][0].rule == "content_hash"
    assert contents(acme) == [(1, 1, "present")]


def test_a_dry_run_changes_nothing(acme: Tenant, tmp_path: Path) -> None:
    report = run(acme, call_and_chat(tmp_path), dry_run=True)

    assert counts(report) == (2, 0, 0, 0, 0)
    assert rows(acme) == []
    assert content_keys() == 0


def test_a_dry_run_tells_what_the_next_night_would_take(
    acme: Tenant, tmp_path: Path
) -> None:
    old = vcon(recording=inline(), created_at="2020-01-01T00:00:00Z")
    old["dialog"][0]["start"] = "2020-01-01T00:00:00Z"
    folder = lay(tmp_path / "in", a__json=written(old), b__json=written(chat_vcon()))

    night = run(acme, folder, dry_run=True)["next_night"]

    assert (night["general"], night["recordings"], night["chat_logs"]) == (1, 1, 0)


def test_a_dry_run_tells_of_nothing_that_went_and_of_what_goes_along(
    acme: Tenant, tmp_path: Path
) -> None:
    """A transcript goes with its recording, however long it might be kept."""
    set_storage_times(acme, StorageTimes(general=FOREVER), actor=OPERATOR, now=NOW)
    old = vcon(recording=inline(), created_at="2020-01-01T00:00:00Z")
    old["dialog"][0]["start"] = "2020-01-01T00:00:00Z"
    folder = lay(tmp_path / "in", a__json=written(old))
    names = ("general", "recordings", "transcripts")

    before = run(acme, folder, dry_run=True)["next_night"]
    run(acme, folder)
    night = nightly.run(acme, NOW.date(), now=NOW, actor=OPERATOR)
    after = run(acme, folder, dry_run=True)["next_night"]

    assert [before[name] for name in names] == [0, 1, 1]
    assert [night.counts[name] for name in names] == [0, 1, 1]
    assert set(after.values()) == {0}


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({}, False),
        ({"subject": "Late parcel"}, True),
        ({"parties": [{"tel": "+46701234568", "role": "customer"}]}, True),
        ({"parties": [{"tel": "+46701234567", "role": "customer"}]}, True),
    ],
    ids=["the same", "another subject", "another number", "no name and no agent"],
)
def test_a_dry_run_tells_what_the_import_itself_would(
    acme: Tenant, tmp_path: Path, changes: dict[str, Any], *, changed: bool
) -> None:
    run(acme, lay(tmp_path / "first", a__json=written(vcon())))
    again = lay(tmp_path / "again", a__json=written(vcon(**changes)))

    foreseen = counts(run(acme, again, dry_run=True))
    twice = counts(run(acme, again, dry_run=True))
    came = counts(run(acme, again))

    assert (
        foreseen == twice == came == ((0, 1, 0, 0, 0) if changed else (0, 0, 1, 0, 0))
    )


def told(number: int, type_: str, *, session: str, **data: str) -> bytes:
    event = {"event_id": str(number), "session_id": session, "type": type_}
    return written({**event, "at": "2026-11-23T09:00:00Z", "data": data})


BAD = {
    "not json": (b"half a {", "a.json"),
    "utf-16": ("{}".encode("utf-16"), "a.json"),
    "latin-1": (b'{"subject": "\xe5"}', "a.json"),
    "a list": (b"[]", "a.vcon"),
    "nested": (b'{"a":' * 200_000, "a.json"),
    "one long line": (b"x" * 10_000_000, "a.json"),
    "broken sound": (b"RIFF\x00", "S1_1.wav"),
    "no sound": (b"", "S1_1.wav"),
    "nobody's sound": (SOUND, "holiday.wav"),
    "a letter": (b"Dear Sirs", "letter.txt"),
    "a note alone": (b"<session/>", "S1_1.xml"),
    "no event": (b"not an event\n", "a.ndjson"),
    "a long event": (b"y" * 10_000_000, "a.ndjson"),
    "nul": (written(vcon(uuid="a\0b")), "a.json"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_is_named_and_the_rest_goes_in(
    acme: Tenant, tmp_path: Path, bad: str
) -> None:
    folder = lay(tmp_path / "in", z__json=written(chat_vcon()))
    body, name = BAD[bad]
    (folder / name).write_bytes(body)

    report = run(acme, folder)

    assert counts(report) == (1, 0, 0, 0, 1)
    (failed,) = report["failed"]
    assert name in failed.source
    assert "\n" not in failed.reason
    assert len(failed.reason) < 200
    assert len(rows(acme)) == content_keys() == 1


@pytest.mark.parametrize("ends", [b"\n", b""])
def test_an_event_that_is_too_long_is_named_by_its_line_and_limit(
    acme: Tenant, tmp_path: Path, ends: bytes
) -> None:
    start = told(1, "session.started", session="S1", media="phone")
    folder = lay(tmp_path / "in", a__ndjson=b"y" * 1_100_000 + b"\n" + start + ends)
    with (folder / "b.ndjson").open("wb") as file:
        file.write(start + b"\n\n" + b'{"x":"' + b"y" * 9_000_000 + ends)

    report = run(acme, folder)

    failed = [(Path(one.source).name, one.reason) for one in report["failed"]]
    reason = "A line of events has at most 1 MiB."
    assert failed == [("a.ndjson:1", reason), ("b.ndjson:3", reason)]
    assert (report["imported"], len(rows(acme))) == (1, 1)


def test_a_broken_vcon_and_its_recording_are_one_trouble(
    acme: Tenant, tmp_path: Path
) -> None:
    folder = lay(tmp_path / "in", a__vcon__json=b"{", a__mp3=SOUND)

    assert counts(run(acme, folder)) == (0, 0, 0, 0, 1)


def test_a_recording_that_is_not_there_is_told_of(acme: Tenant, tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", a__json=written(vcon(recording=beside())))

    assert counts(run(acme, folder)) == (1, 0, 0, 0, 1)
    (folder / "call.wav").write_bytes(SOUND)
    assert counts(run(acme, folder)) == (0, 1, 0, 0, 0)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a/../b"])
def test_a_vcon_leads_nowhere_else(acme: Tenant, tmp_path: Path, name: str) -> None:
    made = vcon(recording={"filename": name}, transcript=False)
    folder = lay(tmp_path / "in", a__json=written(made))

    assert counts(run(acme, folder)) == (0, 0, 0, 0, 1)


def test_a_link_out_of_the_folder_is_not_followed(acme: Tenant, tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(SOUND)
    made = vcon(recording={"filename": "call.wav"}, transcript=False)
    folder = lay(tmp_path / "in", a__json=written(made))
    (folder / "call.wav").symlink_to(tmp_path / "secret.wav")

    run(acme, folder)

    assert contents(acme) == []


def test_a_zip_that_leads_out_is_not_opened(acme: Tenant, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as out:
        out.writestr("../a.json", written(chat_vcon()))

    assert counts(run(acme, tmp_path / "in.zip")) == (0, 0, 0, 0, 1)


def test_a_zip_bomb_is_not_unpacked(acme: Tenant, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.json", b"0" * (50 << 20))

    report = run(acme, tmp_path / "in.zip")

    assert counts(report) == (0, 0, 0, 0, 1)
    assert "far more" in report["failed"][0].reason


def test_a_damaged_zip_is_named(acme: Tenant, tmp_path: Path) -> None:
    packed = zipped(call_and_chat(tmp_path), tmp_path / "in.zip")
    body = bytearray(packed.read_bytes())
    body[40:80] = b"\xff" * 40
    packed.write_bytes(body)

    failed = run(acme, packed)["failed"]

    assert failed
    assert all("in.zip" in one.source for one in failed)


def test_an_unknown_critical_extension_is_refused(acme: Tenant, tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", a__json=written(vcon(critical=["unheard_of"])))

    report = run(acme, folder)

    assert report["refused"][0].rule == "vcon_critical"
    assert rows(acme) == []


def test_events_count_their_interactions(acme: Tenant, tmp_path: Path) -> None:
    lines = [
        told(1, "session.started", session="S1", media="phone"),
        told(2, "session.ended", session="S1"),
        told(3, "session.started", session="S2", media="phone"),
        told(4, "unheard.of", session="S3"),
    ]
    folder = lay(tmp_path / "in", a__ndjson=b"\n".join(lines))

    report = run(acme, folder)

    assert counts(report) == (2, 0, 0, 0, 1)
    assert report["failed"][0].source.endswith("a.ndjson:4")
    assert counts(run(acme, folder)) == (0, 0, 2, 0, 1)


def test_the_run_is_in_the_log_with_its_operator(acme: Tenant, tmp_path: Path) -> None:
    run(acme, call_and_chat(tmp_path))

    with scope.reading(acme.id):
        entry = Entry.objects.get(action="operate")
    assert entry.actor_type == "operator"
    assert entry.details["imported"] == 2
