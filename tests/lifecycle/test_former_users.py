"""A user who left is called otherwise everywhere, and the log stays whole."""

from datetime import timedelta

import pytest

from tests.cast import NOW, OPERATOR, make_user
from tests.held import lay_content, lay_interaction
from valv.archive import vocabulary
from valv.archive.models import Agent, Content
from valv.archive.operations import delete_content
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.verify import settle, verify
from valv.core.errors import Conflict
from valv.core.interaction import ContentKind
from valv.core.permissions import Right, Role
from valv.jobs.command import OK, REFUSED, main
from valv.lifecycle import former_users
from valv.lifecycle.former_users import pseudonymise, pseudonymise_due
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import StorageSetting, Tenant, User
from valv.tenants.signin import caller_of_user
from valv.tenants.staff import set_former_after
from valv.tenants.users import UserChange, change_user

CALLED = "Tidigare användare 1"


@pytest.fixture
def left(acme: Tenant, alma: User, cleo: User) -> User:
    """Alma, who deleted a recording, set storage times, took calls, and left."""
    call = lay_interaction(acme)
    lay_content(acme, call)
    caller = caller_of_user(alma)
    delete_content(caller, call, ContentKind.RECORDING, 1, reason="asked", now=NOW)
    with scope.writing(acme.id):
        record([Act(Action.SEE, call)] * 3, actor=caller.actor, now=NOW)
        StorageSetting.objects.update(set_by="Alma")
        vocabulary.agent_ids({"a7": "Alma"})
        User.objects.filter(id=alma.id).update(agent="a7")
    settle(acme.id)
    make_user("eva", acme, role=Role.OWNER)  # somebody must see to users
    operator = Caller(acme, OPERATOR, frozenset(Right))
    change_user(operator, alma.id, UserChange({"is_active": False}), now=NOW)
    return alma


def names_in(tenant: Tenant) -> set[str]:
    with scope.reading(tenant.id):
        return {
            *Entry.objects.values_list("actor", flat=True),
            *User.objects.values_list("name", flat=True),
            *Agent.objects.values_list("name", flat=True),
            *Content.objects.values_list("removed_by", flat=True),
            *StorageSetting.objects.values_list("set_by", flat=True),
        }


def test_the_name_is_gone_everywhere_and_the_log_is_whole(
    acme: Tenant, left: User
) -> None:
    assert "Alma" in names_in(acme)

    called = pseudonymise(acme, left.id, actor=OPERATOR, now=NOW)

    assert called == CALLED
    assert {CALLED, "Cleo"} <= names_in(acme) | {"Cleo"}
    assert "Alma" not in names_in(acme)
    assert verify(acme.id).ok
    with scope.reading(acme.id):
        theirs = Entry.objects.filter(actor=CALLED)
        assert set(theirs.values_list("actor_id", flat=True)) == {left.id}
        assert theirs.filter(action="delete").count() == 1
        user = User.objects.get(id=left.id)
        assert "alma" not in user.email
        assert user.rights == []


def test_a_name_that_comes_late_is_not_taken(acme: Tenant, left: User) -> None:
    pseudonymise(acme, left.id, actor=OPERATOR, now=NOW)

    with scope.writing(acme.id):
        vocabulary.agent_ids({"a7": "Alma"})

    assert "Alma" not in names_in(acme)


def test_who_has_not_left_keeps_the_name(acme: Tenant, cleo: User) -> None:
    with pytest.raises(Conflict):
        pseudonymise(acme, cleo.id, actor=OPERATOR, now=NOW)


def test_a_name_that_another_bears_stays_where_nobody_can_tell(
    acme: Tenant, left: User, cleo: User
) -> None:
    with scope.writing(acme.id):
        User.objects.filter(id=cleo.id).update(name="Alma")

    pseudonymise(acme, left.id, actor=OPERATOR, now=NOW)

    with scope.reading(acme.id):
        assert StorageSetting.objects.filter(set_by="Alma").exists()
        assert not Entry.objects.filter(actor="Alma", actor_id=left.id).exists()


def test_what_was_cut_short_is_gone_on_with_by_the_night(
    acme: Tenant, left: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(former_users, "BATCH", 2)
    with monkeypatch.context() as patch:
        patch.setattr(former_users, "lose_name", crash)
        with pytest.raises(OSError, match="cut short"):
            pseudonymise(acme, left.id, actor=OPERATOR, now=NOW)
    assert verify(acme.id).ok

    assert pseudonymise_due(acme, actor=OPERATOR, now=NOW) == 1

    assert "Alma" not in names_in(acme)
    assert CALLED in names_in(acme)
    assert verify(acme.id).ok
    assert pseudonymise_due(acme, actor=OPERATOR, now=NOW) == 0


def crash(*_: object) -> None:
    raise OSError("cut short")


def test_the_night_waits_as_long_as_the_tenant_says(acme: Tenant, left: User) -> None:
    later = NOW + timedelta(days=31)
    assert pseudonymise_due(acme, actor=OPERATOR, now=later) == 0

    set_former_after(acme, 30, actor=OPERATOR, now=NOW)

    assert pseudonymise_due(acme, actor=OPERATOR, now=NOW + timedelta(days=29)) == 0
    assert pseudonymise_due(acme, actor=OPERATOR, now=later) == 1


@pytest.mark.django_db(transaction=True)
def test_by_command(acme: Tenant, alma: User, cleo: User) -> None:
    lost = ["user", "pseudonymise", "cleo@acme.example"]
    assert main(lost, user="root") == REFUSED
    assert main(["user", "deactivate", "cleo@acme.example"], user="root") == OK

    assert main(lost, user="root") == OK

    assert "Cleo" not in names_in(acme)
