"""The pages of users and user groups, from what is stated and from what was typed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.core.errors import Conflict, Forbidden, Malformed, ValvError
from valv.core.inheritance import Effective, Stated, within
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role
from valv.portal.contexts.users import (
    Choices,
    GroupRow,
    LevelForm,
    RightRow,
    UserPage,
    UserRow,
)
from valv.tenants.access import Caller
from valv.tenants.models import User, UserGroup
from valv.tenants.rights import stated_of
from valv.tenants.users import (
    NAME_TAKEN,
    NOBODY_LEFT,
    NOT_ONESELF,
    RULED,
    Everyone,
)

GRANT, DENY, INHERIT = "grant", "deny", "inherit"
IDLE_AFTER = timedelta(days=90)


def roles_within(rights: Iterable[Right]) -> tuple[str, ...]:
    """The roles that somebody with these rights may give."""
    given = within(rights)
    return tuple(role.value for role in Role if RIGHTS_OF_ROLE[role] <= given)


def user_row(
    user: User, found: Everyone, *, seen: Mapping[int, datetime], now: datetime
) -> UserRow:
    group = found.groups.get(user.group_id or 0)
    last, rights = seen.get(user.id), found.rights[user.id]
    since = last or user.created_at
    return UserRow(
        id=str(user.id),
        name=user.name,
        email=user.email,
        group="" if group is None else group.name,
        is_active=user.is_active,
        signed_in_at=last,
        rights=len(rights.rights),
        is_part=rights.is_part,
        idle=user.is_active and now - since > IDLE_AFTER,
        is_former=user.former_n is not None,
    )


def user_page(
    user: User, found: Everyone, *, caller: Caller, row: UserRow, fault: str = ""
) -> UserPage:
    rights = found.rights[user.id]
    form = level_form(stated_of(user), found, caller=caller, in_the_end=rights)
    return UserPage(
        row=row,
        group_id=str(user.group_id or ""),
        agent=user.agent,
        groups=group_choices(found),
        agents=_agents(caller, user.agent),
        form=form,
        queues_by=_level(rights.queues_by),
        groups_by=_level(rights.groups_by),
        reach_queues=rights.queues,
        reach_groups=_names(rights.groups, found),
        is_own=rights.is_own,
        is_self=caller.actor.id == user.id,
        fault=fault,
    )


def _level(by: object) -> str:
    return "" if by is None else str(by)


def _names(ids: Iterable[int] | None, found: Everyone) -> tuple[str, ...] | None:
    if ids is None:
        return None
    return tuple(found.groups[id_].name for id_ in ids if id_ in found.groups)


def _agents(caller: Caller, chosen: str) -> Choices:
    """Those that are known, if one may see them, and the one that is chosen."""
    known = dict(queries.agents(caller)) if caller.may(Right.SEE) else {}
    if chosen:
        known.setdefault(chosen, chosen)
    return tuple(known.items())


def level_form(
    stated: Stated,
    found: Everyone,
    *,
    caller: Caller,
    in_the_end: Effective | None = None,
) -> LevelForm:
    queues = queries.queues(caller) if caller.may(Right.SEE) else []
    named = dict.fromkeys([*queues, *(stated.queues or ())])
    giving = within(caller.rights)
    return LevelForm(
        rights=tuple(
            _right_row(right, stated, may_give=right in giving, found=in_the_end)
            for right in Right
        ),
        queues=stated.queues,
        groups=None if stated.groups is None else tuple(map(str, stated.groups)),
        all_queues=tuple((name, name) for name in named),
        all_groups=group_choices(found),
    )


def _right_row(
    right: Right, stated: Stated, *, may_give: bool, found: Effective | None
) -> RightRow:
    way = {True: GRANT, False: DENY, None: INHERIT}[stated.says(right)]
    options: tuple[str, ...] = (INHERIT, GRANT, DENY)
    if not may_give:
        closed = {GRANT: options, INHERIT: (INHERIT, DENY), DENY: (DENY,)}
        options = closed[way]
    row = RightRow(right.value, way, options)
    if found is None:
        return row
    held, by = found.decided[right]
    idle = held and right not in found.rights
    return replace(row, held=held, by=_level(by), idle=idle)


def group_choices(found: Everyone) -> Choices:
    return tuple((str(id_), group.name) for id_, group in found.groups.items())


def group_row(group: UserGroup, found: Everyone, *, ruled: Iterable[str]) -> GroupRow:
    return GroupRow(
        id=str(group.id),
        name=group.name,
        users=tuple(user.name for user in found.members(group.id)),
        agents=len(group.agents),
        ruled=group.name in ruled,
    )


def stated_from(post: QueryDict) -> Stated:
    """What the form of a level says. Raises Malformed."""
    ways = {right: post.get(f"right-{right.value}", INHERIT) for right in Right}
    if not set(ways.values()) <= {GRANT, DENY, INHERIT}:
        raise Malformed("There is no such choice.", field="right")
    queues = tuple(sorted(set(post.getlist("queue")) - {""}))
    groups = sorted({number_from(text) for text in post.getlist("groups")})
    return Stated(
        grant=tuple(right for right, way in ways.items() if way == GRANT),
        deny=tuple(right for right, way in ways.items() if way == DENY),
        queues=queues if "limit-queues" in post else None,
        groups=tuple(groups) if "limit-groups" in post else None,
    )


def number_from(text: str) -> int:
    """Raises Malformed for what is no number of a group."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Malformed("There is no such group.", field="group")
    return int(text)


def fault_of(error: ValvError) -> str:
    """The sentence for what could not be changed."""
    said = {
        NOBODY_LEFT: _("Somebody must be left who sees to the users."),
        NOT_ONESELF: _(
            "You would lose the right to see to users. Let somebody else do it."
        ),
        RULED: _(
            "Rules of recording or storage name this group. Take it out of them first."
        ),
        NAME_TAKEN: _("There is already a group of this name."),
    }
    if isinstance(error, Forbidden):
        return _("You cannot give a right that you do not have yourself.")
    if isinstance(error, Conflict):
        return said.get(error.detail, _("There is already a user with this address."))
    field = getattr(error, "field", "")
    if field == "email":
        return _("That is no e-mail address.")
    if field == "password":
        return _("Choose a longer password that is not easily guessed.")
    if field == "queue":
        return _("A queue cannot be given by a phone number or e-mail address.")
    if field == "name":
        return _(
            "A name has 1 to 100 characters, and holds no phone number or e-mail"
            " address."
        )
    return _("Something of this cannot be. Look at it again.")
