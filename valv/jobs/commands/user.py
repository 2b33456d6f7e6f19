"""``valv user``: who may sign in, help for who cannot, and what becomes of who left."""

import argparse
import sys

from valv.core.errors import Malformed
from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.jobs.command import OK, Asked
from valv.lifecycle.former_users import pseudonymise
from valv.tenants.models import Tenant, User
from valv.tenants.operations import create_user
from valv.tenants.queries import tenant_by_slug, user_by_address
from valv.tenants.second_factor import reset_second_factor
from valv.tenants.sign_ins import unlock
from valv.tenants.staff import leave

HELP = "add users, help those who cannot sign in, and see to those who left"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=list(ACTS))
    parser.add_argument("address", help="the e-mail address to sign in with")
    parser.add_argument("--name", default="", help="the name shown in the audit log")
    parser.add_argument(
        "--role", choices=[role.value for role in Role], default=Role.ARCHIVE_USER.value
    )
    parser.add_argument("--password-stdin", action="store_true", help="to add one")
    parser.add_argument("--agent", help="their id as an agent, to rename it as well")


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    user, sentence = ACTS[asked.act](asked, tenant)
    asked.answer({"user": str(user.id)}, sentence)
    return OK


def _add(asked: Asked, tenant: Tenant) -> tuple[User, str]:
    if not asked.password_stdin:
        raise Malformed("Give the password on the input.", field="--password-stdin")
    user = create_user(
        tenant,
        email=asked.address,
        name=asked.name,
        password=sys.stdin.readline().rstrip("\n"),
        rights=RIGHTS_OF_ROLE[Role(asked.role)],
        actor=asked.actor,
        now=asked.now,
    )
    return user, "The user can sign in."


def _unlock(asked: Asked, tenant: Tenant) -> tuple[User, str]:
    user = user_by_address(tenant, asked.address)
    unlock(user, actor=asked.actor, now=asked.now)
    return user, "Failed tries are forgotten; nobody has to wait."


def _reset_second_factor(asked: Asked, tenant: Tenant) -> tuple[User, str]:
    user = user_by_address(tenant, asked.address)
    reset_second_factor(user, actor=asked.actor, now=asked.now)
    return user, "Authenticator, recovery codes and passkeys are gone; all signed out."


def _leave(asked: Asked, tenant: Tenant) -> tuple[User, str]:
    user = user_by_address(tenant, asked.address)
    leave(tenant, user.id, actor=asked.actor, now=asked.now)
    return user, "They can sign in no more."


def _pseudonymise(asked: Asked, tenant: Tenant) -> tuple[User, str]:
    user = user_by_address(tenant, asked.address)
    agent, now = asked.agent, asked.now
    name = pseudonymise(tenant, user.id, actor=asked.actor, now=now, agent=agent)
    return user, f"They are called {name} now."


ACTS = {
    "add": _add,
    "unlock": _unlock,
    "reset-second-factor": _reset_second_factor,
    "leave": _leave,
    "pseudonymise": _pseudonymise,
}
