"""``valv group``: user groups, and what they, or all users, are lent."""

import argparse
from collections.abc import Callable

from valv.core.errors import Malformed
from valv.core.inheritance import NOTHING, Level, effective
from valv.jobs import rights_options
from valv.jobs.command import OK, Asked
from valv.jobs.rights_options import caller_of, change_from, group_named
from valv.storage import scope
from valv.tenants.models import Tenant, UserGroup
from valv.tenants.queries import tenant_by_slug
from valv.tenants.rights import read
from valv.tenants.users import (
    add_group,
    change_group,
    everyone,
    remove_group,
    state_for_all,
)

HELP = "list, make, change and remove user groups; say what all users inherit"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=list(ACTS))
    parser.add_argument(
        "name", nargs="?", default="", help="which; without one, what all inherit"
    )
    parser.add_argument("--rename", metavar="NAME", help="what to call it from now on")
    rights_options.add_options(parser)


def run(asked: Asked) -> int:
    act: Callable[[Asked, Tenant], None] = ACTS[asked.act]
    act(asked, tenant_by_slug(asked.tenant))
    return OK


def _list(asked: Asked, tenant: Tenant) -> None:
    with scope.reading(tenant.id):
        found = everyone(tenant)
    listed = [
        {"id": str(id_), "name": one.name, "users": len(found.members(id_))}
        for id_, one in found.groups.items()
    ]
    plain = [f"{one['name']}  {one['users']} users" for one in listed]
    asked.answer({"items": listed}, "\n".join(plain) or "There are no user groups.")


def _show(asked: Asked, tenant: Tenant) -> None:
    with scope.reading(tenant.id):
        tenant = Tenant.objects.get(id=tenant.id)
    levels = {Level.TENANT: read(tenant.stated)}
    told: dict[str, object] = {}
    stated, who = levels[Level.TENANT], "What all users inherit"
    if asked.name:
        group = group_named(tenant, asked.name)
        stated, who = read(group.stated), group.name
        levels[Level.GROUP] = stated
        told = {"id": str(group.id), "name": group.name, "agents": group.agents}
    found = effective(levels)
    plain = "\n".join([f"{who}:", *rights_options.lines(found)])
    asked.answer({**told, **rights_options.shown(stated, found)}, plain)


def _add(asked: Asked, tenant: Tenant) -> None:
    wanted = change_from(asked, tenant)
    stated = NOTHING if wanted is None else wanted.of(NOTHING)
    caller = caller_of(asked, tenant)
    made = add_group(caller, _named(asked), stated=stated, now=asked.now)
    asked.answer({"id": str(made.id)}, "The group is made.")


def _change(asked: Asked, tenant: Tenant) -> None:
    wanted, caller = change_from(asked, tenant), caller_of(asked, tenant)
    if asked.name:
        group = group_named(tenant, asked.name)
        stated = None if wanted is None else wanted.of(read(group.stated))
        number, name = group.id, asked.rename
        change_group(caller, number, name=name, stated=stated, now=asked.now)
    elif wanted is not None:
        with scope.reading(tenant.id):
            stands = read(Tenant.objects.get(id=tenant.id).stated)
        state_for_all(caller, wanted.of(stands), now=asked.now)
    asked.answer({}, "It holds from now on.")


def _remove(asked: Asked, tenant: Tenant) -> None:
    group: UserGroup = group_named(tenant, _named(asked))
    remove_group(caller_of(asked, tenant), group.id, now=asked.now)
    asked.answer({"id": str(group.id)}, "The group is removed; its users stay.")


def _named(asked: Asked) -> str:
    name: str = asked.name
    if not name:
        raise Malformed("Say which group.", field="name")
    return name


ACTS: dict[str, Callable[[Asked, Tenant], None]] = {
    "list": _list,
    "show": _show,
    "add": _add,
    "change": _change,
    "remove": _remove,
}
