"""User groups: listed, made, changed, removed; what they lend their users."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from valv.api.endpoint import Answer, Call, endpoint
from valv.api.rights import (
    LONGEST_ID,
    EffectiveShown,
    RightsStated,
    effective_shown,
    stated_shown,
)
from valv.core.errors import NotFound
from valv.core.inheritance import Level, effective
from valv.core.interaction import Word
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.models import UserGroup
from valv.tenants.queries import recording_policy
from valv.tenants.rights import read
from valv.tenants.users import (
    Everyone,
    add_group,
    change_group,
    everyone,
    remove_group,
)


class GroupShown(Struct, frozen=True):
    """A user group. A ``ruled`` one stands in the recording rules, with its agents.

    ``effective`` is what its users have of whom nothing else is stated.
    """

    id: str
    name: str
    users: tuple[str, ...]
    agents: tuple[str, ...]
    ruled: bool
    stated: RightsStated
    effective: EffectiveShown


class Groups(Struct, frozen=True):
    """All user groups, by name."""

    items: list[GroupShown]


class GroupAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """What to call a group, and what it lends its users."""

    name: Word
    rights: RightsStated = RightsStated()


class GroupStated(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed; what is not named stays."""

    name: Word | UnsetType = UNSET
    rights: RightsStated | UnsetType = UNSET


@endpoint("GET", "/user-groups", right=Right.USERS, answers={200: Groups})
def show_user_groups(call: Call) -> Groups:
    """List the user groups; users are told by their ids."""
    return Groups(list(_all(call).values()))


@endpoint(
    "POST",
    "/user-groups",
    right=Right.USERS,
    body=GroupAsked,
    answers={201: GroupShown},
)
def add_user_group(call: Call) -> Answer:
    """Make a user group. Users come into it by `PUT /users/{user}`."""
    asked = call.json(GroupAsked)
    stated = asked.rights.as_stated()
    made = add_group(call.caller, asked.name, stated=stated, now=call.now)
    return Answer(_all(call)[made.id], 201)


@endpoint("GET", "/user-groups/{group}", right=Right.USERS, answers={200: GroupShown})
def show_user_group(call: Call, group: str) -> GroupShown:
    """Show a user group."""
    return _one(call, _number(group))


@endpoint(
    "PUT",
    "/user-groups/{group}",
    right=Right.USERS,
    body=GroupStated,
    answers={200: GroupShown},
)
def put_user_group(call: Call, group: str) -> GroupShown:
    """Change a group, from its users' next request on; what is not named stays.

    409 for a name that is taken, for a new one of a group that the recording rules
    name, and where nobody would be left who sees to users.
    """
    number, stated = _number(group), call.json(GroupStated)
    change_group(
        call.caller,
        number,
        name=None if stated.name is UNSET else stated.name,
        stated=None if stated.rights is UNSET else stated.rights.as_stated(),
        now=call.now,
    )
    return _one(call, number)


@endpoint("DELETE", "/user-groups/{group}", right=Right.USERS, answers={204: None})
def remove_user_group(call: Call, group: str) -> None:
    """Remove a group; its users stay, without one."""
    remove_group(call.caller, _number(group), now=call.now)


def _one(call: Call, number: int) -> GroupShown:
    found = _all(call).get(number)
    if found is None:
        raise NotFound
    return found


def _all(call: Call) -> dict[int, GroupShown]:
    with scope.reading(call.caller.tenant.id):
        found, ruled = everyone(call.caller.tenant), recording_policy().policy.groups
    return {
        id_: _shown(group, found, ruled=group.name in ruled)
        for id_, group in found.groups.items()
    }


def _shown(group: UserGroup, found: Everyone, *, ruled: bool) -> GroupShown:
    stated = read(group.stated)
    levels: Any = {Level.TENANT: read(found.tenant.stated), Level.GROUP: stated}
    return GroupShown(
        id=str(group.id),
        name=group.name,
        users=tuple(str(one.id) for one in found.members(group.id)),
        agents=tuple(group.agents),
        ruled=ruled,
        stated=stated_shown(stated),
        effective=effective_shown(effective(levels)),
    )


def _number(group: str) -> int:
    if not (group.isascii() and group.isdecimal() and len(group) <= LONGEST_ID):
        raise NotFound
    return int(group)
