"""Users: listed, added, changed, shut out; what each may, and where that comes from."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from valv.api.endpoint import Answer, Call, endpoint
from valv.api.rights import (
    LONGEST_ID,
    EffectiveShown,
    RightsStated,
    effective_shown,
    group_id,
    stated_shown,
)
from valv.core.errors import NotFound
from valv.core.interaction import Line, Word
from valv.core.moments import format_moment
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role
from valv.tenants.models import User
from valv.tenants.rights import stated_of
from valv.tenants.roster import Roster, list_users, see_user
from valv.tenants.users import UserChange, add_user, change_user

Password = Annotated[str, Meta(max_length=1000)]
NOTHING_STATED = RightsStated()


class UserShown(Struct, frozen=True):
    """A user. ``signed_in_at`` is as far back as the access log goes."""

    id: str
    email: str
    name: str
    group: str | None
    agent: str | None
    active: bool
    created_at: str
    signed_in_at: str | None
    left_at: str | None
    stated: RightsStated
    effective: EffectiveShown


class Users(Struct, frozen=True):
    """All users, by address."""

    items: list[UserShown]


class UserAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to add. `role` grants its rights, besides what `rights` states."""

    email: Line
    name: Word
    password: Password
    role: Role | None = None
    rights: RightsStated = NOTHING_STATED
    group: Word | None = None
    agent: Line = ""

    def stated(self) -> RightsStated:
        of_role = RIGHTS_OF_ROLE[self.role] if self.role else frozenset()
        return replace(self.rights, grant=(*self.rights.grant, *of_role))


class UserStated(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed; what is not named stays."""

    name: Word | UnsetType = UNSET
    group: Word | UnsetType | None = UNSET
    agent: Line | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    rights: RightsStated | UnsetType = UNSET

    def change(self) -> UserChange:
        group = self.group
        stated: dict[str, Any] = {
            "name": self.name,
            "group_id": group_id(group) if isinstance(group, str) else group,
            "agent": "" if self.agent is None else self.agent,
            "is_active": self.active,
            "rights": UNSET if self.rights is UNSET else self.rights.as_stated(),
        }
        return UserChange({k: v for k, v in stated.items() if v is not UNSET})


@endpoint("GET", "/users", right=Right.USERS, answers={200: Users})
def show_users(call: Call) -> Users:
    """List all users, with what each may and which level says so."""
    found = list_users(call.caller, now=call.now)
    return Users([_shown(one, found) for one in found.everyone.users.values()])


@endpoint("POST", "/users", right=Right.USERS, body=UserAsked, answers={201: UserShown})
def add_a_user(call: Call) -> Answer:
    """Add somebody who may sign in by address and password.

    Nobody gives a right they lack, be it by role, group or what all inherit.
    """
    asked = call.json(UserAsked)
    user = add_user(
        call.caller,
        email=asked.email,
        name=asked.name,
        password=asked.password,
        stated=asked.stated().as_stated(),
        group_id=None if asked.group is None else group_id(asked.group),
        agent=asked.agent,
        now=call.now,
    )
    return Answer(_one(call, user.id), 201)


@endpoint("GET", "/users/{user}", right=Right.USERS, answers={200: UserShown})
def show_user(call: Call, user: str) -> UserShown:
    """Show a user, with what they may and which level says so."""
    return _one(call, _number(user))


@endpoint(
    "PUT", "/users/{user}", right=Right.USERS, body=UserStated, answers={200: UserShown}
)
def put_user(call: Call, user: str) -> UserShown:
    """Change a user, from their next request on; fields that are not named stay.

    With `active` false they are shut out, and signed out everywhere. 409 where nobody
    would be left who sees to users, and for who has a pseudonym.
    """
    number = _number(user)
    change = call.json(UserStated).change()
    change_user(call.caller, number, change, now=call.now)
    return _one(call, number)


@endpoint("DELETE", "/users/{user}", right=Right.USERS, answers={204: None})
def shut_out(call: Call, user: str) -> None:
    """Shut a user out and sign them out everywhere; what they did stays theirs.

    They are let in again by `active`, until they have a pseudonym.
    """
    change = UserChange({"is_active": False})
    change_user(call.caller, _number(user), change, now=call.now)


def _one(call: Call, user_id: int) -> UserShown:
    found = see_user(call.caller, user_id, now=call.now)
    return _shown(found.everyone.users[user_id], found)


def _number(user: str) -> int:
    if not (user.isascii() and user.isdecimal() and len(user) <= LONGEST_ID):
        raise NotFound
    return int(user)


def _shown(user: User, found: Roster) -> UserShown:
    return UserShown(
        id=str(user.id),
        email=user.email,
        name=user.name,
        group=None if user.group_id is None else str(user.group_id),
        agent=user.agent or None,
        active=user.is_active,
        created_at=format_moment(user.created_at),
        signed_in_at=_told(found.signed_in_at.get(user.id)),
        left_at=_told(user.left_at),
        stated=stated_shown(stated_of(user)),
        effective=effective_shown(found.everyone.rights[user.id]),
    )


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else format_moment(moment)
