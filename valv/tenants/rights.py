"""What users may, from tenant, user group and user; and how far it reaches.

Read anew with each request, so that a change holds from the next one in every process.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from valv.core.inheritance import Effective, Level, Stated, effective
from valv.core.permissions import Right
from valv.core.reach import EVERYWHERE, Reach
from valv.storage import scope
from valv.storage.raw import rows
from valv.tenants.models import Tenant, User, UserGroup

_LEVELS = (
    "SELECT n.stated, g.stated, u.rights, u.stated, u.agent"
    " FROM valv_user u JOIN tenant n ON n.id = u.tenant_id"
    " LEFT JOIN user_group g ON g.id = u.group_id AND g.tenant_id = u.tenant_id"
    " WHERE u.tenant_id = %s AND u.id = %s"
)


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's rights, and which interactions they reach."""

    rights: frozenset[Right]
    reach: Reach


def held_by(user: User) -> Held:
    """What a user may at this moment; nothing for one who is not there."""
    with scope.reading(user.tenant_id):
        found = rows(_LEVELS, [user.tenant_id, user.id])
        if not found:
            return Held(frozenset(), EVERYWHERE)
        of_tenant, of_group, rights, of_user, agent = found[0]
        in_the_end = effective(
            {
                Level.TENANT: read(of_tenant),
                Level.GROUP: read(of_group or "{}"),
                Level.USER: _of_user(_listed(rights), of_user),
            }
        )
        return Held(in_the_end.rights, reach_of(in_the_end, agent=agent))


def reach_of(found: Effective, *, agent: str) -> Reach:
    """Which interactions rights reach; ``agent`` is oneself. Inside a scope."""
    queues = None if found.queues is None else frozenset(found.queues)
    agents = None if found.groups is None else agents_of(found.groups)
    reach = Reach(queues=queues, agents=agents)
    return reach.of_agent(agent) if found.is_own else reach


def agents_of(group_ids: Iterable[int]) -> frozenset[str]:
    """Who is in some groups, by the source's ids. Inside a scope."""
    listed = UserGroup.objects.filter(id__in=set(group_ids))
    return frozenset(
        agent for agents in listed.values_list("agents", flat=True) for agent in agents
    )


def levels_of(
    user: User, *, tenant: Tenant, groups: Mapping[int, UserGroup]
) -> dict[Level, Stated]:
    """What is stated of a user at each level that there is."""
    group = groups.get(user.group_id or 0)
    above = {Level.TENANT: read(tenant.stated)}
    if group is not None:
        above[Level.GROUP] = read(group.stated)
    return above | {Level.USER: stated_of(user)}


def stated_of(user: User) -> Stated:
    """What is stated of the user alone."""
    return _of_user(user.rights, user.stated)


def _listed(rights: Any) -> list[str]:
    """The databases hand JSON over in different shapes."""
    found: list[str] = rights if isinstance(rights, list) else json.loads(rights)
    return found


def _of_user(rights: Iterable[str], stated: str) -> Stated:
    granted = tuple(Right(name) for name in rights)
    return msgspec.structs.replace(read(stated), grant=granted)


def read(stated: str) -> Stated:
    """As it was stored."""
    return msgspec.json.decode(stated, type=Stated)


def written(stated: Stated) -> str:
    """The inverse of ``read``."""
    return msgspec.json.encode(stated).decode()


def columns_of(stated: Stated) -> dict[str, object]:
    """The columns of a user that hold it: what is granted stands by itself."""
    rest = msgspec.structs.replace(stated, grant=())
    return {
        "rights": sorted(right.value for right in stated.grant),
        "stated": written(rest),
    }


def told(stated: Stated) -> dict[str, object]:
    """In plain values, as the change log tells it."""
    plain: dict[str, object] = msgspec.to_builtins(stated)
    return plain
