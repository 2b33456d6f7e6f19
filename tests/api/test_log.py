"""The audit log over HTTP."""

import pytest

from tests.api.conftest import Asker, body_of
from tests.held import lay_content, lay_interaction
from valv.audit.models import Entry
from valv.audit.verify import verify
from valv.core.permissions import Scope
from valv.sharing.workbook import MEDIA_TYPE
from valv.storage import scope
from valv.tenants.models import Tenant


@pytest.fixture
def call(acme: Tenant) -> int:
    made = lay_interaction(acme)
    lay_content(acme, made)
    return made


def test_the_log_tells_who_did_what_newest_first(ask: Asker, call: int) -> None:
    ask("GET", f"/interactions/{call}")
    ask("GET", f"/interactions/{call}/recordings/1")
    ask("DELETE", f"/interactions/{call}/recordings/1?reason=asked")

    items = ask("GET", f"/audit?interaction={call}").json()["items"]

    assert [item["action"] for item in items] == ["delete", "play", "see"]
    assert items[0]["reason"] == "asked"
    assert items[1] | {"seq": 0, "at": ""} == {
        "seq": 0,
        "at": "",
        "action": "play",
        "actor": "test",
        "actor_type": "api",
        "interaction_id": str(call),
        "content": "recording:1",
        "reason": "",
    }


def test_a_search_just_made_is_there(ask: Asker) -> None:
    ask("GET", "/interactions")

    items = ask("GET", "/audit?action=search").json()["items"]

    assert len(items) == 1


def test_the_log_is_read_page_by_page(ask: Asker, call: int) -> None:
    for _ in range(3):
        ask("GET", f"/interactions/{call}")

    first = ask("GET", "/audit?action=see&limit=2").json()
    second = ask("GET", f"/audit?action=see&limit=2&cursor={first['next']}").json()

    assert (len(first["items"]), len(second["items"])) == (2, 1)
    assert second["next"] is None


def test_reading_the_log_is_entered(ask: Asker) -> None:
    ask("GET", "/audit")

    assert len(ask.entries("log")) == 1


def test_the_log_needs_its_scope(acme: Tenant) -> None:
    machine = Asker(acme, [Scope.READ, Scope.CONTENT])

    assert machine("GET", "/audit").status_code == 403


def test_a_stranger_reads_none_of_it(ask: Asker, stranger: Asker, call: int) -> None:
    ask("GET", f"/interactions/{call}")

    items = stranger("GET", f"/audit?interaction={call}").json()["items"]

    assert items == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=501", 422),
        ("action=x", 422),
        ("actor_type=x", 422),
        ("content=x", 422),
        ("phone=", 200),
        ("cursor=1.x", 422),
        ("cursor=x", 422),
        ("from=x", 422),
        ("interaction=x", 404),
    ],
)
def test_what_is_asked_must_be_understood(ask: Asker, query: str, status: int) -> None:
    assert ask("GET", f"/audit?{query}").status_code == status


def test_several_of_one_mean_or_and_different_ones_and(ask: Asker, call: int) -> None:
    ask("GET", f"/interactions/{call}")
    ask("GET", f"/interactions/{call}/recordings/1")

    both = ask("GET", "/audit?action=see&action=play&actor=TES*").json()["items"]
    none = ask("GET", "/audit?action=see&content=recording").json()["items"]

    assert [item["action"] for item in both] == ["play", "see"]
    assert none == []


def test_the_log_is_taken_out_as_a_spreadsheet(ask: Asker, call: int) -> None:
    ask("GET", f"/interactions/{call}")

    answer = ask("GET", "/audit.xlsx?action=see")

    assert body_of(answer).startswith(b"PK")
    assert answer["Content-Type"] == MEDIA_TYPE
    assert len(ask.entries("export")) == 1


def test_an_entry_that_no_purge_accounts_for_is_missed(
    acme: Tenant, ask: Asker, call: int
) -> None:
    ask("GET", f"/interactions/{call}")
    ask("GET", "/audit")
    assert verify(acme.id).ok

    with scope.writing(acme.id):
        lost = Entry.objects.get(action="see")
        lost.delete()

    verdict = verify(acme.id)
    assert verdict.first_bad is not None
    assert verdict.first_bad.seq == lost.seq
