"""Users and groups: who may change whom, and what comes of it at the next request."""

from typing import Any

import pytest

from tests.cast import NOW, PASSWORD
from valv.core.errors import Conflict, Forbidden, Malformed, NotFound
from valv.core.inheritance import NOTHING, Level, Stated
from valv.core.people import Actor, ActorType
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role
from valv.core.recording_policy import Policy, policy_from
from valv.core.retention import Stored
from valv.core.storage_rules import AppliesTo, Rule, StoragePolicy
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User, UserGroup
from valv.tenants.operations import set_recording_policy
from valv.tenants.rights import held_by
from valv.tenants.signin import caller_of_user
from valv.tenants.storage_changes import change_storage
from valv.tenants.users import (
    UserChange,
    add_group,
    add_user,
    change_group,
    change_user,
    everyone,
    remove_group,
    state_for_all,
)

SEE, PLAY, OWN, USERS = Right.SEE, Right.PLAY, Right.OWN, Right.USERS


@pytest.fixture
def owner(alma: User) -> Caller:
    return caller_of_user(alma)


def change(by: Caller, user: User, **stated: Any) -> User:
    return change_user(by, user.id, UserChange(stated), now=NOW)


def administrator(by: Caller) -> Caller:
    """One who was given no right by name."""
    user = add_user(
        by,
        email="eva@acme.example",
        name="Eva",
        password=PASSWORD,
        stated=Stated(grant=tuple(RIGHTS_OF_ROLE[Role.ADMINISTRATOR])),
        now=NOW,
    )
    return caller_of_user(user)


def test_a_group_lends_its_rights_and_filters(owner: Caller, bo: User) -> None:
    group = add_group(
        owner, "Team", stated=Stated(grant=(PLAY,), queues=("Support",)), now=NOW
    )
    change(owner, bo, group_id=group.id)
    held = held_by(bo)

    assert held.rights == {SEE, PLAY}
    assert held.reach.queues == frozenset({"Support"})
    remove_group(owner, group.id, now=NOW)
    assert held_by(bo).rights == {SEE}
    assert held_by(bo).reach.is_everywhere


def test_ones_own_are_those_of_the_agent_one_is(owner: Caller, bo: User) -> None:
    change(owner, bo, rights=Stated(grant=(OWN, PLAY)), agent="a7")

    assert held_by(bo).rights == {OWN, PLAY, SEE}
    assert held_by(bo).reach.agents == frozenset({"a7"})


def test_a_filter_of_groups_means_their_agents(
    owner: Caller, acme: Tenant, bo: User
) -> None:
    groups = {"East": ["a1", "a2"], "West": ["a3"]}
    policy = policy_from({"groups": groups}, current=Policy())
    set_recording_policy(acme, policy, actor=owner.actor, now=NOW)
    with scope.reading(acme.id):
        east = UserGroup.objects.get(name="East").id
    change(owner, bo, rights=Stated(grant=(SEE,), groups=(east,)))

    assert held_by(bo).reach.agents == frozenset({"a1", "a2"})


def test_what_all_inherit_is_overridden_nearer(owner: Caller, bo: User) -> None:
    state_for_all(owner, Stated(grant=(PLAY,)), now=NOW)
    assert held_by(bo).rights == {SEE, PLAY}

    change(owner, bo, rights=Stated(grant=(SEE,), deny=(PLAY,)))

    assert held_by(bo).rights == {SEE}
    with scope.reading(bo.tenant_id):
        found = everyone(owner.tenant).rights[bo.id]
    assert found.decided[PLAY].by is Level.USER


def test_nobody_gives_what_they_lack(owner: Caller, bo: User) -> None:
    eva = administrator(owner)
    named = Stated(grant=(SEE, Right.AUDIT))

    with pytest.raises(Forbidden, match="audit"):
        change(eva, bo, rights=named)
    with pytest.raises(Forbidden, match="audit"):
        add_group(eva, "Auditors", stated=named, now=NOW)
    with pytest.raises(Forbidden, match="audit"):
        state_for_all(eva, named, now=NOW)
    auditors = add_group(owner, "Auditors", stated=named, now=NOW)
    with pytest.raises(Forbidden, match="audit"):
        change(eva, bo, group_id=auditors.id)
    assert held_by(bo).rights == {SEE}


def test_nobody_makes_a_user_who_inherits_what_they_lack(owner: Caller) -> None:
    eva = administrator(owner)
    state_for_all(owner, Stated(grant=(Right.AUDIT,)), now=NOW)
    refuses = Stated(grant=tuple(eva.rights), deny=(Right.AUDIT,))
    change_user(owner, eva.actor.id or 0, UserChange({"rights": refuses}), now=NOW)
    asked: Any = {"email": "fia@acme.example", "name": "Fia", "password": PASSWORD}

    with pytest.raises(Forbidden):
        add_user(eva, **asked, now=NOW)


def test_removing_a_group_that_denies_gives_nothing_one_lacks(
    owner: Caller, bo: User
) -> None:
    eva = administrator(owner)
    change(owner, bo, rights=NOTHING)
    group = add_group(owner, "Shut", stated=Stated(deny=(Right.AUDIT,)), now=NOW)
    change(owner, bo, group_id=group.id)
    state_for_all(owner, Stated(grant=(Right.AUDIT,)), now=NOW)

    with pytest.raises(Forbidden):
        remove_group(eva, group.id, now=NOW)


def test_nobody_shuts_themselves_out(owner: Caller, alma: User) -> None:
    administrator(owner)

    with pytest.raises(Conflict):
        change(owner, alma, is_active=False)
    with pytest.raises(Conflict):
        change(owner, alma, rights=Stated(grant=(SEE,)))
    with pytest.raises(Conflict):
        state_for_all(owner, Stated(queues=("Support",)), now=NOW)
    assert USERS in held_by(alma).rights


def test_somebody_is_left_who_sees_to_users(owner: Caller, alma: User) -> None:
    machine = Caller(owner.tenant, Actor(ActorType.API, "m", 1), owner.rights)

    with pytest.raises(Conflict):
        change(machine, alma, is_active=False)
    assert held_by(alma).rights == owner.rights


def test_a_group_the_rules_name_stays_and_keeps_its_name(
    owner: Caller, acme: Tenant, bo: User
) -> None:
    set_recording_policy(
        acme,
        policy_from({"groups": {"East": ["a1"]}}, current=Policy()),
        actor=owner.actor,
        now=NOW,
    )
    with scope.reading(acme.id):
        east = UserGroup.objects.get(name="East")

    with pytest.raises(Conflict):
        remove_group(owner, east.id, now=NOW)
    with pytest.raises(Conflict):
        change_group(owner, east.id, name="Öst", now=NOW)
    change(owner, bo, group_id=east.id)
    set_recording_policy(acme, Policy(), actor=owner.actor, now=NOW)
    with scope.reading(acme.id):
        assert UserGroup.objects.get(id=east.id).agents == []


@pytest.mark.parametrize("wait", [0, 7])
def test_a_group_that_a_storage_rule_names_stays_and_keeps_its_name(
    owner: Caller, acme: Tenant, wait: int
) -> None:
    """Or the rule would fit nothing any more, and nobody would be told."""
    east = add_group(owner, "East", now=NOW)
    Tenant.objects.update(storage_wait_days=wait)
    named = Rule(name="east", group=("East",), times={Stored.RECORDINGS: 5})
    change_storage(
        acme,
        StoragePolicy(rules=(named,)),
        applies_to=AppliesTo.EXISTING,
        actor=owner.actor,
        now=NOW,
    )

    with pytest.raises(Conflict):
        remove_group(owner, east.id, now=NOW)
    with pytest.raises(Conflict):
        change_group(owner, east.id, name="Öst", now=NOW)
    set_recording_policy(acme, Policy(), actor=owner.actor, now=NOW)
    with scope.reading(acme.id):
        assert UserGroup.objects.get(id=east.id).name == "East"


def test_what_is_not_there_cannot_be_meant(owner: Caller, bo: User, dag: User) -> None:
    with pytest.raises(NotFound):
        change(owner, dag, is_active=False)
    with pytest.raises(Malformed):
        change(owner, bo, group_id=99)
    with pytest.raises(Malformed):
        change(owner, bo, rights=Stated(groups=(99,)))
    with pytest.raises(NotFound):
        remove_group(owner, 99, now=NOW)
    with pytest.raises(Malformed):
        add_group(owner, "anna@example.com", now=NOW)
    add_group(owner, "Team", now=NOW)
    with pytest.raises(Conflict):
        add_group(owner, "Team", now=NOW)


def test_without_the_right_nothing_is_changed(cleo: User, bo: User) -> None:
    with pytest.raises(Forbidden):
        change(caller_of_user(cleo), bo, is_active=False)


@pytest.mark.parametrize("queue", ["+46701234567", "anna@example.com"])
def test_no_queue_leads_to_somebody(owner: Caller, queue: str) -> None:
    """Such a queue goes by its hash everywhere, and would lie in plain here."""
    with pytest.raises(Malformed):
        state_for_all(owner, Stated(queues=(queue,)), now=NOW)
    with pytest.raises(Malformed):
        add_group(owner, "Team", stated=Stated(queues=(queue,)), now=NOW)
