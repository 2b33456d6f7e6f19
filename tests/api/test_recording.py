"""The recording rules over HTTP, and the decisions a switchboard asks for."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import make_token
from tests.intake.asking import Source, event
from valv.audit.models import Entry
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants.models import Tenant, UserGroup

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
FORCED = {"mode": "forced", "on": "queue", "name": "Support"}
PENDING = {**FORCED, "mode": "pending"}
GROUP = {"mode": "manual", "on": "group", "name": "Sales"}
NEW: dict[str, Any] = {
    "version": 0, "since": None, "set_by": "", "reason": "",
    "rules": [], "groups": {}, "consent_needed": False, "acceptance_needed": False,
    "refuse_unruled": False, "question": None, "question_version": None,
}  # fmt: skip
CALL = (
    event(0, "session.started", media="phone"),
    event(1, "queue.entered", queue="Support"),
    event(5, "agent.connected", agent="a7"),
)


class Asker:
    """A client of a tenant's, with a token of some scopes."""

    def __init__(self, tenant: Tenant, *scopes: Scope) -> None:
        token = make_token(tenant, scopes=scopes or tuple(Scope))
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def policy(self, **query: str) -> Any:
        return self.client.get("/api/v1/recording-policy", query)

    def lay(self, **stated: Any) -> Any:
        return self.client.put("/api/v1/recording-policy", stated, JSON)

    def tell(self, *events: Any) -> None:
        answer = self.client.post("/api/v1/events", list(events), JSON)
        assert answer.json()["refused"] == []

    def decide(self, **asked: Any) -> Any:
        return self.client.post("/api/v1/recording-decisions", asked, JSON)

    def decision(self, **asked: Any) -> tuple[bool, str, str]:
        told = self.decide(**asked).json()
        return told["record"], told["keep"], told["rule"]


@pytest.fixture
def asker(acme: Tenant) -> Asker:
    return Asker(acme)


def test_a_new_tenant_has_no_rules_and_records_nothing(asker: Asker) -> None:
    assert asker.policy().json() == NEW
    told = asker.decide(queue="Support", agent="a7", consent="yes").json()
    assert (told["record"], told["rule"], told["policy_version"]) == (
        False, "no_rule", 0,
    )  # fmt: skip


def test_a_change_is_a_version_that_says_since_when_and_on_whose_decision(
    asker: Asker,
) -> None:
    asker.lay(rules=[FORCED], reason="Decided by the board")

    told = asker.lay(consent_needed=True, question="May we?", question_version="3")

    assert told.json()["version"] == 2
    assert told.json()["rules"] == [FORCED]
    assert asker.policy(version="1").json()["reason"] == "Decided by the board"
    versions = asker.client.get("/api/v1/recording-policy/versions").json()["items"]
    assert [(one["version"], one["set_by"]) for one in versions] == [
        (2, "test"), (1, "test"),
    ]  # fmt: skip
    assert all(one["since"] for one in versions)


def test_a_change_is_entered_from_what_to_what(asker: Asker, acme: Tenant) -> None:
    asker.lay(rules=[FORCED])
    asker.lay(rules=[PENDING], reason="As agreed")

    with scope.reading(acme.id):
        entry = Entry.objects.filter(action="setting").latest("id")
    assert entry.reason == "As agreed"
    assert entry.details == {
        "setting": "recording_policy",
        "version": 2,
        "changes": [{"what": "queue Support", "from": "forced", "to": "pending"}],
    }


def test_what_was_shown_may_be_sent_back_and_changes_nothing(asker: Asker) -> None:
    asker.lay(rules=[FORCED], groups={"Sales": ["a7"]})

    answer = asker.lay(**asker.policy().json())

    assert (answer.status_code, answer.json()["version"]) == (200, 1)


def test_a_change_of_what_is_not_in_force_any_more_is_a_conflict(asker: Asker) -> None:
    asker.lay(rules=[FORCED])

    answer = asker.lay(rules=[PENDING], version=0)

    assert answer.status_code == 409
    assert asker.policy().json()["rules"] == [FORCED]


@pytest.mark.parametrize(
    "stated",
    [
        {"rules": [{**FORCED, "on": "agent", "mode": "pending"}]},
        {"rules": [FORCED, PENDING]},
        {"rules": [GROUP]},
        {"groups": {"Sales": ["a7"], "Support": ["a7"]}},
        {"colour": "blue"},
        {"reason": "two\nlines"},
        {"reason": "x" * 501},
    ],
)
def test_rules_that_cannot_be_meant_are_malformed(asker: Asker, stated: Any) -> None:
    assert asker.lay(**stated).status_code == 422
    assert asker.policy().json() == NEW


def test_a_group_has_its_agents_and_goes_when_it_is_not_named(
    asker: Asker, acme: Tenant
) -> None:
    asker.lay(groups={"Sales": ["a7"], "Support": []}, rules=[GROUP])
    asker.lay(groups={"Sales": ["a7", "a8"]})

    with scope.reading(acme.id):
        groups = [(group.name, group.agents) for group in UserGroup.objects.all()]
    assert groups == [("Sales", ["a7", "a8"])]


def test_one_tenants_rules_are_not_anothers(asker: Asker, borealis: Tenant) -> None:
    asker.lay(rules=[FORCED])
    other = Asker(borealis)

    assert other.policy().json() == NEW
    assert other.policy(version="1").status_code == 404
    assert other.decision(queue="Support") == (False, "yes", "no_rule")


@pytest.mark.parametrize(
    "scopes", [(Scope.READ, Scope.INTAKE), (Scope.PRIVACY, Scope.CONTENT)]
)
def test_the_rules_need_the_scope_admin(acme: Tenant, scopes: tuple[Scope]) -> None:
    asker = Asker(acme, *scopes)

    assert asker.policy().status_code == 403
    assert asker.lay(rules=[FORCED]).status_code == 403


def test_a_decision_needs_the_scope_intake(acme: Tenant) -> None:
    assert Asker(acme, Scope.ADMIN, Scope.READ).decide().status_code == 403


def test_a_decision_is_made_by_what_is_asked_alone(asker: Asker) -> None:
    asker.lay(rules=[FORCED])

    assert asker.decision(queue="Support", agent="a7") == (True, "yes", "forced")
    assert asker.decision(queue="Other", agent="a7") == (False, "yes", "no_rule")
    assert asker.decision(queue="Support", deny_recording="YES") == (
        False, "no", "deny_recording",
    )  # fmt: skip


def test_a_decision_reads_what_events_told(asker: Asker) -> None:
    asker.lay(rules=[FORCED], consent_needed=True, question="May we?")
    asker.tell(*CALL)

    told = asker.decide(session_id="S1").json()
    assert (told["record"], told["keep"], told["rule"]) == (False, "wait", "consent")
    assert told["ask"] == {"text": "May we?", "version": None}
    asker.tell(event(6, "consent.given", purpose="recording"))
    assert asker.decision(session_id="S1") == (True, "yes", "forced")
    asker.tell(event(7, "variable.set", name="Deny_Recording", value=1))
    assert asker.decision(session_id="S1", consent="yes") == (
        False, "no", "deny_recording",
    )  # fmt: skip


def test_a_refusal_that_a_source_stated_outright_is_heard(
    asker: Asker, acme: Tenant
) -> None:
    """No event tells of it, and no rule can force it."""
    asker.lay(rules=[FORCED])
    Source.of(acme).put(
        "S1", started_at="2026-11-20T09:00:00Z", variables={"deny_recording": True}
    )

    assert asker.decision(session_id="S1", consent="yes") == (
        False, "no", "deny_recording",
    )  # fmt: skip


def test_a_pending_call_is_recorded_and_waits_for_the_save(asker: Asker) -> None:
    asker.lay(rules=[PENDING, {**FORCED, "on": "agent", "name": "a7"}])
    asker.tell(*CALL)

    assert asker.decision(session_id="S1") == (True, "wait", "not_saved")
    asker.tell(event(8, "recording.requested", action="save"))
    assert asker.decision(session_id="S1") == (True, "wait", "saved")
    asker.tell(event(9, "session.ended"))
    assert asker.decision(session_id="S1") == (False, "yes", "saved")


def test_a_manual_start_is_for_the_active_party_with_the_right(asker: Asker) -> None:
    asker.lay(rules=[GROUP], groups={"Sales": ["a7", "a8"]}, acceptance_needed=True)
    start = {"action": "start", "informed": True, "accepted": "true"}
    asker.tell(*CALL)

    assert asker.decision(session_id="S1", manual=start) == (True, "yes", "manual")
    unknown = {"action": "start", "informed": True}
    assert asker.decision(session_id="S1", manual=unknown)[2] == "not_accepted"
    assert asker.decision(session_id="S1", agent="a8", manual=start)[2] == "consulted"
    asker.tell(event(9, "agent.disconnected", agent="a7"))
    assert asker.decision(session_id="S1", agent="a8", manual=start)[0]
    assert asker.decision(session_id="S1", agent="a9", manual=start)[2] == "no_rule"


def test_between_agents_it_is_whoever_called(asker: Asker) -> None:
    asker.lay(rules=[{**FORCED, "on": "agent", "name": "a7"}])
    ask = {"direction": "internal", "agent": "a8"}

    told = asker.decide(**ask, initiator="a7").json()
    assert (told["record"], told["agent"]) == (True, "a7")
    assert asker.decision(**ask, initiator="a8") == (False, "yes", "initiator")


@pytest.mark.parametrize(
    "asked", [{"party": "guest"}, {"colour": "blue"}, {"session_id": "a\nb"}, []]
)
def test_a_question_that_cannot_be_understood_is_malformed(
    asker: Asker, asked: Any
) -> None:
    answer = asker.client.post("/api/v1/recording-decisions", asked, JSON)

    assert answer.status_code == 422


def test_a_decision_changes_nothing_and_leaves_no_entry(
    asker: Asker, acme: Tenant
) -> None:
    asker.lay(rules=[FORCED])
    asker.tell(*CALL)
    with scope.reading(acme.id):
        before = Entry.objects.count()

    asker.decide(session_id="S1", consent="no")

    assert asker.decision(session_id="S1")[0]
    with scope.reading(acme.id):
        assert Entry.objects.count() == before


def test_a_decision_takes_as_few_statements_however_much_is_held(
    asker: Asker,
) -> None:
    asker.lay(rules=[FORCED])

    def statements(session: str) -> int:
        asker.tell(*[{**one, "session_id": session} for one in CALL])
        asker.decide(session_id=session)
        with CaptureQueriesContext(connection) as captured:
            asker.decide(session_id=session)
        return len(captured)

    first = statements("S1")
    for n in range(2, 30):
        asker.tell(*[{**one, "session_id": f"S{n}"} for one in CALL])

    assert statements("S30") == first <= 12
