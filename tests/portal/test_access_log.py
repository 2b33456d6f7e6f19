"""The access log: who came in and who tried, as page and over HTTP, until its time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.api.conftest import Asker
from tests.cast import NOW, OPERATOR, PASSWORD
from tests.portal.visiting import Visitor, text_of
from valv.audit.models import Entry
from valv.core.networks import Kept
from valv.core.sign_in_rules import SignInRules
from valv.lifecycle import nightly
from valv.storage import scope
from valv.tenants.models import AccessEntry, Tenant, User
from valv.tenants.signin_settings import set_sign_in


def entries(tenant: Tenant) -> list[AccessEntry]:
    with scope.reading(tenant.id):
        return list(AccessEntry.objects.order_by("id"))


def try_in(address: str, typed: str = "wrong") -> None:
    told = {"username": address, "password": typed}
    Client(REMOTE_ADDR="203.0.113.7").post("/sign-in", told)


def test_good_and_bad_are_entered(acme: Tenant, bo: User) -> None:
    try_in(bo.email)
    try_in("nobody@elsewhere.example")
    try_in(bo.email, PASSWORD)

    found = [(one.user_id, one.went_well, one.network) for one in entries(acme)]

    assert found == [
        (bo.id, False, "203.0.113.0/24"),
        (None, False, "203.0.113.0/24"),
        (bo.id, True, "203.0.113.0/24"),
    ]


def test_of_an_unknown_address_nothing_is_kept(acme: Tenant, bo: User) -> None:
    try_in("070-174 06 05@elsewhere.example")

    assert "elsewhere" not in repr(list(entries(acme)[0].__dict__.values()))


def test_nobody_knows_whose_an_unknown_address_is_among_several_tenants(
    acme: Tenant, borealis: Tenant
) -> None:
    try_in("nobody@elsewhere.example")

    assert entries(acme) == entries(borealis) == []


@pytest.mark.parametrize(
    ("how", "kept"), [(Kept.WHOLE, "203.0.113.7"), (Kept.NOTHING, "")]
)
def test_the_tenant_says_how_much_of_an_address_is_kept(
    acme: Tenant, bo: User, how: Kept, kept: str
) -> None:
    set_sign_in(acme, SignInRules(network=how), actor=OPERATOR, now=NOW)
    try_in(bo.email, PASSWORD)

    assert [one.network for one in entries(acme)] == [kept]


def test_the_page_begins_with_the_latest_and_leads_to_the_older(
    acme: Tenant, alma: User
) -> None:
    with scope.writing(acme.id):
        for n in range(25):
            at = NOW + timedelta(minutes=n)
            AccessEntry.objects.create(
                at=at, how="password", went_well=False, browser=f"b{n:02}", network=""
            )
    visitor = Visitor().enters(alma)

    page = text_of(visitor.get("/access-log"))
    older = page.partition("/access-log?before=")[2].partition('"')[0]
    rest = text_of(visitor.get(f"/access-log?before={older}"))

    assert page.count("<li><span>") == 20
    assert rest.count("<li><span>") == 6
    assert "b00" in rest
    assert visitor.get("/access-log?before=x").status_code == 400


def test_reading_it_is_entered(alma: User) -> None:
    visitor = Visitor().enters(alma)
    visitor.get("/access-log")

    assert [one.details for one in visitor.entries("log")] == [{"log": "access"}]


def test_only_who_sees_to_users_reads_it(bo: User) -> None:
    assert Visitor().enters(bo).get("/access-log").status_code == 403


def test_over_http_it_is_the_same(acme: Tenant, bo: User) -> None:
    ask = Asker(acme)
    try_in("nobody@elsewhere.example")
    try_in(bo.email, PASSWORD)

    first = ask("GET", "/access-log?limit=1").json()
    second = ask("GET", f"/access-log?limit=1&cursor={first['next']}").json()

    assert first["items"][0]["user"] == "Bo"
    assert first["items"][0]["went_well"] is True
    assert second["items"][0]["user"] is None
    assert ask("GET", "/access-log?cursor=x").status_code == 422


def test_a_night_takes_what_is_past_its_time(acme: Tenant, bo: User) -> None:
    now = datetime.now(UTC)
    set_sign_in(acme, SignInRules(log_days=10), actor=OPERATOR, now=NOW)
    with scope.writing(acme.id):
        for days in (9, 11, 400):
            AccessEntry.objects.create(
                at=now - timedelta(days=days), how="password", went_well=True,
                browser=str(days), network="",
            )  # fmt: skip

    nightly.run(acme, nightly.today(acme, now), now=now)

    assert [one.browser for one in entries(acme)] == ["9"]


def test_a_failure_of_the_log_lets_nobody_in(
    bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both logs and the sign-in stand or fall together."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("valv.tenants.sign_ins.note_access", broken)
    visitor = Visitor()
    visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert visitor.get("/search").status_code == 302
    with scope.reading(bo.tenant_id):
        assert not Entry.objects.filter(action="sign_in").exists()
