"""Jobs over HTTP: planned, looked at, approved, run, and left for later."""

from typing import Any

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.intake.asking import Source, states
from tests.laws.laying import EMAIL, NAME, PHONE, ago, lay
from valv.core.moments import format_moment
from valv.core.permissions import Scope
from valv.lifecycle import kinds, nightly
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


def post(ask: Asker, path: str = "/jobs", **asked: Any) -> Any:
    body = msgspec.json.encode(asked)
    return ask("POST", path, data=body, content_type="application/json")


def forget(ask: Asker, **asked: Any) -> Any:
    answer = post(ask, kind="forget", **asked)
    assert answer.status_code == 201, answer.content
    return answer.json()


def who(source: Source, session: str) -> set[str]:
    item = source.item(session)
    parties = [item["identifiers"], *item["others"]]
    return {value for party in parties for value in party.values() if value}


def test_a_person_is_forgotten_by_one_request(ask: Asker, source: Source) -> None:
    lay(source, "one")

    job = forget(ask, phone=[PHONE], email=[EMAIL], delete_content=True)

    assert (job["status"], job["matched"], job["held"]) == ("done", 2, 0)
    assert job["progress"] == {
        "total": 2, "waiting": 0, "done": 2, "held": 0, "struck": 0,
        "refused": 0, "without": 0,
    }  # fmt: skip
    assert (job["about"], job["failed"]) == ([], False)
    assert who(source, "one-call") == who(source, "one-chat") == set()
    again = ask("GET", f"/jobs/{job['id']}").json()
    assert again == job
    assert again["receipt"]["seq"] > 0


def test_a_plan_is_looked_at_and_approved(ask: Asker, source: Source) -> None:
    lay(source, "one")

    plan = forget(ask, phone=[PHONE], when="never")

    assert (plan["status"], plan["about"]) == (
        "planned",
        [{"kind": "phone", "shown": PHONE}],
    )
    (seen,) = plan["also_seen_with"]
    assert seen | {"id": ""} == {
        "id": "", "kind": "email", "shown": EMAIL, "here": 1, "elsewhere": 1,
    }  # fmt: skip
    assert ask.entries("see")[-1].details == {"job": plan["id"]}
    assert who(source, "one-call") == {PHONE, NAME, EMAIL}
    done = post(ask, f"/jobs/{plan['id']}/approve").json()
    assert (done["status"], who(source, "one-call")) == ("done", set())
    assert post(ask, f"/jobs/{plan['id']}/approve").status_code == 409


def test_who_calls_between_plan_and_approval_is_cut_there_too(
    ask: Asker, source: Source
) -> None:
    lay(source, "one")
    plan = forget(ask, phone=[PHONE], when="never")
    source.put("late", started_at=format_moment(ago(0)), identifiers={"phone": PHONE})

    done = post(ask, f"/jobs/{plan['id']}/approve").json()

    assert (plan["matched"], done["progress"]["done"]) == (1, 2)
    assert (done["status"], who(source, "late")) == ("done", set())
    assert source.item("late")["anonymised_at"] is not None


def test_a_plan_can_be_cancelled_and_then_knows_nobody(
    ask: Asker, source: Source
) -> None:
    lay(source, "one")
    plan = forget(ask, phone=[PHONE], when="never")

    cancelled = post(ask, f"/jobs/{plan['id']}/cancel").json()

    assert (cancelled["status"], cancelled["about"]) == ("cancelled", [])
    assert PHONE in who(source, "one-call")


def test_what_is_left_to_the_night_waits_for_it(ask: Asker, source: Source) -> None:
    tenant, now = source.tenant, ago(0)
    lay(source, "one")

    job = forget(ask, phone=[PHONE], when="night")

    kinds.run_waiting(tenant, now=now)
    assert (job["status"], PHONE in who(source, "one-call")) == ("waiting", True)
    assert nightly.run(tenant, nightly.today(tenant, now), now=now).is_whole
    assert ask("GET", f"/jobs/{job['id']}").json()["status"] == "done"
    assert who(source, "one-call") == set()


def test_a_paused_job_waits_until_it_is_gone_on_with(
    ask: Asker, source: Source
) -> None:
    lay(source, "one")
    job = forget(ask, phone=[PHONE], when="night")

    assert post(ask, f"/jobs/{job['id']}/pause").json()["status"] == "paused"
    kinds.run_waiting(source.tenant, now=ago(0), at_night=True)
    assert PHONE in who(source, "one-call")

    assert post(ask, f"/jobs/{job['id']}/continue").json()["status"] == "done"


def test_content_is_found_by_the_job_after_anonymising(
    ask: Asker, source: Source
) -> None:
    """Either order: first the person goes, then what was said."""
    lay(source, "one")
    first = forget(ask, phone=[PHONE])
    assert ("recording", 1, "present") in states(source.item("one-call"))

    second = post(ask, kind="delete", of_job=first["id"], contents=["recording"])

    assert second.json()["status"] == "done"
    gone = [("recording", 1, "deleted"), ("transcript", 1, "deleted")]
    assert states(source.item("one-call")) == gone
    listed = ask("GET", f"/jobs/{first['id']}/interactions").json()["items"]
    assert listed == [
        {"interaction_id": source.item("one-call")["id"], "state": "done"}
    ]


def test_all_that_a_search_finds_loses_its_content(ask: Asker, source: Source) -> None:
    lay(source, "one")

    job = post(ask, kind="delete", search={"media": ["phone"]}).json()

    assert (job["status"], job["matched"]) == ("done", 1)
    assert {s for _, _, s in states(source.item("one-call"))} == {"deleted"}
    assert {s for _, _, s in states(source.item("one-chat"))} == {"present"}
    assert PHONE in who(source, "one-call")
    heard = ask("GET", "/interactions?has_recording=true").json()["items"]
    read = ask("GET", "/interactions?has_chat_log=true").json()["items"]
    assert [one["session_id"] for one in heard + read] == ["one-chat"]


def test_chosen_hits_are_cut_and_nobody_else(ask: Asker, source: Source) -> None:
    for session in ("mine", "theirs"):
        source.put(session, started_at="2026-11-20T09:00:00Z",
                   identifiers={"phone": PHONE})  # fmt: skip

    job = forget(ask, interactions=[source.id_of("mine")], delete_content=True)

    assert (job["status"], job["matched"]) == ("done", 1)
    assert (who(source, "mine"), who(source, "theirs")) == (set(), {PHONE})


@pytest.mark.parametrize(
    ("scopes", "kind"),
    [((Scope.READ, Scope.DELETE), "forget"), ((Scope.READ, Scope.PRIVACY), "delete")],
)
def test_each_kind_needs_its_right(
    acme: Tenant, source: Source, scopes: tuple[Scope, ...], kind: str
) -> None:
    lay(source, "one")
    call = source.item("one-call")["id"]

    answer = post(Asker(acme, scopes), kind=kind, interactions=[call])

    assert answer.status_code == 403
    assert PHONE in who(source, "one-call")


@pytest.mark.parametrize(
    "asked",
    [{}, {"name": ["Anna"]}, {"phone": [""]}, {"phone": ["*4567"]},
     {"interactions": ["x"]}, {"phone": [PHONE], "anonymise": False}],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(ask: Asker, asked: dict[str, Any]) -> None:
    assert post(ask, kind="forget", **asked).status_code in (404, 422)


def test_many_persons_become_a_job_each(ask: Asker, source: Source) -> None:
    source.put("one", started_at="2026-11-20T09:00:00Z", identifiers={"phone": PHONE})
    file = f"phone,email\n{PHONE},\nanonymous,\n,{EMAIL}\n"

    answer = post(ask, kind="forget", csv=file, anonymise_in=["archive", "surveys"])

    told = answer.json()
    assert answer.status_code == 202
    assert [(one["line"], one["matched"]) for one in told["jobs"]] == [(2, 1), (4, 0)]
    assert [(one["line"], one["field"]) for one in told["refused"]] == [(3, "phone")]
    assert "anonymous" not in str(told)
    assert kinds.run_waiting(source.tenant, now=ago(0))
    first = ask("GET", f"/jobs/{told['jobs'][0]['id']}").json()
    assert (first["status"], first["found_nowhere_since"]) == ("done", None)
    assert first["anonymise_in"] == ["archive", "surveys"]
    assert who(source, "one") == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"csv": "name\nAnna"},
        {"csv": f"phone\n{PHONE}", "phone": [PHONE]},
        {"csv": "phone\n" + f"{PHONE}\n" * 501},
    ],
    ids=["nobody", "and another", "too many"],
)
def test_a_file_that_is_not_meant_is_refused(ask: Asker, asked: dict[str, Any]) -> None:
    assert post(ask, kind="forget", **asked).status_code == 422
