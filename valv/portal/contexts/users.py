"""What the pages of users and user groups show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RightRow:
    """One right in a form: what is stated, what may be, and what comes of it.

    ``held`` and ``by`` are what holds in the end and which level says so; None where
    there is no one person it would hold of. ``idle`` is held without effect.
    """

    code: str
    stated: str
    options: tuple[str, ...]
    held: bool | None = None
    by: str = ""
    idle: bool = False


@dataclass(frozen=True, slots=True)
class LevelForm:
    """What one level states, to be changed; a filter of None is not stated."""

    rights: tuple[RightRow, ...]
    queues: tuple[str, ...] | None
    groups: tuple[str, ...] | None
    all_queues: Choices = ()
    all_groups: Choices = ()


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user in the list; ``idle`` is one who has not signed in for long, or never.

    One who ``is_former`` has a pseudonym, and changes no more.
    """

    id: str
    name: str
    email: str
    group: str
    is_active: bool
    signed_in_at: datetime | None
    rights: int
    is_part: bool = False
    idle: bool = False
    is_former: bool = False


@dataclass(frozen=True, slots=True)
class UsersPage:
    """The users, those who may come in first, and a form for a new one."""

    active: tuple[UserRow, ...]
    inactive: tuple[UserRow, ...]
    groups: Choices
    roles: tuple[str, ...]
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserPage:
    """One user: who they are, what is stated of them, and what comes of it."""

    row: UserRow
    group_id: str
    agent: str
    groups: Choices
    agents: Choices
    form: LevelForm
    queues_by: str = ""
    groups_by: str = ""
    reach_queues: tuple[str, ...] | None = None
    reach_groups: tuple[str, ...] | None = None
    is_own: bool = False
    is_self: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in the list; a ``ruled`` one stands in the recording rules."""

    id: str
    name: str
    users: tuple[str, ...]
    agents: int
    ruled: bool


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """The groups, and a form for a new one."""

    groups: tuple[GroupRow, ...]
    name: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LevelPage:
    """What a group, or all users where there is none, inherit."""

    form: LevelForm
    group: GroupRow | None = None
    fault: str = ""
