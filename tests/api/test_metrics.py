"""Figures for a monitor: to whom they are told, and that they are about nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from valv.api.auth import clock
from valv.core.moments import local_date, zone_named
from valv.intake.models import DayCount
from valv.storage import scope
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = {"REMOTE_ADDR": "127.0.0.1"}, {"REMOTE_ADDR": "192.0.2.7"}
Told = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def ask(client: Client, method: str = "GET", **place: Any) -> Any:
    return client.generic(method, "/metrics", **place)


def told(client: Client) -> Told:
    answer = ask(client, **HERE)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_the_figures_are_those_that_were_counted(client: Client, acme: Tenant) -> None:
    now = clock()
    today = local_date(now, zone=zone_named(acme.timezone))
    with scope.writing(acme.id):
        for age, missing in ((0, 9), (1, 1), (2, 0)):
            DayCount.objects.create(
                date=today - timedelta(days=age),
                interactions=10,
                expected=30,
                gaps={"recording": missing},
                counted_at=now,
            )

    found = told(client)

    def of(day: str, **more: str) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({"tenant": "acme", "day": day, **more}.items()))

    assert found["valv_completeness_expected", of("today")] == 30
    recordings = of("yesterday", gap="recording")
    assert found["valv_completeness_missing", recordings] == 1
    assert found["valv_completeness_worse", of("today")] == 1
    assert found["valv_completeness_worse", of("yesterday")] == 0
    counted = "valv_completeness_counted_timestamp_seconds", (("tenant", "acme"),)
    assert found[counted] == pytest.approx(now.timestamp())
    assert found["valv_webhook_waiting", (("tenant", "acme"),)] == 0


@pytest.mark.parametrize(
    ("place", "token", "proxy", "given", "status"),
    [
        (HERE, "", False, "", 200),
        (ELSEWHERE, "", False, "", 404),
        (HERE, "", True, "", 404),
        (HERE, "t0ken", False, "", 404),
        (HERE, "t0ken", False, "Bearer other", 404),
        (ELSEWHERE, "t0ken", False, "Bearer t0ken", 200),
        (ELSEWHERE, "t0ken", True, "Bearer t0ken", 200),
        (ELSEWHERE, "", False, "Bearer ", 404),
        ({"REMOTE_ADDR": ""}, "", False, "", 404),
        ({"REMOTE_ADDR": "::1"}, "", False, "", 200),
    ],
)
def test_they_are_told_to_this_machine_or_for_the_token(
    client: Client,
    settings: Settings,
    acme: Tenant,
    place: dict[str, str],
    token: str,
    given: str,
    status: int,
    *,
    proxy: bool,
) -> None:
    settings.VALV_METRICS_TOKEN, settings.VALV_TRUSTED_PROXY = token, proxy

    answer = ask(client, **place, headers={"Authorization": given} if given else {})

    assert answer.status_code == status
    assert (b"acme" in answer.content) is (status == 200)


def test_they_are_only_read(client: Client, acme: Tenant) -> None:
    assert ask(client, "POST", **HERE).status_code == 405
