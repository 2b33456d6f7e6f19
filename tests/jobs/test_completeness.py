"""Telling a webhook that more is missing than before: decided once, told till taken."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from tests.archive.asking import caller_at
from tests.peers.receiver import Receiver, receiving
from valv.archive.models import Queue
from valv.core.completeness import Gap, Patience
from valv.core.errors import Malformed
from valv.intake import deliveries
from valv.intake.models import DayCount, Delivery
from valv.intake.patience import check_address, set_completeness, setting_in_force
from valv.intake.worsening import tell_worse
from valv.jobs.completeness import tell
from valv.jobs.findings import LACKING, findings_of
from valv.storage import scope
from valv.tenants.models import Tenant

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(acme: Tenant) -> Iterator[Receiver]:
    """A system that Acme wants told."""
    with receiving() as found:
        set_completeness(caller_at(acme), Patience(), webhook=found.url, now=NOW)
        yield found


def lay_days(tenant: Tenant, missing: int) -> None:
    """A week of which a hundredth was missing, and a day that is otherwise."""
    with scope.writing(tenant.id):
        for age in range(8):
            DayCount.objects.create(
                date=DAY - timedelta(days=age),
                interactions=100,
                expected=200,
                gaps={"recording": missing if age == 0 else 2},
                counted_at=NOW,
            )


def told_of(tenant: Tenant, *, now: datetime = NOW) -> None:
    tell_worse(tenant, [DAY], now=now)
    tell(tenant, now=now)


def waiting(tenant: Tenant) -> list[Delivery]:
    with scope.reading(tenant.id):
        return list(Delivery.objects.order_by("id"))


def test_a_worse_day_is_told_once_with_figures_alone(
    acme: Tenant, receiver: Receiver
) -> None:
    lay_days(acme, missing=40)

    told_of(acme)
    told_of(acme, now=NOW + timedelta(hours=1))

    ((_, headers, body),) = receiver.came
    assert json.loads(body) == {
        "id": str(waiting(acme)[0].id),
        "type": "completeness.worse",
        "tenant": "acme",
        "day": "2026-11-20",
        "interactions": 100,
        "expected": 200,
        "missing": 40,
        "share": 0.2,
        "share_before": 0.01,
        "gaps": {"recording": 40},
    }
    with scope.reading(acme.id):
        assert setting_in_force().secret not in str(headers) + body.decode()


def test_a_usual_day_is_not_told(acme: Tenant, receiver: Receiver) -> None:
    lay_days(acme, missing=9)

    told_of(acme)

    assert receiver.came == []
    assert waiting(acme) == []


def test_without_a_webhook_the_day_is_marked_all_the_same(acme: Tenant) -> None:
    lay_days(acme, missing=40)

    told_of(acme)

    assert waiting(acme) == []
    with scope.reading(acme.id):
        assert DayCount.objects.get(date=DAY).worse_at == NOW


def test_what_is_not_taken_is_tried_less_and_less_often_and_given_up(
    acme: Tenant, receiver: Receiver
) -> None:
    lay_days(acme, missing=40)
    receiver.status, now, tries = 500, NOW, []
    tell_worse(acme, [DAY], now=now)

    for _ in range(20):
        tell(acme, now=now)
        due_at = waiting(acme)[0].due_at
        if due_at is None:
            break
        tries.append(due_at - now)
        now = due_at

    assert tries == list(deliveries.WAITS)
    assert len(receiver.came) == 8
    assert waiting(acme)[0].failure == "status 500"


def test_it_is_not_tried_before_its_time(acme: Tenant, receiver: Receiver) -> None:
    lay_days(acme, missing=40)
    receiver.status = 500
    told_of(acme)
    receiver.status = 204

    tell(acme, now=NOW + timedelta(seconds=59))
    assert len(receiver.came) == 1

    tell(acme, now=NOW + timedelta(seconds=60))
    assert len(receiver.came) == 2
    assert waiting(acme)[0].taken_at == NOW + timedelta(seconds=60)


def test_a_crash_after_it_was_sent_sends_it_again(
    acme: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise SystemExit

    lay_days(acme, missing=40)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "taken", crash)
        with pytest.raises(SystemExit):
            told_of(acme)

    tell(acme, now=NOW + timedelta(minutes=4))
    assert len(receiver.came) == 1

    tell(acme, now=NOW + timedelta(minutes=5))
    assert len(receiver.came) == 2
    assert receiver.came[0][2] == receiver.came[1][2]


def test_a_new_secret_signs_from_then_on(acme: Tenant, receiver: Receiver) -> None:
    with scope.reading(acme.id):
        before = setting_in_force().secret

    set_completeness(
        caller_at(acme), Patience(), webhook=receiver.url, now=NOW, new_secret=True
    )

    with scope.reading(acme.id):
        assert setting_in_force().secret != before


def test_the_doctor_says_so_in_a_line_each(acme: Tenant) -> None:
    lay_days(acme, missing=40)
    with scope.writing(acme.id):
        Queue.objects.create(name="Support", confirmed_at=NOW)
        Queue.objects.create(name="Sales")

    said = list(findings_of(acme, now=NOW))

    worse, recordings, queues = said
    assert "of 2026-11-20 40 of 200 parts are missing (20.0%)" in worse
    assert "week before it 1.0%" in worse
    assert recordings == (
        "Tenant “acme”, last 7 days, recordings that were announced and have not come:"
        " 52."
    )
    assert queues.startswith("Tenant “acme”, queues that nobody has confirmed: 1.")
    assert set(LACKING) == set(Gap)


def test_where_nothing_is_missing_the_doctor_says_nothing(acme: Tenant) -> None:
    assert list(findings_of(acme, now=NOW)) == []


@pytest.mark.parametrize(
    ("url", "hosts", "is_allowed"),
    [
        ("https://hook.example/x", [], True),
        ("https://10.0.0.1:8443/", [], True),
        ("http://127.0.0.1:9/x", [], True),
        ("http://localhost/x", [], True),
        ("http://[::1]:9/", [], True),
        ("http://hook.example/x", [], False),
        ("http://169.254.169.254/", [], False),
        ("http://hook.example/x", ["hook.example"], True),
        ("https://other.example/x", ["hook.example"], False),
        ("http://127.0.0.1/x", ["hook.example"], False),
        ("ftp://hook.example/x", ["hook.example"], False),
        ("https://user@hook.example/", [], False),
        ("https://hook.example:x/", [], False),
        ("https:///x", [], False),
        ("https://hook.example/a b", [], False),
        ("https://hook.example/" + "x" * 500, [], False),
        ("file:///etc/passwd", [], False),
    ],
)
def test_where_news_may_be_sent(
    settings: Settings, url: str, hosts: list[str], *, is_allowed: bool
) -> None:
    settings.VALV_WEBHOOK_HOSTS = hosts

    if is_allowed:
        check_address(url)
    else:
        with pytest.raises(Malformed):
            check_address(url)


def test_what_the_operator_forbids_later_is_not_called(
    acme: Tenant, receiver: Receiver, settings: Settings
) -> None:
    lay_days(acme, missing=40)
    settings.VALV_WEBHOOK_HOSTS = ["hook.example"]

    told_of(acme)

    assert receiver.came == []
    assert "may not be called" in waiting(acme)[0].failure
