"""`valv search` and `valv show`, as an operator types them."""

import json
from typing import TYPE_CHECKING

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW, make_token
from valv.audit import searches
from valv.core.errors import Busy

if TYPE_CHECKING:
    from django.test import Client

    from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db
CALL = Made(started_at=NOW, session_id="s1", identifiers={"phone": "0701234567"})


@pytest.fixture(autouse=True)
def _keep_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command begins by closing connections, and with them the test's rows."""
    monkeypatch.setattr("valv.jobs.command.begin", lambda: None, raising=False)


def valv(*words: str) -> int:
    from valv.jobs.command import main

    return main(words, user="root")


def test_search_answers_as_the_api_does(
    acme: "Tenant", capsys: pytest.CaptureFixture[str]
) -> None:
    number = make(acme, CALL, now=NOW)

    code = valv("search", "--phone", "*4567", "--has-recording", "false", "--json")
    answer = json.loads(capsys.readouterr().out)

    assert code == 0
    assert [item["id"] for item in answer["items"]] == [str(number)]
    assert answer["next"] is None
    assert answer["count"] == {"value": 1, "capped": False}


def test_search_prints_the_very_bytes_of_the_api(
    acme: "Tenant", capsys: pytest.CaptureFixture[str], client: "Client"
) -> None:
    make(acme, CALL, now=NOW)
    token = {"Authorization": f"Bearer {make_token(acme)}"}

    valv("search", "--media", "phone", "--limit", "5", "--json")
    answer = client.get("/api/v1/interactions?media=phone&limit=5", headers=token)

    assert capsys.readouterr().out == answer.content.decode() + "\n"


def test_a_search_that_cannot_be_entered_shows_nothing(
    acme: "Tenant",
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise Busy("The archive is busy.")

    monkeypatch.setattr(searches, "_write", fail)
    code = valv("search", "--json")
    out, err = capsys.readouterr()

    assert (code, out) == (1, "")
    assert err == "valv: The audit log cannot be written, so nothing is shown.\n"
    assert searches.flush() == 0


def test_search_shows_a_table_to_people(
    acme: "Tenant", capsys: pytest.CaptureFixture[str]
) -> None:
    make(acme, CALL, now=NOW)

    assert valv("search", "--from", "2026-11-01") == 0
    assert "1 of 1" in capsys.readouterr().out


def test_a_value_without_meaning_is_wrong_usage(
    acme: "Tenant", capsys: pytest.CaptureFixture[str]
) -> None:
    assert valv("search", "--from", "yesterday") == 2
    assert "yesterday" not in capsys.readouterr().err


@pytest.mark.parametrize("which", ["id", "session"])
def test_show_finds_by_id_and_by_session_and_is_entered_in_the_log(
    acme: "Tenant", capsys: pytest.CaptureFixture[str], which: str
) -> None:
    from valv.audit.models import Entry
    from valv.storage import scope

    number = make(acme, CALL, now=NOW)

    code = valv("show", str(number) if which == "id" else "s1", "--json")

    assert code == 0
    assert json.loads(capsys.readouterr().out)["session_id"] == "s1"
    with scope.reading(acme.id):
        entry = Entry.objects.get(action="see")
    assert (entry.interaction_id, entry.actor_type) == (number, "operator")


def test_show_of_nothing_fails(
    acme: "Tenant", capsys: pytest.CaptureFixture[str]
) -> None:
    assert valv("show", "17") == 1
    assert capsys.readouterr().out == ""
