"""Storage times over HTTP."""

import msgspec
import pytest
from django.test import Client

from tests.cast import make_token
from tests.lifecycle.archive_of_ages import lay_ages
from valv.api.auth import clock
from valv.api.retention import Preview, PreviewStated, RulesShown, RulesStated
from valv.core.permissions import Scope
from valv.core.retention import Stored
from valv.lifecycle import nightly
from valv.tenants.models import Tenant
from valv.tenants.queries import TIMES

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(tenant: Tenant, *scopes: Scope) -> Client:
    token = make_token(tenant, scopes=scopes or tuple(Scope))
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_a_new_tenant_keeps_180_14_and_30_days(acme: Tenant) -> None:
    answer = client_of(acme).get("/api/v1/retention").json()

    assert answer == {
        "general": 180,
        "recordings": 14,
        "restricted": None,
        "chat_logs": 30,
        "transcripts": None,
        "surveys": None,
        "raw_events": None,
        "log_entries": 92,
        "scores": 0,
    }


def test_a_class_that_is_not_named_stays_as_it_is(acme: Tenant) -> None:
    client = client_of(acme)
    client.put("/api/v1/retention", {"recordings": 7}, "application/json")

    answer = client.get("/api/v1/retention").json()

    assert (answer["general"], answer["recordings"]) == (180, 7)


@pytest.mark.parametrize("days", [-1, "two", 1.5, True, 10**9])
def test_a_time_that_is_none_is_malformed(acme: Tenant, days: object) -> None:
    answer = client_of(acme).put(
        "/api/v1/retention", {"recordings": days}, "application/json"
    )

    assert answer.status_code == 422
    assert client_of(acme).get("/api/v1/retention").json()["recordings"] == 14


def test_general_information_cannot_be_left_unset(acme: Tenant) -> None:
    answer = client_of(acme).put(
        "/api/v1/retention", {"general": None}, "application/json"
    )

    assert answer.status_code == 422


def test_storage_times_need_the_scope_admin(acme: Tenant) -> None:
    client = client_of(acme, Scope.READ, Scope.INTAKE, Scope.CONTENT)

    assert client.get("/api/v1/retention").status_code == 403


def test_one_tenants_times_are_not_anothers(acme: Tenant, borealis: Tenant) -> None:
    client_of(acme).put("/api/v1/retention", {"general": 5}, "application/json")

    assert client_of(borealis).get("/api/v1/retention").json()["general"] == 180


RULE = {
    "name": "Claims",
    "queue": ["Claims"],
    "times": {"recordings": 90, "surveys": "forever"},
    "minimum": {"recordings": 30},
    "decision": {"number": "2026/114", "on": "2026-09-01"},
}


def test_rules_are_answered_as_they_are_described(acme: Tenant) -> None:
    client = client_of(acme)
    stated = {"rules": [RULE], "minimum": {"general": 7}, "decision": {"number": "1"}}
    client.put("/api/v1/settings/retention", {"wait_days": 1, "two_persons": True},
               "application/json")  # fmt: skip
    put = client.put("/api/v1/retention/rules", stated, "application/json")
    seen = client.post("/api/v1/retention/preview", stated, "application/json")

    assert (put.status_code, put.json()["waiting"]["rules"]) == (202, [RULE])
    for answer, type_ in ((put, RulesShown), (seen, Preview)):
        read = msgspec.json.decode(answer.content, type=type_)
        assert msgspec.json.decode(msgspec.json.encode(read)) == answer.json()


@pytest.mark.parametrize(
    "stated",
    [
        {"unknown": 1},
        {"rules": [{**RULE, "times": {"log_entries": 1}}]},
        {"rules": [{**RULE, "minimum": {"recordings": 91}}]},
        {"rules": [RULE] * 31},
        {"minimum": {"scores": 1}},
        {"applies_to": "some"},
    ],
)
def test_rules_that_cannot_be_meant_are_malformed(
    acme: Tenant, stated: dict[str, object]
) -> None:
    client = client_of(acme)

    for method, path in ((client.put, "rules"), (client.post, "preview")):
        answer = method(f"/api/v1/retention/{path}", stated, "application/json")
        assert answer.status_code == 422


def test_a_preview_takes_general_times_by_their_names(acme: Tenant) -> None:
    lay_ages(acme, clock(), (9,))

    def goes(**stated: object) -> int:
        answer = client_of(acme).post(
            "/api/v1/retention/preview", stated, "application/json"
        )
        return int(answer.json()["recordings"])

    assert [goes(), goes(recordings=5), goes(times={"recordings": 5})] == [0, 1, 1]


def test_a_preview_is_of_every_class_that_has_a_time() -> None:
    """OpenAPI names them one by one; whoever adds a class is told here."""
    asked = set(PreviewStated.__struct_fields__) - set(RulesStated.__struct_fields__)
    told = set(Preview.__struct_fields__)

    assert asked == set(TIMES) == set(Stored)
    assert told == {*nightly.CLASSES, "date", "classes"} > set(Stored)
