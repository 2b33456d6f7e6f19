"""``valv export`` and ``valv audit``."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.audit.logs import held, restore
from tests.cast import NOW
from tests.held import lay_interaction
from valv.audit.models import Entry
from valv.jobs.command import FAILED, OK, REFUSED, USAGE, main
from valv.storage import scope
from valv.tenants.models import Tenant


@pytest.fixture(autouse=True)
def _keep_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command begins by closing connections, and with them the test's rows."""
    monkeypatch.setattr("valv.jobs.command.begin", lambda: None, raising=False)


@pytest.fixture
def three(acme: Tenant) -> list[int]:
    return [
        lay_interaction(acme, session=f"S{n}", started_at=NOW - timedelta(hours=n))
        for n in (1, 2, 3)
    ]


def entries(tenant: Tenant, action: str) -> list[Entry]:
    with scope.reading(tenant.id):
        return list(Entry.objects.filter(action=action))


def test_an_export_as_ndjson_holds_every_hit(three: list[int], tmp_path: Path) -> None:
    file = tmp_path / "all.ndjson"

    assert main(["export", str(file)], user="root") == OK

    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["session_id"] for line in lines] == ["S1", "S2", "S3"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_export_as_xlsx_keeps_to_its_filters(
    three: list[int], tmp_path: Path
) -> None:
    file = tmp_path / "some.xlsx"

    assert main(["export", str(file), "--session", "S2"], user="root") == OK

    sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet] == ["Session", "S2"]


def test_an_export_is_entered_as_the_operators(
    acme: Tenant, three: list[int], tmp_path: Path
) -> None:
    main(["export", str(tmp_path / "x.xlsx"), "--media", "phone"], user="eve")

    (entry,) = entries(acme, "export")
    assert (entry.actor, entry.actor_type) == ("eve", "operator")
    assert entry.details == {"form": "xlsx", "by": ["media"]}


def test_an_export_overwrites_nothing(acme: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_text("mine", encoding="utf-8")

    assert main(["export", str(file)], user="root") == REFUSED
    assert file.read_text(encoding="utf-8") == "mine"


def test_an_export_of_no_known_form_is_wrong_usage(
    acme: Tenant, tmp_path: Path
) -> None:
    assert main(["export", str(tmp_path / "x.csv")], user="root") == USAGE
    assert entries(acme, "export") == []


def test_an_export_that_fails_leaves_no_file(
    three: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("valv.jobs.commands.export.os.fsync", fail)

    assert main(["export", str(tmp_path / "x.xlsx")], user="root") == FAILED
    assert list(tmp_path.iterdir()) == []


def test_the_log_is_listed_and_that_is_entered(
    acme: Tenant, three: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["show", str(three[0])], user="eve")
    capsys.readouterr()

    assert main(["audit", "list", "--action", "see", "--json"], user="root") == OK

    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert (item["actor"], item["interaction_id"]) == ("eve", str(three[0]))
    assert len(entries(acme, "log")) == 1


def test_a_whole_log_verifies(
    three: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["show", str(three[0])], user="eve")
    capsys.readouterr()

    assert main(["audit", "verify", "--json"], user="root") == OK

    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["ok"], verdict["pending"]) == (True, 0)
    assert verdict["first_bad"] is None


def test_a_lost_entry_fails(
    acme: Tenant, three: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["show", str(three[0])], user="eve")
    main(["show", str(three[1])], user="eve")
    main(["audit", "list"], user="root")
    with scope.writing(acme.id):
        Entry.objects.get(interaction_id=three[0]).delete()
    capsys.readouterr()

    assert main(["audit", "verify"], user="root") == FAILED
    assert "no purge accounts for" in capsys.readouterr().out


def test_an_old_copy_is_found_against_a_checkpoint_kept_elsewhere(
    acme: Tenant, three: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["show", str(three[0])], user="eve")
    main(["audit", "verify", "--json"], user="root")
    old, copy = capsys.readouterr().out.splitlines()[-1], held(acme)
    main(["show", str(three[1])], user="eve")
    capsys.readouterr()
    main(["audit", "checkpoint"], user="root")
    kept = tmp_path / "kept.txt"
    kept.write_text(capsys.readouterr().out, encoding="utf-8")

    restore(acme, copy)

    assert main(["audit", "verify"], user="root") == OK
    capsys.readouterr()
    verify = ["audit", "verify", "--checkpoint", str(kept), "--json"]
    assert main(verify, user="root") == FAILED
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["first_bad"]["seq"] == json.loads(old)["size"] + 1
