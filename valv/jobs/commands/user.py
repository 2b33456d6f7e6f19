"""``valv user``: who may sign in, and what they may; help for who cannot."""

import argparse
from collections.abc import Callable
from typing import Any

from valv.audit import searches
from valv.core.errors import Malformed
from valv.core.inheritance import NOTHING, Stated
from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.jobs import rights_options
from valv.jobs.command import OK, Asked, typed_password
from valv.jobs.rights_options import caller_of, change_from, group_named
from valv.lifecycle.former_users import pseudonymise
from valv.tenants.models import Tenant, User
from valv.tenants.queries import tenant_by_slug, user_by_address
from valv.tenants.rights import stated_of
from valv.tenants.roster import list_users, see_user
from valv.tenants.second_factor import reset_second_factor
from valv.tenants.sign_ins import unlock
from valv.tenants.users import UserChange, add_user, change_user

Answered = tuple[object, str]
HELP = "list, add and change users, help those who cannot sign in, see to who left"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=list(ACTS))
    parser.add_argument("address", nargs="?", default="", help="by which they sign in")
    parser.add_argument("--name", default="", help="the name shown in the audit log")
    parser.add_argument(
        "--role",
        choices=[role.value for role in Role],
        help="whose rights to grant; archive_user if nothing else is said",
    )
    parser.add_argument("--group", metavar="NAME", help="their user group; “” for none")
    parser.add_argument("--password-stdin", action="store_true", help="to add one")
    parser.add_argument(
        "--agent", help="their id as an agent; with pseudonymise, it is renamed as well"
    )
    rights_options.add_options(parser)


def run(asked: Asked) -> int:
    if asked.act != "list" and not asked.address:
        raise Malformed("Say whose.", field="address")
    asked.answer(*ACTS[asked.act](asked, tenant_by_slug(asked.tenant)))
    return OK


def _whose(asked: Asked, tenant: Tenant) -> User:
    return user_by_address(tenant, asked.address)


def _told(user: User, sentence: str) -> Answered:
    return {"user": str(user.id)}, sentence


def _list(asked: Asked, tenant: Tenant) -> Answered:
    found = list_users(caller_of(asked, tenant), now=asked.now).everyone
    searches.insist()
    listed = [
        {
            "id": str(one.id),
            "email": one.email,
            "name": one.name,
            "active": one.is_active,
            "group": found.groups[one.group_id].name if one.group_id else None,
            "rights": sorted(found.rights[one.id].rights),
        }
        for one in found.users.values()
    ]
    plain = [
        f"{one['email']}  {one['name']}  {one['group'] or '–'}"
        f"{'' if one['active'] else '  shut out'}"
        for one in listed
    ]
    return {"items": listed}, "\n".join(plain) or "There are no users."


def _show(asked: Asked, tenant: Tenant) -> Answered:
    user = _whose(asked, tenant)
    found = see_user(caller_of(asked, tenant), user.id, now=asked.now).everyone
    comes, group = found.rights[user.id], found.groups.get(user.group_id or 0)
    told = {
        "id": str(user.id),
        "email": user.email,
        "name": user.name,
        "active": user.is_active,
        "group": None if group is None else group.name,
        "agent": user.agent or None,
    }
    shown = {**told, **rights_options.shown(stated_of(user), comes)}
    return shown, "\n".join([f"{user.name}:", *rights_options.lines(comes)])


def _add(asked: Asked, tenant: Tenant) -> Answered:
    if not asked.password_stdin:
        raise Malformed("Give the password on the input.", field="--password-stdin")
    stated = _stated(asked, tenant)
    user = add_user(
        caller_of(asked, tenant),
        email=asked.address,
        name=asked.name,
        password=typed_password(),
        stated=stated,
        group_id=group_named(tenant, asked.group).id if asked.group else None,
        agent=asked.agent or "",
        now=asked.now,
    )
    return _told(user, "The user can sign in.")


def _stated(asked: Asked, tenant: Tenant) -> Stated:
    """What is stated of a new user: a role's rights, and what options say besides."""
    wanted = change_from(asked, tenant)
    role = asked.role
    if role is None and wanted is None and not asked.group:
        role = Role.ARCHIVE_USER
    granted = tuple(sorted(RIGHTS_OF_ROLE[Role(role)])) if role else ()
    stated = Stated(grant=granted) if granted else NOTHING
    return stated if wanted is None else wanted.of(stated)


def _change(asked: Asked, tenant: Tenant) -> Answered:
    """What is named; a role's rights take the place of those granted."""
    user = _whose(asked, tenant)
    stated: dict[str, Any] = {}
    if asked.name:
        stated["name"] = asked.name
    if asked.agent is not None:
        stated["agent"] = asked.agent
    if asked.group is not None:
        group = group_named(tenant, asked.group) if asked.group else None
        stated["group_id"] = None if group is None else group.id
    wanted = change_from(asked, tenant)
    if wanted is not None or asked.role is not None:
        stated["rights"] = _changed(asked, tenant, user)
    change = UserChange(stated)
    change_user(caller_of(asked, tenant), user.id, change, now=asked.now)
    return _told(user, "It holds from their next request on.")


def _changed(asked: Asked, tenant: Tenant, user: User) -> Stated:
    stands, wanted = stated_of(user), change_from(asked, tenant)
    if asked.role is not None:
        granted = tuple(sorted(RIGHTS_OF_ROLE[Role(asked.role)]))
        denied = tuple(one for one in stands.deny if one not in granted)
        stands = Stated(granted, denied, stands.queues, stands.groups)
    return stands if wanted is None else wanted.of(stands)


def _deactivate(asked: Asked, tenant: Tenant) -> Answered:
    user = _let_in(asked, tenant, UserChange({"is_active": False}))
    return _told(user, "They can sign in no more.")


def _activate(asked: Asked, tenant: Tenant) -> Answered:
    user = _let_in(asked, tenant, UserChange({"is_active": True}))
    return _told(user, "They can sign in again.")


def _let_in(asked: Asked, tenant: Tenant, change: UserChange) -> User:
    number, caller = _whose(asked, tenant).id, caller_of(asked, tenant)
    return change_user(caller, number, change, now=asked.now)


def _unlock(asked: Asked, tenant: Tenant) -> Answered:
    user = _whose(asked, tenant)
    unlock(user, actor=asked.actor, now=asked.now)
    return _told(user, "Failed tries are forgotten; nobody has to wait.")


def _reset_second_factor(asked: Asked, tenant: Tenant) -> Answered:
    user = _whose(asked, tenant)
    reset_second_factor(user, actor=asked.actor, now=asked.now)
    gone = "Authenticator, recovery codes and passkeys are gone; all signed out."
    return _told(user, gone)


def _pseudonymise(asked: Asked, tenant: Tenant) -> Answered:
    user = _whose(asked, tenant)
    agent, now = asked.agent, asked.now
    name = pseudonymise(tenant, user.id, actor=asked.actor, now=now, agent=agent)
    return _told(user, f"They are called {name} now.")


ACTS: dict[str, Callable[[Asked, Tenant], Answered]] = {
    "list": _list,
    "add": _add,
    "show": _show,
    "change": _change,
    "deactivate": _deactivate,
    "activate": _activate,
    "unlock": _unlock,
    "reset-second-factor": _reset_second_factor,
    "pseudonymise": _pseudonymise,
}
