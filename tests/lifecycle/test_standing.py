"""Standing entries: nothing is kept of who was forgotten and gets in touch again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.cast import NOW, make_token
from tests.intake.asking import Source, event
from tests.intake.importing import run
from tests.intake.made import inline, vcon, written
from tests.laws.laying import living
from tests.portal.visiting import TICKED, Visitor, text_of
from valv.archive.models import (
    Content,
    Identifier,
    Interaction,
    RawEvent,
    StandingEntry,
)
from valv.jobs.command import OK, main
from valv.lifecycle import kinds, nightly
from valv.storage import scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db
PHONE = "0701234567"
START = "2026-11-20T09:00:00Z"


@pytest.fixture
def teller(acme: Tenant) -> Source:
    return Source(acme, make_token(acme), Client())


def forget(teller: Source, *, days: int = 30, phone: str = PHONE) -> Any:
    asked = {"kind": "forget", "phone": [phone], "standing_days": days}
    answer = teller.ask("POST", "/jobs", json.dumps(asked).encode())
    assert answer.status_code == 201, answer.content
    return answer.json()


def known(tenant: Tenant) -> int:
    with scope.reading(tenant.id):
        return Identifier.objects.filter(hash__isnull=False).count()


def told(source: Source, _: Path) -> None:
    person = {"phone": "+46 70 123 45 67", "name": "Anna"}
    source.tell(
        event(1, "chat.message", session="S1", from_="customer", text="Jag är Anna"),
        event(0, "session.started", session="S1", media="chat", identifiers=person,
              variables={"said": "Anna"}),
        event(2, "session.ended", session="S1"),
    )  # fmt: skip


def stated(source: Source, _: Path) -> None:
    source.put("S1", started_at=START, subject="Anna", queue="Support")
    source.put("S1", identifiers={"phone": PHONE, "name": "Anna"})
    source.put("S1", subject="Anna", identifiers={"email": "anna@x.example"})


def posted(source: Source, _: Path) -> None:
    source.ask("POST", "/vcons", written(_vcon()))


def imported(source: Source, folder: Path) -> None:
    (folder / "a.json").write_bytes(written(_vcon()))
    run(source.tenant, folder)


def _vcon() -> dict[str, Any]:
    made = vcon("S1", recording=inline())
    made["parties"][0] |= {"tel": "+46701234567", "name": "Anna"}
    return made


@pytest.mark.parametrize("say", [told, stated, posted, imported])
def test_of_who_gets_in_touch_again_nothing_is_kept(
    teller: Source, acme: Tenant, say: Any, tmp_path: Path
) -> None:
    assert forget(teller)["status"] == "done"

    say(teller, tmp_path)

    item = teller.item("S1")
    assert item["anonymised_at"] is not None
    assert set(item["identifiers"].values()) == {None}
    assert (item["subject"], item["variables"], item["others"]) == (None, {}, [])
    assert known(acme) == 0
    assert all(not one.body for one in teller.rows(RawEvent))
    assert not [kind for kind, _ in living(acme) if kind == KeyKind.TEXT]
    contents = teller.rows(Content)
    assert {one.removed_reason for one in contents} <= {"standing_entry"}
    assert not any(one.blob for one in contents)


def test_a_recording_is_refused_by_name(teller: Source) -> None:
    forget(teller)
    teller.put("S1", started_at=START, identifiers={"phone": PHONE})

    path = f"/interactions/S1/recordings/1?started_at={START}"
    answer = teller.ask("PUT", path, b"x")

    assert (answer.status_code, answer.json()["rule"]) == (403, "standing_entry")


def test_an_entry_brings_nobody_back_and_bars_nobody_else(
    teller: Source, acme: Tenant
) -> None:
    forget(teller)
    teller.put("S1", started_at=START, identifiers={"phone": PHONE})
    teller.put("S2", started_at=START, identifiers={"phone": "0709999999"})

    found = teller.ask("GET", f"/interactions?phone={PHONE}").json()["items"]
    other = teller.ask("GET", "/interactions?phone=0709999999").json()["items"]
    listed = teller.ask("GET", "/standing-entries").content

    assert found == []
    assert [one["session_id"] for one in other] == ["S2"]
    assert b"701234567" not in listed
    with scope.reading(acme.id):
        hashes = {bytes(one.hash) for one in StandingEntry.objects.all()}
        rows = Identifier.objects.filter(hash__in=hashes)
        assert hashes
        assert not rows.exists()


def test_what_a_hold_covers_stays_as_it_is(teller: Source) -> None:
    teller.put("S1", started_at=START, subject="Theirs")
    asked = {"matter": "Case", "owner": "Cleo", "reason": "x"}
    ids = [teller.item("S1")["id"]]
    teller.ask("POST", "/holds", json.dumps({**asked, "interactions": ids}).encode())
    forget(teller)

    teller.put("S1", identifiers={"phone": PHONE})

    item = teller.item("S1")
    assert (item["subject"], item["anonymised_at"]) == ("Theirs", None)
    assert item["identifiers"]["phone"] is None


def test_once_its_time_is_over_it_keeps_nobody_out(
    teller: Source, acme: Tenant
) -> None:
    forget(teller, days=1)
    with scope.writing(acme.id):
        StandingEntry.objects.update(until=datetime.now(UTC) - timedelta(seconds=1))

    teller.put("S1", started_at=START, identifiers={"phone": PHONE})

    assert teller.item("S1")["identifiers"]["phone"] == "+46701234567"
    assert teller.ask("GET", "/standing-entries").json()["items"] == []


def test_it_ends_by_hand_and_by_the_night(
    teller: Source, acme: Tenant, borealis: Tenant
) -> None:
    forget(teller)
    forget(teller, phone="0709999999", days=3)
    first, second = teller.ask("GET", "/standing-entries").json()["items"]
    stranger = Source(borealis, make_token(borealis), teller.client)
    path = f"/standing-entries/{second['id']}"

    assert stranger.ask("DELETE", path).status_code == 404
    assert teller.ask("DELETE", path).status_code == 204
    teller.put("S1", started_at=START, identifiers={"phone": PHONE})
    later = NOW + timedelta(days=40)
    nightly.run(acme, nightly.today(acme, later), now=later)

    assert first["id"] != second["id"]
    assert teller.rows(Interaction)[0].anonymised_at is None
    assert teller.rows(StandingEntry) == []


def test_who_is_forgotten_twice_has_one_entry_the_newer(teller: Source) -> None:
    forget(teller)
    again = forget(teller, days=3)

    (entry,) = teller.ask("GET", "/standing-entries").json()["items"]

    assert entry["job"] == again["id"]


@pytest.mark.parametrize("is_ended", [False, True])
def test_a_job_that_is_gone_on_with_lays_it_once(
    teller: Source, acme: Tenant, is_ended: bool
) -> None:
    teller.put("S1", started_at=START, identifiers={"phone": PHONE})
    with scope.writing(acme.id):
        Interaction.objects.update(held=True)
    job = forget(teller)
    laid = teller.ask("GET", "/standing-entries").json()["items"]
    if is_ended:
        teller.ask("DELETE", f"/standing-entries/{laid[0]['id']}")

    kinds.run(acme, int(job["id"]), now=datetime.now(UTC))

    assert (job["status"], len(laid)) == ("partly", 1)
    left = teller.ask("GET", "/standing-entries").json()["items"]
    assert left == ([] if is_ended else laid)


def test_the_page_lays_one_and_ends_it(acme: Tenant, cleo: User) -> None:
    officer = Visitor().enters(cleo)
    chosen = {**TICKED, "standing": "30"}
    typed = {"phone": PHONE, **chosen}
    wrong = officer.post("/anonymise", **{**typed, "standing": "x"})
    plan = officer.post("/anonymise", **typed)["Location"]
    officer.post(plan, step="now", **chosen)
    planned_again = officer.post(plan, step="now", **chosen)

    page = text_of(officer.get("/anonymise"))
    with scope.reading(acme.id):
        number = StandingEntry.objects.get().id
    officer.post(f"/anonymise/standing/{number}/end")

    assert wrong.status_code == 422
    assert planned_again.status_code == 409
    assert f"/anonymise/standing/{number}/end" in page
    assert "/anonymise/standing" not in text_of(officer.get("/anonymise"))


@pytest.mark.django_db(transaction=True)
def test_the_command_lays_one(acme: Tenant) -> None:
    code = main(["forget", "--phone", PHONE, "--standing", "30", "--yes"], user="root")

    assert code == OK
    with scope.reading(acme.id):
        assert StandingEntry.objects.count() == 1
