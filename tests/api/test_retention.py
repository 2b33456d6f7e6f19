"""Storage times over HTTP."""

import pytest
from django.test import Client

from tests.cast import make_token
from valv.core.permissions import Scope
from valv.tenants.models import Tenant

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
