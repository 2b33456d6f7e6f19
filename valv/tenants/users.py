"""Users and user groups: listed, made, changed, let in and shut out.

Nobody gives a right of their own lack, shuts themselves out, or leaves the tenant with
nobody who sees to its users. Each change is entered, from what to what.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import changes, setting
from valv.core.errors import Conflict, Malformed, NotFound
from valv.core.inheritance import (
    NOTHING,
    Effective,
    Levels,
    Stated,
    check_given,
    effective,
)
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User, UserGroup
from valv.tenants.operations import check_name, create_user
from valv.tenants.queries import recording_policy
from valv.tenants.rights import columns_of, levels_of, read, stated_of, told, written
from valv.tenants.signin_models import SignIn
from valv.tenants.storage_changes import groups_named

NOBODY_LEFT = "Somebody must be left who sees to the users."
NOT_ONESELF = "You would lose the right to see to users. Let somebody else do it."
RULED = "Rules of recording or storage name this group. Take it out of them first."
NAME_TAKEN = "There is already a group of this name."
HAS_A_PSEUDONYM = "They left and have a pseudonym. Add them anew."


@dataclass(frozen=True, slots=True)
class Everyone:
    """The tenant's users and groups as they stand, with what each may in the end."""

    tenant: Tenant
    users: Mapping[int, User]
    groups: Mapping[int, UserGroup]
    levels: Mapping[int, Levels]
    rights: Mapping[int, Effective]

    def members(self, group_id: int) -> list[User]:
        return [one for one in self.users.values() if one.group_id == group_id]

    def who_see_to_users(self) -> set[int]:
        return {
            id_
            for id_, found in self.rights.items()
            if self.users[id_].is_active and Right.USERS in found.rights
        }


def everyone(tenant: Tenant, *, alone: bool = False) -> Everyone:
    """All of them, by id, in the order of addresses and names. Inside a scope.

    ``alone`` keeps whoever else would change them waiting until the scope closes.
    """
    found = User.objects.order_by("email")
    users = {one.id: one for one in (found.select_for_update() if alone else found)}
    tenant = Tenant.objects.get(id=tenant.id)
    groups = {one.id: one for one in UserGroup.objects.order_by("name")}
    levels = {
        id_: levels_of(user, tenant=tenant, groups=groups)
        for id_, user in users.items()
    }
    rights = {id_: effective(found) for id_, found in levels.items()}
    return Everyone(tenant, users, groups, levels, rights)


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to be of a user; what is not stated stays as it is."""

    stated: Mapping[str, Any] = field(default_factory=dict)

    def of(self, user: User) -> dict[str, Any]:
        """The columns that change."""
        wanted = dict(self.stated)
        if "rights" in wanted:
            wanted |= columns_of(wanted.pop("rights"))
        return {
            name: value
            for name, value in wanted.items()
            if getattr(user, name) != value
        }


def add_user(
    caller: Caller,
    *,
    email: str,
    name: str,
    password: str,
    stated: Stated = NOTHING,
    group_id: int | None = None,
    agent: str = "",
    now: datetime,
) -> User:
    """Add somebody who may sign in. Raises Forbidden, Malformed and Conflict."""
    caller.require(Right.USERS)
    tenant = caller.tenant
    refuse_traces(name, region=tenant.region, field="name")
    with scope.writing(tenant.id):
        check_given(NOTHING, stated, by=caller.rights)
        user = create_user(
            tenant,
            email=email,
            name=name,
            password=password,
            rights=(),
            actor=caller.actor,
            now=now,
        )
        change = {"rights": stated, "group_id": group_id, "agent": agent}
        user = change_user(caller, user.id, UserChange(change), now=now)
        # What all inherit counts too: it comes to somebody whose password one knows.
        has = everyone(tenant).rights[user.id].rights
        check_given(NOTHING, NOTHING, by=caller.rights, now=has)
    return user


def change_user(
    caller: Caller, user_id: int, change: UserChange, *, now: datetime
) -> User:
    """Change what is stated of a user: name, group, agent, rights, whether let in.

    Who is shut out is signed out everywhere. Raises NotFound; Forbidden where it would
    give what the caller lacks; Conflict where nobody would be left, the caller would
    shut themselves out, or the user has a pseudonym; Malformed.
    """
    caller.require(Right.USERS)
    tenant = caller.tenant
    with scope.writing(tenant.id):
        before = everyone(tenant, alone=True)
        user = before.users.get(user_id)
        if user is None:
            raise NotFound
        columns = change.of(user)
        if not columns:
            return user
        _check_columns(tenant, columns, before.groups)
        if user.former_n is not None:
            raise Conflict(HAS_A_PSEUDONYM)
        old = _told_of(user, before.groups)
        stood = stated_of(user)
        User.objects.filter(id=user_id).update(**columns, **_left(columns, now=now))
        if not columns.get("is_active", True):
            SignIn.objects.filter(user_id=user_id).delete()
        after = everyone(tenant)
        user = after.users[user_id]
        check_given(stood, stated_of(user), by=caller.rights)
        _check_filter(caller.tenant, stated_of(user))
        _check_outcome(caller, before, after)
        new = _told_of(user, after.groups) | {"renamed": "name" in columns}
        _enter("user", old, new, caller.actor, now, user=user_id)
    return user


def _left(columns: Mapping[str, Any], *, now: datetime) -> dict[str, datetime | None]:
    """Since when one who is shut out has left; one who is let in has not."""
    if "is_active" not in columns:
        return {}
    return {"left_at": None if columns["is_active"] else now}


def _check_columns(
    tenant: Tenant, columns: Mapping[str, Any], groups: Mapping[int, UserGroup]
) -> None:
    if "name" in columns:
        check_name(columns["name"])
        refuse_traces(columns["name"], region=tenant.region, field="name")
    if columns.get("agent"):
        refuse_traces(columns["agent"], region=tenant.region, field="agent")
    if columns.get("group_id") is not None and columns["group_id"] not in groups:
        raise Malformed("There is no such group.", field="group")


def _check_outcome(caller: Caller, before: Everyone, after: Everyone) -> None:
    """Raises Forbidden and Conflict for what nobody may bring about."""
    for id_, found in after.rights.items():
        held = before.rights[id_].rights if id_ in before.rights else frozenset()
        if found.rights - held:
            check_given(NOTHING, NOTHING, by=caller.rights, now=found.rights - held)
    seeing_to = after.who_see_to_users()
    if not seeing_to and before.who_see_to_users():
        raise Conflict(NOBODY_LEFT)
    is_user = caller.actor.type is ActorType.INTERNAL
    if is_user and caller.actor.id not in seeing_to:
        raise Conflict(NOT_ONESELF)


def _told_of(user: User, groups: Mapping[int, UserGroup]) -> dict[str, object]:
    """What the change log tells of a user: of the name, only that it is another."""
    group = groups.get(user.group_id or 0)
    return {
        **told(stated_of(user)),
        "user_group": None if group is None else group.name,
        "agent": user.agent or None,
        "active": user.is_active,
        "renamed": False,
    }


def add_group(
    caller: Caller, name: str, *, stated: Stated = NOTHING, now: datetime
) -> UserGroup:
    """Make a user group. Raises Forbidden, Malformed, Conflict."""
    caller.require(Right.USERS)
    _check_group_name(caller.tenant, name)
    with scope.writing(caller.tenant.id):
        check_given(NOTHING, stated, by=caller.rights)
        _check_filter(caller.tenant, stated)
        if UserGroup.objects.filter(name=name).exists():
            raise Conflict(NAME_TAKEN)
        try:
            group = UserGroup.objects.create(name=name, stated=written(stated))
        except IntegrityError:
            raise Conflict(NAME_TAKEN) from None
        _enter("user_group", {}, _told_group(group), caller.actor, now, group=group.id)
    return group


def change_group(
    caller: Caller,
    group_id: int,
    *,
    name: str | None = None,
    stated: Stated | None = None,
    now: datetime,
) -> UserGroup:
    """Rename a group, or state other rights of its users. Raises as ``change_user``."""
    caller.require(Right.USERS)
    with scope.writing(caller.tenant.id):
        before = everyone(caller.tenant, alone=True)
        group = _held(before, group_id)
        old, stood = _told_group(group), read(group.stated)
        _rename(caller.tenant, before, group, name)
        if stated is not None:
            check_given(stood, stated, by=caller.rights)
            _check_filter(caller.tenant, stated)
            group.stated = written(stated)
        group.save()
        _check_outcome(caller, before, everyone(caller.tenant))
        _enter("user_group", old, _told_group(group), caller.actor, now, group=group_id)
    return group


def _rename(
    tenant: Tenant, found: Everyone, group: UserGroup, name: str | None
) -> None:
    if name is None or name == group.name:
        return
    _check_group_name(tenant, name)
    if any(one.name == name for one in found.groups.values()):
        raise Conflict(NAME_TAKEN)
    _check_unruled(group)
    group.name = name


def remove_group(caller: Caller, group_id: int, *, now: datetime) -> None:
    """Remove a group; its users stay, without one. Raises as ``change_user``."""
    caller.require(Right.USERS)
    with scope.writing(caller.tenant.id):
        before = everyone(caller.tenant, alone=True)
        group = _held(before, group_id)
        _check_unruled(group)
        User.objects.filter(group_id=group_id).update(group_id=None)
        UserGroup.objects.filter(id=group_id).delete()
        _check_outcome(caller, before, everyone(caller.tenant))
        _enter("user_group", _told_group(group), {}, caller.actor, now, group=group_id)


def state_for_all(caller: Caller, stated: Stated, *, now: datetime) -> None:
    """State what all users inherit. Raises as ``change_user``."""
    caller.require(Right.USERS)
    with scope.writing(caller.tenant.id):
        before = everyone(caller.tenant, alone=True)
        stood = read(before.tenant.stated)
        check_given(stood, stated, by=caller.rights)
        _check_filter(caller.tenant, stated)
        Tenant.objects.filter(id=caller.tenant.id).update(stated=written(stated))
        _check_outcome(caller, before, everyone(caller.tenant))
        _enter("rights_of_all", told(stood), told(stated), caller.actor, now)


def _held(found: Everyone, group_id: int) -> UserGroup:
    if group_id not in found.groups:
        raise NotFound
    return found.groups[group_id]


def _check_group_name(tenant: Tenant, name: str) -> None:
    check_name(name)
    refuse_traces(name, region=tenant.region, field="name")


def _check_filter(tenant: Tenant, stated: Stated) -> None:
    """Raises Malformed for a group that is not there, and for a queue that leads to
    somebody, which goes by its hash everywhere. Inside a scope.
    """
    for queue in stated.queues or ():
        refuse_traces(queue, region=tenant.region, field="queue")
    wanted = set(stated.groups or ())
    if UserGroup.objects.filter(id__in=wanted).count() < len(wanted):
        raise Malformed("There is no such group.", field="groups")


def ruled_groups() -> frozenset[str]:
    """Groups that keep their names, for rules of recording or storage name them.

    Inside a scope.
    """
    return groups_named().union(recording_policy().policy.groups)


def _check_unruled(group: UserGroup) -> None:
    if group.name in ruled_groups():
        raise Conflict(RULED)


def _told_group(group: UserGroup) -> dict[str, object]:
    return {"name": group.name, **told(read(group.stated))}


def _enter(
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    **about: int,
) -> None:
    """What changes nothing is not entered."""
    if changes(before, after):
        details = setting(what, before, after) | about
        record(Act(Action.SETTING, details=details), actor=actor, now=now)
