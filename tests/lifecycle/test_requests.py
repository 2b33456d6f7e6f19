"""The register of requests: sealed, entered, late in time, and nobody's in the end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client

from tests.cast import make_token
from tests.intake.asking import Source
from tests.portal.visiting import TICKED, Visitor, text_of
from valv.audit.models import Entry
from valv.jobs.command import OK, main
from valv.lifecycle import nightly
from valv.lifecycle.models import PrivacyRequest
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant, User

WHO = "Anna Ek, 070-123 45 67"
PHONE = "0701234567"


@pytest.fixture
def teller(acme: Tenant) -> Source:
    return Source(acme, make_token(acme), Client())


def ask(teller: Source, path: str = "", status: int = 200, **body: Any) -> Any:
    place = f"/privacy-requests{path}"
    if not body:
        return teller.ask("GET", place).json()
    answer = teller.ask("POST", place, msgspec.json.encode(body))
    assert answer.status_code == status, answer.content
    return answer.json()


def register(teller: Source, *, days_ago: int = 0, kind: str = "erasure") -> str:
    received = (datetime.now(UTC) - timedelta(days=days_ago)).date()
    made = ask(teller, "", 201, kind=kind, who=WHO, received_on=received.isoformat())
    return str(made["id"])


def key_of(tenant: Tenant, number: str) -> object:
    return keys.read(tenant.id, KeyKind.JOB, [int(number)]).get(int(number))


def entered(tenant: Tenant) -> list[str | None]:
    with scope.reading(tenant.id):
        found = Entry.objects.filter(action="request").order_by("id")
        return list(found.values_list("content", flat=True))


@pytest.mark.django_db
def test_from_receipt_to_answer_each_step_is_entered(
    teller: Source, acme: Tenant
) -> None:
    number = register(teller)
    ask(teller, f"/{number}/check", checked_by="Passport at the desk")
    ask(teller, f"/{number}/extension", reason="Many systems")
    early = ask(teller, f"/{number}/answer", 409, how="By letter")
    ask(teller, f"/{number}/decision", 422, decision="refused")
    ask(teller, f"/{number}/decision", decision="partly", reason="Some is on hold")
    before, key = ask(teller, f"/{number}"), key_of(acme, number)
    after = ask(teller, f"/{number}/answer", how="By letter")

    assert (before["who"], key is not None, early["status"]) == (WHO, True, 409)
    assert (after["state"], after["who"]) == ("answered", "")
    assert key_of(acme, number) is None
    assert entered(acme) == [
        "registered", "checked", "extended", "decided", "answered",
    ]  # fmt: skip
    with scope.reading(acme.id):
        stored = str(list(PrivacyRequest.objects.values()))
        log = str(list(Entry.objects.values_list("details", "reason")))
    assert "Anna" not in stored + log


@pytest.mark.django_db
def test_a_step_is_taken_once_and_in_its_time(teller: Source) -> None:
    number = register(teller)
    to_come = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()

    ask(teller, "", 422, kind="erasure", who=WHO, received_on=to_come)
    ask(teller, f"/{number}/decision", 404, decision="granted", job="17")
    ask(teller, f"/{number}/extension", reason="Many systems")
    ask(teller, f"/{number}/extension", 409, reason="Still more")
    ask(teller, f"/{number}/decision", decision="granted")
    ask(teller, f"/{number}/answer", how="By letter")
    ask(teller, f"/{number}/decision", 409, decision="granted")

    assert ask(teller, f"/{number}")["extended_for"] == "Many systems"
    assert len(ask(teller)["items"]) == 1


@pytest.mark.django_db
def test_who_is_forgotten_is_named_by_no_request(teller: Source, acme: Tenant) -> None:
    teller.put("S1", started_at="2026-11-20T09:00:00Z", identifiers={"phone": PHONE})
    number = register(teller)
    asked = {"kind": "forget", "phone": [PHONE], "when": "never"}
    job = teller.ask("POST", "/jobs", msgspec.json.encode(asked)).json()["id"]
    ask(teller, f"/{number}/decision", decision="granted", job=job)

    done = teller.ask("POST", f"/jobs/{job}/approve", b'{"when": "now"}').json()

    assert done["status"] == "done"
    assert ask(teller, f"/{number}")["who"] == ""
    assert key_of(acme, number) is None


@pytest.mark.django_db
def test_whom_an_open_one_names_stays_as_long_as_it_does(
    teller: Source, acme: Tenant
) -> None:
    number = register(teller)
    ask(teller, f"/{number}/check", checked_by=f"Rang {PHONE}")
    later = datetime.now(UTC) + timedelta(days=300)
    nightly.run(acme, nightly.today(acme, later), now=later)
    while_open = ask(teller, f"/{number}")["checked_by"]
    ask(teller, f"/{number}/decision", decision="granted")
    ask(teller, f"/{number}/answer", how="By letter")
    sights = len(teller.rows(Entry, action="see", content="requests"))
    once_answered = ask(teller, f"/{number}")
    seen = len(teller.rows(Entry, action="see", content="requests")) - sights
    later += timedelta(days=300)
    nightly.run(acme, nightly.today(acme, later), now=later)

    assert while_open == "Rang +46701234567"
    assert (once_answered["checked_by"], once_answered["who"]) == (while_open, "")
    assert seen == 1  # for it still names somebody
    assert ask(teller, f"/{number}")["checked_by"] == "Rang …"


@pytest.mark.django_db
def test_the_night_drops_what_was_answered_two_years_ago(
    teller: Source, acme: Tenant
) -> None:
    number = register(teller)
    open_one = register(teller)
    ask(teller, f"/{number}/decision", decision="granted")
    ask(teller, f"/{number}/answer", how="By letter")
    later = datetime.now(UTC) + timedelta(days=731)

    nightly.run(acme, nightly.today(acme, later), now=later)

    assert [one["id"] for one in ask(teller)["items"]] == [open_one]
    assert key_of(acme, open_one) is not None


@pytest.mark.django_db
def test_a_late_one_stands_on_the_home_page(
    teller: Source, cleo: User, bo: User
) -> None:
    register(teller, days_ago=10)
    officer, other = Visitor().enters(cleo), Visitor().enters(bo)
    in_time = text_of(officer.get("/search"))

    register(teller, days_ago=40)

    assert 'href="/requests">1 ' not in in_time
    assert 'href="/requests">1 ' in text_of(officer.get("/search"))
    assert "/requests" not in text_of(other.get("/search"))


@pytest.mark.django_db
def test_it_goes_its_way_by_the_pages(cleo: User) -> None:
    officer = Visitor().enters(cleo)
    today = datetime.now(UTC).date().isoformat()
    wrong = officer.post("/requests", kind="access", who="", received_on=today)
    plan = officer.post("/anonymise", phone="070-174 06 05", **TICKED)["Location"]
    officer.post(plan, step="night", **TICKED)
    unapproved = officer.post("/anonymise", phone=PHONE, **TICKED)["Location"]
    made = officer.post("/requests", kind="access", who=WHO, received_on=today)
    place = made["Location"]

    no_reason = officer.post(f"{place}/decide", decision="refused")
    officer.post(f"{place}/decide", decision="granted")
    seen = text_of(officer.get(place))
    officer.post(f"{place}/answer", answered_how="Brev")

    assert (wrong.status_code, no_reason.status_code) == (422, 422)
    page = text_of(no_reason)
    assert (page.count('class="fault"'), 'id="e-decided_for"' in page) == (1, True)
    assert '<option value="refused" selected>' in page
    assert "Anna Ek" in seen
    assert ", 0 förfrågningar, " in seen
    assert f'value="{unapproved.rpartition("/")[2]}"' not in seen
    assert f'value="{plan.rpartition("/")[2]}"' in seen
    assert "Anna Ek" not in text_of(officer.get(place))
    assert officer.entries("see")[-1].content in ("requests", "job")


@pytest.mark.django_db
def test_another_tenants_request_is_not_there(teller: Source, borealis: Tenant) -> None:
    number = register(teller)
    stranger = Source(borealis, make_token(borealis), teller.client)

    answers = [
        stranger.ask("GET", f"/privacy-requests/{number}"),
        stranger.ask("POST", f"/privacy-requests/{number}/answer", b'{"how": "x"}'),
        stranger.ask("GET", "/privacy-requests/1"),
    ]

    assert [one.status_code for one in answers] == [404, 404, 404]


@pytest.mark.django_db(transaction=True)
def test_the_command_registers_and_tells_nobody_on_the_terminal(
    teller: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["request", "add", "--kind", "access", "--who", WHO], user="root")

    assert code == OK
    assert "Anna" not in capsys.readouterr().out
    assert ask(teller)["items"][0]["kind"] == "access"
