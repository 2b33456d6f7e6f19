"""Making tenants, users and tokens: what is refused, on both databases alike."""

from typing import Any

import pytest

from tests.cast import NOW
from valv.core.errors import Conflict, Malformed
from valv.core.people import SYSTEM
from valv.core.permissions import Right, Scope
from valv.tenants.models import Tenant
from valv.tenants.operations import check_address_is_free, create_tenant, create_user
from valv.tenants.queries import tenant_by_slug
from valv.tenants.tokens import create_token

PLACE = {"name": "New", "region": "SE", "timezone": "Europe/Stockholm"}
LOGIN = {"email": "new@example.com", "password": "a-long-enough-password"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "a b"}, "tenant"),
        ({"slug": "a" * 41}, "tenant"),
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"region": "ZZ"}, "region"),
        ({"region": "SWE"}, "region"),
        ({"timezone": "Mars/Base"}, "timezone"),
    ],
)
def test_a_tenant_that_cannot_be_is_malformed(
    acme: Tenant, change: dict[str, Any], field: str
) -> None:
    told: dict[str, Any] = {"slug": "new", **PLACE, **change}
    with pytest.raises(Malformed) as raised:
        create_tenant(told.pop("slug"), **told, actor=SYSTEM, now=NOW)
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 60 + "@" + "b." * 100 + "example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a\0"}, "name"),
    ],
)
def test_a_user_that_cannot_be_is_malformed(
    acme: Tenant, change: dict[str, str], field: str
) -> None:
    told: dict[str, Any] = {**LOGIN, **change}
    with pytest.raises(Malformed) as raised:
        create_user(acme, **told, rights=[Right.SEE], actor=SYSTEM, now=NOW)
    assert raised.value.field == field


def test_an_address_is_taken_once_in_the_installation(
    acme: Tenant, borealis: Tenant
) -> None:
    create_user(acme, **LOGIN, rights=[], actor=SYSTEM, now=NOW)

    with pytest.raises(Conflict):
        check_address_is_free(LOGIN["email"].upper())
    with pytest.raises(Conflict):
        create_user(borealis, **LOGIN, rights=[], actor=SYSTEM, now=NOW)


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [
        ("", [Scope.READ], "name"),
        ("a" * 101, [Scope.READ], "name"),
        ("070-123 45 67", [Scope.READ], "name"),
        ("anna@example.com", [Scope.READ], "name"),
        ("a", [], "scope"),
    ],
)
def test_a_token_has_a_name_and_a_scope(
    acme: Tenant, name: str, scopes: list[Scope], field: str
) -> None:
    with pytest.raises(Malformed) as raised:
        create_token(
            acme, name=name, scopes=scopes, within=Right, actor=SYSTEM, now=NOW
        )
    assert raised.value.field == field


def test_of_several_tenants_one_must_be_named(acme: Tenant, borealis: Tenant) -> None:
    with pytest.raises(Malformed):
        tenant_by_slug(None)
    assert tenant_by_slug("acme") == acme
