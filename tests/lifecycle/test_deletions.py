"""The deletion report tells all that was removed in a period, and of nobody."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import msgspec
import pytest
from django.test import Client

from tests.cast import NOW, OPERATOR, make_token
from tests.held import lay_content
from tests.intake.asking import Source
from tests.lifecycle.archive_of_ages import lay_ages
from tests.portal.visiting import Visitor, text_of
from valv.core.errors import Forbidden
from valv.core.retention import StorageTimes
from valv.core.storage_rules import policy_from
from valv.jobs.command import OK, REFUSED, USAGE, main
from valv.lifecycle import nightly
from valv.lifecycle.deletions import deletion_report
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.operations import set_storage_times
from valv.tenants.storage_changes import change_storage

pytestmark = pytest.mark.django_db
PHONE = "+46701740605"
EVER = {"from": "2026-01-01", "to": "2100-01-01"}
AGES = (1, 15, 101, 200)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def teller(acme: Tenant) -> Source:
    return Source(acme, make_token(acme), Client())


def lines(teller: Source, **period: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in period.items())
    answer = teller.ask("GET", f"/deletion-report?{asked}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["lines"])


def counts(teller: Source, cause: str, **period: str) -> dict[str, int]:
    found = lines(teller, **period)
    return {one["data"]: one["count"] for one in found if one["cause"] == cause}


def night(tenant: Tenant, *, ahead: int = 0) -> nightly.Report:
    now = NOW + timedelta(days=ahead)
    return nightly.run(tenant, nightly.today(tenant, now), now=now)


def a_call(teller: Source) -> str:
    """Today's call with a recording, and somebody on it."""
    at, who = "2026-11-23T09:00:00Z", {"phone": PHONE}
    made = teller.put("S", started_at=at, identifiers=who)
    lay_content(teller.tenant, int(made.json()["id"]))
    return str(made.json()["id"])


def test_what_went_by_a_rule_is_told_with_its_decision(teller: Source) -> None:
    lay_ages(teller.tenant, NOW, AGES)
    general = StorageTimes(general=100, recordings=50)
    stated = {
        "rules": [
            {
                "name": "Calls",
                "media": ["phone"],
                "times": {"recordings": 9},
                "decision": {"number": "2026/12", "on": "2026-01-02"},
            }
        ],
        "decision": {"number": "2025/7"},
    }
    policy = policy_from(stated, times=general)
    change_storage(teller.tenant, policy, actor=OPERATOR, now=NOW)

    report = night(teller.tenant)

    told = {one["data"]: one for one in lines(teller, **EVER)}
    calls, chats = told["recordings"], told["chat_logs"]
    assert (calls["count"], calls["days"]) == (report.counts["recordings"], 9)
    assert (calls["rule"], calls["decision"]) == ("Calls", "2026/12 2026-01-02")
    assert (chats["rule"], chats["decision"], chats["days"]) == ("", "2025/7", 30)
    csv = teller.ask("GET", "/deletion-report.csv?from=2026-01-01&to=2100-01-01")
    text = csv.content.decode("utf-8-sig")
    assert "Lagringstid 9 dagar, regeln ”Calls”" in text
    assert "2026/12 2026-01-02, Lagringstider satta 2026-11-23" in text


def test_a_night_is_told_by_the_times_in_force_as_it_ran(teller: Source) -> None:
    lay_ages(teller.tenant, NOW, AGES)
    first = night(teller.tenant)
    times = StorageTimes(general=100)
    set_storage_times(teller.tenant, times, actor=OPERATOR, now=LATER)
    second = night(teller.tenant, ahead=1)

    told = [
        (one["data"], one["count"], one["days"], one["since"], one["newest_on"])
        for one in lines(teller, to="2026-11-24")
        if one["data"] == "general"
    ]

    assert told == [
        ("general", first.counts["general"], 180, "2026-11-23", "2026-05-26"),
        ("general", second.counts["general"], 100, "2026-11-23", "2026-08-15"),
    ]


def test_what_is_past_is_told_in_its_own_period_alone(teller: Source) -> None:
    lay_ages(teller.tenant, NOW, AGES)
    told = night(teller.tenant).counts

    gone = {k: n for k, n in told.items() if n and k not in ("held", "failed")}
    here = {"from": "2026-11-23", "to": "2026-11-23"}
    assert counts(teller, "storage_time", **here) == gone
    assert lines(teller, to="2026-11-22") == []
    assert lines(teller, **{"from": "2026-11-24", "to": "2026-12-31"}) == []


def test_what_somebody_deleted_is_told_when_its_interaction_is_gone_too(
    teller: Source,
) -> None:
    call = a_call(teller)
    teller.ask("DELETE", f"/interactions/{call}/recordings/1")
    today = lines(teller, **EVER)

    went = night(teller.tenant, ahead=400).counts["general"]

    after = counts(teller, "by_hand", **EVER)
    assert [(one["data"], one["count"], one["cause"]) for one in today] == [
        ("recordings", 1, "by_hand")
    ]
    assert (went, after) == (1, {"recordings": 1})


def test_jobs_are_told_once_by_their_receipts(teller: Source) -> None:
    call = a_call(teller)
    asked = msgspec.json.encode(
        {"kind": "forget", "phone": [PHONE], "delete_content": True}
    )
    job = teller.ask("POST", "/jobs", asked).json()

    found = lines(teller, **EVER)

    told = {one["data"]: one["count"] for one in found}
    assert job["status"] == "done"
    assert {one["cause"] for one in found} == {"forget"}
    assert {one["job"] for one in found} == {job["id"]}
    assert told["recordings"] == told["interactions"] == told["identifiers"] == 1
    assert call not in str(found)
    assert PHONE[4:] not in str(found)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_files_hold_the_same_and_name_nobody(teller: Source, language: str) -> None:
    lay_ages(teller.tenant, NOW, AGES)
    told = night(teller.tenant).counts
    period = f"from=2026-01-01&to=2026-11-23&language={language}"

    table = teller.ask("GET", f"/deletion-report.csv?{period}")
    pdf = teller.ask("GET", f"/deletion-report.pdf?{period}")

    rows = list(csv.reader(StringIO(table.content.decode("utf-8-sig"))))
    words = {"sv": ("Sort", "Inspelningar"), "en": ("Class", "Recordings")}[language]
    assert rows[0][0] == words[0]
    assert [words[1], str(told["recordings"])] in [row[:2] for row in rows]
    assert pdf.content.startswith(b"%PDF-1.7")
    assert pdf.content.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize(
    ("asked", "field"),
    [("from=2026-02-30", "from"), ("from=2026-02-02&to=2026-02-01", "to")],
)
def test_what_is_no_period_is_refused(teller: Source, asked: str, field: str) -> None:
    answer = teller.ask("GET", f"/deletion-report?{asked}")

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_page_says_it_in_words_and_gives_the_files(
    acme: Tenant, cleo: User
) -> None:
    visitor = Visitor().enters(cleo)
    lay_ages(acme, NOW, (200,))
    night(acme)

    html = text_of(visitor.get("/deletion-report?from=2026-01-01&to=2026-11-23"))
    assert "Gallringsprotokoll" in html
    assert "Lagringstid 180 dagar" in html
    assert "deletion-report.pdf?from=2026-01-01&amp;to=2026-11-23" in html
    pdf = visitor.get("/deletion-report.pdf?from=2026-01-01")
    assert pdf["Content-Type"] == "application/pdf"
    assert visitor.get("/deletion-report?from=x").status_code == 422
    assert visitor.get("/deletion-report.xls").status_code == 404


def test_without_the_right_it_is_refused(acme: Tenant, bo: User) -> None:
    with pytest.raises(Forbidden):
        deletion_report(Caller(acme, OPERATOR, frozenset()), "", "", today=NOW.date())
    assert Visitor().enters(bo).get("/deletion-report").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_it_once(acme: Tenant, tmp_path: Any, capsys: Any) -> None:
    file = str(tmp_path / "report.csv")

    assert main(["deletion-report", file, "--from", "2026-01-01"], user="root") == OK
    assert main(["deletion-report", file], user="root") == REFUSED
    assert main(["deletion-report", str(tmp_path / "x.doc")], user="root") == USAGE
    assert main(["deletion-report", "--json"], user="root") == OK
    assert '"lines":[]' in capsys.readouterr().out
