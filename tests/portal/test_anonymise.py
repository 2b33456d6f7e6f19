"""The page on anonymising: entered, looked at, begun, and without a name afterwards."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import make_token
from tests.intake.asking import Source, states
from tests.laws.laying import EMAIL, NAME, PHONE, lay
from tests.portal.visiting import PLACES, TICKED, Visitor, text_of
from valv.archive.models import Interaction
from valv.lifecycle.models import Job
from valv.storage import scope
from valv.tenants.models import Tenant, User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def plan(visitor: Visitor, **fields: Any) -> str:
    answer = visitor.post("/anonymise", **{**TICKED, **fields})
    assert answer.status_code == 303, text_of(answer)
    return str(answer["Location"])


def go(visitor: Visitor, place: str, step: str, **fields: Any) -> Any:
    return visitor.post(place, step=step, **{**TICKED, **fields})


def test_what_is_found_is_shown_before_anything_happens(
    officer: Visitor, source: Source
) -> None:
    lay(source, "one")

    html = text_of(officer.get(plan(officer, phone="070-123 45 67")))

    for told in (PHONE, "070-123 45 67", "0046701234567", EMAIL, "undersökningssvar"):
        assert told in html
    assert "fortfarande personuppgifter" in html
    assert source.item("one-call")["identifiers"]["phone"] == PHONE
    assert "job" in [entry.content for entry in officer.entries("see")]


def test_a_person_is_anonymised_and_the_row_is_masked(
    officer: Visitor, source: Source
) -> None:
    lay(source, "one")
    place = plan(officer, phone=PHONE)

    assert go(officer, place, "now").status_code == 303

    html = text_of(officer.get(place))
    assert "valv receipt of deletion" in html
    assert not [who for who in (PHONE, NAME, EMAIL) if who in html]
    listed = text_of(officer.get("/anonymise"))
    assert PHONE not in listed
    assert "Anonymiserad" in listed
    assert "Klar" in listed
    receipt = json.loads(officer.get(f"{place}/receipt").content)
    assert receipt["note"].startswith("valv receipt of deletion")


def test_what_is_changed_on_the_page_is_looked_at_first(
    officer: Visitor, source: Source
) -> None:
    lay(source, "one")
    place = plan(officer, phone=PHONE)
    (seen,) = re.findall(r'name="add" value="(\d+)"', text_of(officer.get(place)))

    answer = go(officer, place, "now", delete="on", add=seen)

    html = text_of(officer.get(answer["Location"]))
    assert "Planen har ändrats" in html
    assert f"<b>{EMAIL}</b>" in html
    assert source.item("one-call")["identifiers"]["phone"] == PHONE
    go(officer, answer["Location"], "now", delete="on")
    assert {s for _, _, s in states(source.item("one-chat"))} == {"deleted"}


def test_a_hit_that_is_struck_off_stays(officer: Visitor, source: Source) -> None:
    for session in ("mine", "theirs"):
        source.put(session, started_at="2026-11-20T09:00:00Z",
                   identifiers={"phone": PHONE})  # fmt: skip
    place = plan(officer, phone=PHONE)

    theirs = source.id_of("theirs")
    answer = go(officer, place, "look", strike=theirs)
    go(officer, answer["Location"], "now", strike=theirs)

    assert source.item("mine")["identifiers"]["phone"] is None
    assert source.item("theirs")["identifiers"]["phone"] == PHONE


def test_it_can_be_left_to_the_night_and_cancelled(
    officer: Visitor, source: Source
) -> None:
    lay(source, "one")
    place = plan(officer, phone=PHONE)

    go(officer, place, "night")
    assert "Det görs kommande natt" in text_of(officer.get(place))
    go(officer, place, "cancel")

    assert source.item("one-call")["identifiers"]["phone"] == PHONE
    (job,) = source.rows(Job)
    assert (job.state, job.sealed) == ("cancelled", None)


def test_a_plan_that_waits_for_approval_is_listed_until_it_is_cancelled(
    officer: Visitor, source: Source
) -> None:
    place = plan(officer, phone=PHONE)

    listed = text_of(officer.get("/anonymise"))
    go(officer, place, "cancel")

    assert place in listed
    assert "Väntar på godkännande" in listed
    assert "Cleo" in listed
    assert place not in text_of(officer.get("/anonymise"))


def test_a_hold_is_told_of(officer: Visitor, source: Source) -> None:
    lay(source, "one")
    with scope.writing(source.tenant.id):
        Interaction.objects.update(held=True)
    place = plan(officer, phone=PHONE)

    go(officer, place, "now")

    html = text_of(officer.get(place))
    assert "Delvis klar" in html
    assert "raderingsspärr" in html


def test_chosen_hits_are_planned_from_the_search(
    officer: Visitor, source: Source
) -> None:
    lay(source, "one")
    search = officer.post("/search", phone=PHONE, period="all")["Location"]
    call = source.item("one-call")["id"]

    fields = {"action": "anonymise", "scope": "selected", "id": call}
    answer = officer.post(f"{search}/act", **fields)

    assert answer.status_code == 303
    go(officer, answer["Location"], "now", delete="on")
    assert source.item("one-call")["identifiers"]["phone"] is None
    assert {s for _, _, s in states(source.item("one-call"))} == {"deleted"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"phone": "anonymous"},
        {"email": " \n "},
        {"phone": "*4567"},
        {"handle": "*"},
    ],
)
def test_who_cannot_be_meant_is_asked_for_again(
    officer: Visitor, fields: dict[str, str]
) -> None:
    answer = officer.post("/anonymise", **TICKED, **fields)

    assert answer.status_code == 422
    assert 'class="fault"' in text_of(answer)


def test_what_looks_like_no_number_or_address_is_looked_for_and_told(
    officer: Visitor,
) -> None:
    answer = officer.post(
        "/anonymise", **TICKED, phone=f"{PHONE}\nfront desk", email="anna"
    )

    page = text_of(officer.get(answer["Location"]))
    assert page.count("ser inte ut som ett nummer eller en adress") == 2


def test_strangers_and_insiders_without_the_right_see_nothing(
    officer: Visitor, source: Source, bo: User, dag: User
) -> None:
    lay(source, "one")
    place = plan(officer, phone=PHONE)

    assert Visitor().enters(dag).get(place).status_code == 404
    insider = Visitor().enters(bo)
    for path in (place, "/anonymise", f"{place}/state", f"{place}/receipt"):
        assert insider.get(path).status_code == 403
    assert go(insider, place, "now").status_code == 403
    assert 'href="/anonymise"' not in text_of(insider.get("/search"))


def test_what_is_not_ticked_is_said_to_stay(officer: Visitor, source: Source) -> None:
    source.put("one", started_at="2026-11-20T09:00:00Z", identifiers={"phone": PHONE})
    bare = {name: on for name, on in TICKED.items() if name not in PLACES}
    answer = officer.post("/anonymise", phone=PHONE, archive="on", **bare)

    place = str(answer["Location"])
    html = text_of(officer.get(place))
    officer.post(place, step="now", archive="on", **bare)

    ended = text_of(officer.get(place))
    said = "Blir kvar som det är: kommentarer i undersökningar, rådata."
    assert [said in one for one in (html, ended)] == [True, True]
    assert "ingenstans" not in html + ended
    assert "left surveys, raw_data" in ended
    assert officer.post("/anonymise", phone=PHONE, **bare).status_code == 422


def upload(visitor: Visitor, text: str) -> Any:
    file = SimpleUploadedFile("many.csv", text.encode())
    return visitor.post("/anonymise", csv=file, **TICKED)


def test_many_persons_come_from_a_file(officer: Visitor, source: Source) -> None:
    for session, number in (("one", PHONE), ("two", "+46701740605")):
        source.put(session, started_at="2026-11-20T09:00:00Z",
                   identifiers={"phone": number})  # fmt: skip

    html = text_of(
        upload(officer, f"phone;note\n{PHONE};a\nanonymous;b\n0701740605;\n")
    )

    ids = re.findall(r'name="job" value="(\d+)"', html)
    assert (len(ids), "anonymous" in html, PHONE in html) == (2, False, False)
    assert "Rader som inte går att läsa" in html
    assert '<td class="num">3</td>' in html
    began = officer.post("/anonymise/many", step="night", job=ids)
    assert began.status_code == 303
    jobs = {str(job.id): job for job in source.rows(Job)}
    assert {(jobs[one].state, jobs[one].at_night) for one in ids} == {("waiting", True)}
    assert upload(officer, "name\nAnna\n").status_code == 422
    assert upload(officer, "phone\n" + f"{PHONE}\n" * 501).status_code == 422
    assert officer.post("/anonymise/many", step="leap", job=ids).status_code == 400


def test_a_job_of_another_kind_is_not_begun_with_them(
    officer: Visitor, source: Source
) -> None:
    """A package about somebody waits until the others in it were looked at."""
    lay(source, "one")
    asked = {"kind": "subject", "phone": [PHONE], "when": "never"}
    machine = Source(source.tenant, make_token(source.tenant), source.client)
    job = machine.ask("POST", "/jobs", json.dumps(asked).encode()).json()

    begun = officer.post("/anonymise/many", step="now", job=[job["id"]])

    assert begun.status_code == 404
    assert [one.state for one in source.rows(Job)] == ["planned"]
