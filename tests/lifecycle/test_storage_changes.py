"""Changes of the storage times that wait: for a second person, and for their days."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.cast import OPERATOR
from tests.lifecycle.archive_of_ages import lay_ages
from tests.portal.visiting import Visitor, text_of
from valv.api.auth import clock
from valv.core.moments import to_millisecond
from valv.core.retention import StorageTimes
from valv.jobs.command import OK, REFUSED, USAGE, main
from valv.lifecycle import nightly
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.queries import storage_times
from valv.tenants.storage_changes import set_how_changed

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 3


@pytest.fixture
def ask(acme: Tenant) -> Asker:
    return Asker(acme)


def made_to_wait(tenant: Tenant, days: int = 0, *, two: bool = False) -> None:
    set_how_changed(
        tenant, wait_days=days, two_persons=two, actor=OPERATOR, now=clock()
    )


def put(ask: Asker, path: str = "/retention", **stated: Any) -> Any:
    body = msgspec.json.encode(stated)
    return ask("PUT", path, data=body, content_type="application/json")


def in_force(tenant: Tenant) -> StorageTimes:
    with scope.reading(tenant.id):
        return storage_times()


def night(tenant: Tenant, now: datetime) -> None:
    nightly.run(tenant, nightly.today(tenant, now), now=now)


def waiting(ask: Asker) -> Any:
    return ask("GET", "/retention/rules").json()["waiting"]


def test_a_change_holds_at_once_unless_the_tenant_wants_it_to_wait(
    ask: Asker, acme: Tenant
) -> None:
    assert put(ask, recordings=5).status_code == 200
    assert in_force(acme).recordings == 5
    assert waiting(ask) is None


def test_a_change_holds_from_the_first_night_after_its_days(
    ask: Asker, acme: Tenant
) -> None:
    made_to_wait(acme, WAIT)

    answer = put(ask, recordings=5)

    assert (answer.status_code, answer.json()["recordings"]) == (202, 14)
    assert waiting(ask)["times"]["recordings"] == 5
    night(acme, clock() + timedelta(days=WAIT, minutes=-1))
    assert in_force(acme).recordings == 14
    night(acme, clock() + timedelta(days=WAIT + 1))
    assert in_force(acme).recordings == 5
    assert waiting(ask) is None
    assert ask("GET", "/retention/rules").json()["set_by"] == "test"


def test_it_takes_somebody_else_to_confirm(ask: Asker, acme: Tenant) -> None:
    made_to_wait(acme, two=True)
    second = Asker(acme)
    put(ask, "/retention/rules", minimum={"general": 7}, applies_to="new")

    alone = ask("POST", "/retention/waiting/confirm")
    night(acme, clock() + timedelta(days=1))
    still = ask("GET", "/retention/rules").json()
    other = second("POST", "/retention/waiting/confirm")

    assert (alone.status_code, alone.json()["rule"]) == (403, "second_person")
    assert (still["minimum"], still["waiting"]["applies_to"]) == ({}, "new")
    assert (other.status_code, other.json()["minimum"]) == (200, {"general": 7})
    said = [one.details for one in ask.entries("setting")[-3:]]
    assert [one["setting"] for one in said] == [
        "storage_change", "storage_change", "storage_times",
    ]  # fmt: skip


def test_confirmed_it_waits_for_its_days_all_the_same(ask: Asker, acme: Tenant) -> None:
    made_to_wait(acme, WAIT, two=True)
    put(ask, recordings=5)

    Asker(acme)("POST", "/retention/waiting/confirm")

    assert in_force(acme).recordings == 14
    assert Asker(acme)("POST", "/retention/waiting/confirm").status_code == 404
    night(acme, clock() + timedelta(days=WAIT + 1))
    assert in_force(acme).recordings == 5


def test_what_is_withdrawn_never_holds(ask: Asker, acme: Tenant) -> None:
    made_to_wait(acme, WAIT)
    put(ask, recordings=5)
    assert put(ask, recordings=6).status_code == 409

    assert ask("DELETE", "/retention/waiting").json()["waiting"] is None
    assert ask("DELETE", "/retention/waiting").status_code == 404

    night(acme, clock() + timedelta(days=WAIT + 1))
    assert in_force(acme).recordings == 14
    assert put(ask, recordings=6).status_code == 202


def test_what_waits_is_not_overtaken_by_a_change_that_need_not(
    ask: Asker, acme: Tenant
) -> None:
    made_to_wait(acme, WAIT)
    put(ask, recordings=5)
    made_to_wait(acme)

    assert put(ask, recordings=6).status_code == 409
    assert in_force(acme).recordings == 14


def test_tonight_counts_by_what_will_hold_then(ask: Asker, acme: Tenant) -> None:
    made_to_wait(acme, 1)
    lay_ages(acme, to_millisecond(clock()), (9,))
    put(ask, recordings=5)
    today = nightly.today(acme, clock())

    def goes(days: int) -> int:
        report = nightly.preview(acme, today + timedelta(days=days))
        return report.counts["recordings"]

    assert (goes(1), goes(2)) == (0, 1)


def test_another_tenant_neither_sees_nor_confirms(
    ask: Asker, acme: Tenant, borealis: Tenant
) -> None:
    made_to_wait(acme, WAIT, two=True)
    put(ask, recordings=5)
    stranger = Asker(borealis)

    assert waiting(stranger) is None
    assert stranger("POST", "/retention/waiting/confirm").status_code == 404
    assert stranger("DELETE", "/retention/waiting").status_code == 404


def test_the_page_shows_what_waits_and_who_may_confirm(
    acme: Tenant, alma: User, cleo: User
) -> None:
    asks, confirms = Visitor().enters(cleo), Visitor().enters(alma)
    asks.post("/storage-times/how", wait_days="0", two_persons="on")
    form = {f"{stored}_mode": "follow" for stored in StorageTimes.__dataclass_fields__}
    form |= {"general_mode": "days", "general_days": "90", "version": "1"}
    asks.post("/storage-times", step="save", **form)
    hers, theirs = (text_of(one.get("/storage-times")) for one in (asks, confirms))

    assert 'formaction="/storage-times/confirm"' not in hers
    assert 'formaction="/storage-times/confirm"' in theirs
    assert 'value="preview"' not in theirs
    assert "<del>180 dagar</del></td><td><ins>90 dagar</ins>" in theirs
    assert asks.post("/storage-times/confirm").status_code == 403
    assert in_force(acme).general == 180
    assert confirms.post("/storage-times/confirm").status_code == 303
    assert in_force(acme).general == 90


def test_a_page_withdraws(acme: Tenant, cleo: User) -> None:
    made_to_wait(acme, WAIT)
    put(Asker(acme), recordings=5)
    officer = Visitor().enters(cleo)

    assert officer.post("/storage-times/withdraw").status_code == 303
    assert waiting(Asker(acme)) is None


@pytest.mark.parametrize("days", ["-1", "91", "x", ""])
def test_how_long_is_a_number_of_days(acme: Tenant, cleo: User, days: str) -> None:
    officer = Visitor().enters(cleo)

    assert officer.post("/storage-times/how", wait_days=days).status_code == 422
    acme.refresh_from_db()
    assert acme.storage_wait_days == 0


def test_rules_are_set_from_a_file_by_command(
    acme: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = {"name": "Chats", "media": ["chat"], "times": {"chat_logs": 9}}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": [rule]}))

    def said(*words: str) -> Any:
        assert main(["retention", *words, "--json"], user="root") == OK
        return json.loads(capsys.readouterr().out)

    foretold = said("rules", "--from", str(file), "--dry-run")
    assert foretold["classes"]["chat_logs"]["count"] == 0
    assert said("rules")["rules"] == []
    whole = said("rules", "--from", str(file), "--new-only")
    assert whole["rules"] == [rule]
    file.write_text(json.dumps(whole))
    assert said("rules", "--from", str(file))["version"] == 3


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"rule": []}', '{"rules": [{"name": "N"}]}', "\xff"]
)
def test_what_is_no_rule_is_one_sentence(
    acme: Tenant, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text, encoding="latin-1")

    assert main(["retention", "rules", "--from", str(file)], user="root") == USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_command_waits_as_everybody_does(acme: Tenant) -> None:
    made_to_wait(acme, WAIT)

    assert main(["retention", "set", "--recordings", "5"], user="root") == OK
    assert in_force(acme).recordings == 14
    assert main(["retention", "set", "--recordings", "6"], user="root") == REFUSED
