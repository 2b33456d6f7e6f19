"""API tokens over HTTP: made, given a new secret, revoked, and how long they live."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client

from tests.api.conftest import Asker
from valv.api.auth import clock
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants.models import Tenant, Token
from valv.tenants.queries import hash_of

YEAR = timedelta(days=365)


def tell(ask: Asker, method: str, path: str, **body: Any) -> Any:
    return ask(method, path, data=msgspec.json.encode(body))


def make(ask: Asker, **more: Any) -> Any:
    asked = {"name": "pbx", "scopes": ["read"], **more}
    return tell(ask, "POST", "/tokens", **asked)


def status_of(secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return Client().get("/api/v1/interactions", headers=headers).status_code


def changed(tenant: Tenant, token: str, **columns: Any) -> None:
    with scope.writing(tenant.id):
        Token.objects.filter(id=int(token)).update(**columns)


def test_a_token_lives_a_year_and_only_its_hash_is_kept(
    ask: Asker, acme: Tenant
) -> None:
    made = make(ask)
    told = made.json()

    assert (made.status_code, status_of(told["secret"])) == (201, 200)
    (listed, *_) = ask("GET", "/tokens").json()["items"]
    assert listed == {k: v for k, v in told.items() if k != "secret"} | {
        "last_used_at": listed["last_used_at"]
    }
    assert listed["last_used_at"] is not None
    with scope.reading(acme.id):
        row = Token.objects.get(id=int(told["id"]))
    assert row.expires_at == row.created_at + YEAR
    assert bytes(row.hash) == hash_of(told["secret"])
    assert told["secret"] not in repr(vars(row))


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"expires_in_days": "never"}, 201),
        ({"expires_in_days": 3650}, 201),
        ({"expires_in_days": 3651}, 422),
        ({"expires_in_days": "soon"}, 422),
        ({"expires_in_days": 0}, 422),
        ({"name": "070-123 45 67"}, 422),
        ({"scopes": []}, 422),
        ({"scopes": ["root"]}, 422),
        ({"secret": "mine"}, 422),
    ],
)
def test_what_may_be_asked_of_a_token(ask: Asker, more: Any, status: int) -> None:
    assert make(ask, **more).status_code == status


def test_a_tenant_bounds_how_long_its_tokens_live(ask: Asker) -> None:
    before = make(ask, expires_in_days="never").json()

    put = tell(ask, "PUT", "/settings/tokens", longest_days=90)

    assert put.json() == ask("GET", "/settings/tokens").json() == {"longest_days": 90}
    assert make(ask, expires_in_days="never").status_code == 422
    assert make(ask, expires_in_days=91).status_code == 422
    made = make(ask).json()
    assert made["expires_at"] < msgspec.json.decode(msgspec.json.encode(clock() + YEAR))
    again = tell(ask, "POST", f"/tokens/{before['id']}/rotation").json()
    assert (before["expires_at"], again["expires_at"] is None) == (None, False)
    *_, entry = ask.entries("setting")[:-3], ask.entries("setting")[-3]
    assert entry.details["setting"] == "token_life"
    assert entry.details["changes"] == [{"what": "days", "from": None, "to": 90}]


def test_a_longest_life_is_a_number_of_days(ask: Asker) -> None:
    assert tell(ask, "PUT", "/settings/tokens", longest_days=0).status_code == 422
    assert tell(ask, "PUT", "/settings/tokens").status_code == 422


@pytest.mark.parametrize("scopes", [["read"], ["admin", "read"], ["content"]])
def test_a_token_is_never_given_a_right_that_its_maker_lacks(
    acme: Tenant, scopes: list[str]
) -> None:
    maker = Asker(acme, [Scope.ADMIN])

    assert make(maker, scopes=["admin"]).status_code == 201
    refused = make(maker, scopes=scopes)
    assert (refused.status_code, refused.json()["title"]) == (403, "Not permitted")


def test_nor_by_a_new_secret_for_one_that_has_more(ask: Asker, acme: Tenant) -> None:
    more = make(ask, scopes=["read", "content"]).json()
    maker = Asker(acme, [Scope.ADMIN])

    refused = tell(maker, "POST", f"/tokens/{more['id']}/rotation")

    assert (refused.status_code, status_of(more["secret"])) == (403, 200)


def test_an_old_secret_lives_on_for_its_hours(ask: Asker, acme: Tenant) -> None:
    old = make(ask).json()

    new = tell(ask, "POST", f"/tokens/{old['id']}/rotation", keep_hours=2).json()

    assert new["id"] == old["id"]
    assert [status_of(old["secret"]), status_of(new["secret"])] == [200, 200]
    changed(acme, old["id"], previous_until=clock() - timedelta(milliseconds=1))
    assert [status_of(old["secret"]), status_of(new["secret"])] == [401, 200]
    with scope.reading(acme.id):
        assert Token.objects.get(id=int(old["id"])).previous_until < clock()


def test_an_old_secret_ends_at_once_if_so_asked_and_no_two_live_on(ask: Asker) -> None:
    first = make(ask).json()
    path = f"/tokens/{first['id']}/rotation"
    second = tell(ask, "POST", path, keep_hours=5).json()
    third = tell(ask, "POST", path, keep_hours=5).json()
    fourth = tell(ask, "POST", path, keep_hours=0).json()

    secrets = [one["secret"] for one in (first, second, third, fourth)]
    assert list(map(status_of, secrets)) == [401, 401, 401, 200]


def test_an_old_secret_never_outlives_what_it_was(ask: Asker, acme: Tenant) -> None:
    old = make(ask).json()
    ends = clock() + timedelta(minutes=5)
    changed(acme, old["id"], expires_at=ends)

    new = tell(ask, "POST", f"/tokens/{old['id']}/rotation", keep_hours=168).json()

    assert new["previous_until"] < new["expires_at"]
    with scope.reading(acme.id):
        assert Token.objects.get(id=int(old["id"])).previous_until == ends


def test_a_revoked_token_lets_nobody_in_by_either_secret(ask: Asker) -> None:
    old = make(ask).json()
    new = tell(ask, "POST", f"/tokens/{old['id']}/rotation").json()

    gone = [ask("DELETE", f"/tokens/{old['id']}").status_code for _ in range(2)]

    assert gone == [204, 204]
    assert [status_of(old["secret"]), status_of(new["secret"])] == [401, 401]
    assert tell(ask, "POST", f"/tokens/{old['id']}/rotation").status_code == 409
    told = [entry.details["setting"] for entry in ask.entries("setting")][-3:]
    assert told == ["token", "token_rotated", "token_revoked"]


def test_a_token_that_has_ended_gets_no_new_secret(ask: Asker, acme: Tenant) -> None:
    old = make(ask).json()
    changed(acme, old["id"], expires_at=clock())

    assert tell(ask, "POST", f"/tokens/{old['id']}/rotation").status_code == 409
    assert status_of(old["secret"]) == 401
    (listed, *_) = ask("GET", "/tokens").json()["items"]
    assert listed["state"] == "ended"


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 40, "x", "-1"])
def test_what_is_no_token_is_not_there(ask: Asker, number: str) -> None:
    assert ask("DELETE", f"/tokens/{number}").status_code == 404
    assert tell(ask, "POST", f"/tokens/{number}/rotation").status_code == 404


def test_anothers_token_is_not_there(ask: Asker, stranger: Asker) -> None:
    made = make(ask).json()

    assert stranger("DELETE", f"/tokens/{made['id']}").status_code == 404
    assert tell(stranger, "POST", f"/tokens/{made['id']}/rotation").status_code == 404
    names = [one["id"] for one in stranger("GET", "/tokens").json()["items"]]
    assert (made["id"] in names, status_of(made["secret"])) == (False, 200)


def test_who_may_not_is_refused(acme: Tenant) -> None:
    ask = Asker(acme, [Scope.READ])

    assert ask("GET", "/tokens").status_code == 403
    assert make(ask).status_code == 403
