"""What a provider's groups do to the last one who sees to users."""

import pytest

from tests.cast import NOW, make_user
from valv.audit.models import Entry
from valv.core.inheritance import Stated
from valv.core.permissions import Right, Role
from valv.core.sign_in_rules import MappedGroup, Provider
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.rights import held_by
from valv.tenants.signin import caller_of_user
from valv.tenants.users import add_group
from valv.tenants.vouched import user_vouched_for

CLAIMS = {"sub": "1", "email": "alma@acme.example", "email_verified": True}


@pytest.fixture
def provider(alma: User) -> Provider:
    """By which staff is in a group that denies seeing to users."""
    takes = Stated(deny=(Right.USERS,))
    group = add_group(caller_of_user(alma), "Staff", stated=takes, now=NOW)
    with scope.writing(alma.tenant_id):  # what Alma has she has by what all inherit
        Tenant.objects.update(stated='{"grant":["users"]}')
        User.objects.filter(id=alma.id).update(rights=["see"])
    mapped = (MappedGroup(claim="staff", group=group.id),)
    issuer = "https://id.example"
    return Provider(issuer=issuer, client_id="valv", label="ID", groups=mapped)


def enters(tenant: Tenant, provider: Provider) -> User | None:
    return user_vouched_for(tenant, provider, {**CLAIMS, "groups": ["staff"]}, now=NOW)


def test_the_last_one_keeps_their_group_and_comes_in(
    acme: Tenant, alma: User, provider: Provider
) -> None:
    user = enters(acme, provider)

    assert user is not None
    assert (user.group_id, Right.USERS in held_by(alma).rights) == (None, True)
    with scope.reading(acme.id):
        told = Entry.objects.filter(content="last_who_sees_to_users")
        assert told.count() == 1


def test_where_another_is_left_they_are_moved(
    acme: Tenant, alma: User, provider: Provider
) -> None:
    make_user("eva", acme, role=Role.OWNER)

    user = enters(acme, provider)

    assert user is not None
    assert user.group_id is not None
    assert Right.USERS not in held_by(alma).rights
