"""The page of API tokens."""

import re

import pytest

from tests.api.test_tokens import status_of
from tests.portal.visiting import Visitor, text_of
from valv.core.permissions import Right, Scope
from valv.storage import scope
from valv.tenants.models import Tenant, Token, User
from valv.tenants.tokens import tokens_of

FORM = {"name": "Växeln", "scope": ["intake", "read"], "days": "30"}
SECRET = re.compile(r"valv_[\w-]{43}")


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


def secret_in(answer: object) -> str:
    (secret,) = SECRET.findall(text_of(answer))
    return str(secret)


def newest(tenant: Tenant) -> Token:
    return tokens_of(tenant)[0]


def test_a_secret_is_shown_once(administrator: Visitor, acme: Tenant) -> None:
    made = administrator.post("/tokens", **FORM)

    assert made.status_code == 200
    assert made["Cache-Control"] == "no-store"
    assert status_of(secret_in(made)) == 200
    later = text_of(administrator.get("/tokens"))
    assert SECRET.findall(later) == []
    assert "Växeln" in later
    assert newest(acme).scopes == ["intake", "read"]


def test_a_new_secret_and_the_end_of_both(administrator: Visitor, acme: Tenant) -> None:
    old = secret_in(administrator.post("/tokens", **FORM))
    at = f"/tokens/{newest(acme).id}"

    new = secret_in(administrator.post(f"{at}/rotate"))
    assert [status_of(old), status_of(new)] == [200, 200]
    newer = secret_in(administrator.post(f"{at}/rotate", at_once="on"))
    assert [status_of(old), status_of(new), status_of(newer)] == [401, 401, 200]
    assert administrator.post(f"{at}/revoke").status_code == 303
    assert status_of(newer) == 401
    page = text_of(administrator.get("/tokens"))
    assert f"{at}/rotate" not in page
    assert administrator.post(f"{at}/rotate").status_code == 303
    said = [entry.details["setting"] for entry in administrator.entries("setting")]
    assert said[-4:] == ["token", "token_rotated", "token_rotated", "token_revoked"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "anna@example.com"}, "e-name"),
        ({"scope": []}, "e-scope"),
        ({"scope": ["root"]}, "e-scope"),
        ({"days": "4000"}, "e-days"),
        ({"days": "soon"}, "e-days"),
    ],
)
def test_what_cannot_be_is_told_where_it_stands(
    administrator: Visitor, acme: Tenant, change: dict[str, object], place: str
) -> None:
    answer = administrator.post("/tokens", **{**FORM, **change})

    assert answer.status_code == 422
    assert f'id="{place}"' in text_of(answer)
    assert tokens_of(acme) == []


def test_without_end_must_be_asked_for_and_may_be_forbidden(
    administrator: Visitor, acme: Tenant
) -> None:
    administrator.post("/tokens", **FORM, never="on")
    assert newest(acme).expires_at is None

    assert administrator.post("/tokens/life", longest_days="90").status_code == 303
    assert 'name="never"' not in text_of(administrator.get("/tokens"))
    assert administrator.post("/tokens", **FORM, never="on").status_code == 422
    assert administrator.post("/tokens/life", longest_days="0").status_code == 422
    assert administrator.post("/tokens/life", longest_days="").status_code == 303


def test_only_scopes_are_offered_that_one_may_give(acme: Tenant, alma: User) -> None:
    keep = {Right.TOKENS, Right.SEE, Right.EXPORT, Right.SURVEYS, Right.RAW_DATA}
    with scope.writing(acme.id):
        User.objects.filter(id=alma.id).update(rights=[right.value for right in keep])
    visitor = Visitor().enters(alma)

    page = text_of(visitor.get("/tokens"))

    assert [s for s in Scope if f'value="{s.value}"' in page] == [Scope.READ]
    assert visitor.post("/tokens", **FORM).status_code == 403
    assert tokens_of(acme) == []


def test_the_page_is_for_those_who_may_give_tokens(cleo: User, dag: User) -> None:
    visitor = Visitor().enters(cleo)
    assert visitor.get("/tokens").status_code == 403
    assert visitor.post("/tokens", **FORM).status_code == 403
    assert 'href="/tokens"' not in text_of(visitor.get("/search"))


def test_anothers_token_is_not_there(
    administrator: Visitor, acme: Tenant, dag: User
) -> None:
    secret = secret_in(administrator.post("/tokens", **FORM))
    stranger = Visitor().enters(dag)
    for act in ("rotate", "revoke"):
        theirs = stranger.post(f"/tokens/{newest(acme).id}/{act}").status_code
        nobodys = stranger.post(f"/tokens/{10**20}/{act}").status_code
        assert theirs == nobodys == 404

    assert status_of(secret) == 200
