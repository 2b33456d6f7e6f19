"""A package for a person: theirs is in it, and nobody else's."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.intake.asking import Source
from tests.laws.laying import EMAIL, NAME, PHONE, SECRET, lay
from tests.portal.visiting import Visitor, text_of
from valv.core.vcon import read_vcon
from valv.jobs.command import OK, REFUSED, main
from valv.tenants.models import Tenant, User

pytestmark = [pytest.mark.django_db(transaction=True)]
OTHER = "+46709999999"


@pytest.fixture
def source(acme: Tenant) -> Source:
    source = Source.of(acme)
    lay(source, "one")
    source.put("one-call", others=[{"email": EMAIL}, {"phone": OTHER}])
    return source


def post(ask: Asker, path: str = "/jobs", **asked: Any) -> Any:
    body = msgspec.json.encode(asked)
    return ask("POST", path, data=body, content_type="application/json")


def opened(body: bytes) -> dict[str, bytes]:
    archive = ZipFile(BytesIO(body))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_a_package_waits_for_whoever_looks_at_the_others(
    acme: Tenant, source: Source
) -> None:
    ask = Asker(acme)

    plan = post(ask, kind="subject", phone=["070-123 45 67"], language="sv").json()

    assert (plan["status"], plan["matched"]) == ("planned", 1)
    assert {one["shown"] for one in plan["also_seen_with"]} == {EMAIL, OTHER}
    assert post(ask, f"/jobs/{plan['id']}/approve").status_code == 409
    told = [one["id"] for one in plan["also_seen_with"] if one["shown"] == EMAIL]
    place = f"/jobs/{plan['id']}/approve"
    done = post(ask, place, reviewed=True, third_parties=told, language="sv").json()
    assert (done["status"], done["about"]) == ("done", [])
    files = opened(ask("GET", f"/jobs/{plan['id']}/files/1").getvalue())
    page = files["index.html"].decode()
    for held in (PHONE, NAME, EMAIL, SECRET, "Support", "Registerutdrag"):
        assert held in page
    assert "<td>kvalitet</td><td>ja</td>" in page
    everything = b"".join(files.values())
    assert OTHER.encode() not in everything
    assert b"Bertil" not in everything
    (folder,) = {name.split("/")[1] for name in files if name.startswith("inter")}
    assert {name.rsplit("/")[-1] for name in files} == {
        "recording-1.mp3", "transcript-1.xml", "interaction.vcon", "index.html",
        "manifest.xlsx",
    }  # fmt: skip
    vcon = files[f"interactions/{folder}/interaction.vcon"]
    arrival = read_vcon(vcon)
    assert arrival.session_id == "one-call"
    assert json.loads(vcon)["parties"][0]["tel"] == PHONE


def test_a_command_shows_the_others_first(
    acme: Tenant, source: Source, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.zip"
    words = ["subject-access", str(file), "--phone", PHONE, "--json"]

    assert main(words, user="root") == REFUSED
    shown = json.loads(capsys.readouterr().out)["third_parties"]
    assert not file.exists()
    assert main([*words, "--reviewed", "--name-staff"], user="root") == OK

    assert {one["shown"] for one in shown} == {EMAIL, OTHER}
    assert b"Bertil" in opened(file.read_bytes())["index.html"]
    assert file.stat().st_mode & 0o077 == 0


def test_it_is_told_in_words_and_in_the_tenants_time(
    acme: Tenant, source: Source, cleo: User
) -> None:
    start, said = "2026-11-20T23:00:00Z", "2026-11-20T23:01:02.345Z"
    source.put(
        "S9", media="chat", started_at=start, identifiers={"email": "ek@example.com"}
    )
    message = {"at": said, "from": "customer", "text": "Hej"}
    log = msgspec.json.encode({"messages": [message]})
    source.ask("PUT", "/interactions/S9/chat-log", log)
    source.put_survey("S9", score=4, at=start)
    Visitor().enters(cleo).get(f"/interactions/{source.id_of('S9')}")
    ask = Asker(acme)

    who = ["ek@example.com"]
    done = post(ask, kind="subject", email=who, reviewed=True, language="sv").json()

    files = opened(ask("GET", f"/jobs/{done['id']}/files/1").getvalue())
    page = files["index.html"].decode()
    assert "<td>00:01:02</td><td>Du</td><td>Hej</td>" in page
    assert "<td>användare</td><td>läste</td><td>Allmän information</td>" in page
    assert "<blockquote></blockquote>" not in page


def test_of_whom_nothing_is_held_no_file_is_written(
    acme: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.zip"

    assert main(["subject-access", str(file), "--phone", OTHER], user="root") == OK

    assert "no file is written" in capsys.readouterr().out
    assert not file.exists()


@pytest.mark.sqlite
def test_a_package_is_looked_at_on_a_page(source: Source, cleo: User, bo: User) -> None:
    officer = Visitor().enters(cleo)
    place = officer.post("/subject-access", phone=PHONE)["Location"]

    page = text_of(officer.get(place))

    for shown in (PHONE, EMAIL, OTHER, "Andra som står där"):
        assert shown in page
    answer = officer.post(place, step="prepare", language="sv")
    assert answer.status_code == 303
    done = text_of(officer.get(place))
    assert f'href="{place}/files/1"' in done
    assert PHONE not in done
    assert PHONE not in text_of(officer.get("/subject-access"))
    files = opened(officer.get(f"{place}/files/1").getvalue())
    assert OTHER not in files["index.html"].decode()
    assert Visitor().enters(bo).get(place).status_code == 403


@pytest.mark.sqlite
def test_who_is_restricted_is_told_all_the_same(
    acme: Tenant, source: Source, cleo: User
) -> None:
    """GDPR 15 goes on while GDPR 18 does: hidden from everybody but whose it is."""
    ask, officer = Asker(acme), Visitor().enters(cleo)
    number = source.id_of("one-call")
    post(ask, "/restrictions", phone=[PHONE], reason="Contested")

    place = officer.post("/subject-access", phone=PHONE)["Location"]
    page = text_of(officer.get(place))
    assert "Begränsad behandling" in page.split("<main", 1)[1]
    assert f'href="/interactions/{number}"' not in page
    officer.post(place, step="prepare", language="sv")

    files = opened(officer.get(f"{place}/files/1").getvalue())
    assert SECRET in files["index.html"].decode()
    assert f"interactions/{number}/recording-1.mp3" in files
    assert ask("GET", f"/interactions/{number}").status_code == 404
