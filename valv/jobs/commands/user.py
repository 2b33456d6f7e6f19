"""``valv user add``: someone who may sign in."""

import argparse
import sys

from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.jobs.command import OK, Asked
from valv.tenants.operations import create_user
from valv.tenants.queries import tenant_by_slug

HELP = "add users"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["add"])
    parser.add_argument("address", help="the e-mail address to sign in with")
    parser.add_argument("--name", default="", help="the name shown in the audit log")
    parser.add_argument(
        "--role", choices=[role.value for role in Role], default=Role.ARCHIVE_USER.value
    )
    parser.add_argument("--password-stdin", action="store_true", required=True)


def run(asked: Asked) -> int:
    user = create_user(
        tenant_by_slug(asked.tenant),
        email=asked.address,
        name=asked.name,
        password=sys.stdin.readline().rstrip("\n"),
        rights=RIGHTS_OF_ROLE[Role(asked.role)],
        actor=asked.actor,
        now=asked.now,
    )
    asked.answer({"user": str(user.id)}, "The user can sign in.")
    return OK
