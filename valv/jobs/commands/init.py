"""``valv init``: make the installation, and a tenant with its administrator."""

import argparse
import sys
from os import urandom
from pathlib import Path

from django.conf import settings

from valv.core.errors import Malformed
from valv.core.master_keys import written
from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.jobs.command import OK, Asked, typed_password
from valv.storage import installation, schema
from valv.tenants.operations import (
    check_address_is_free,
    check_login,
    create_tenant,
    create_user,
)

HELP = "make the archive, a tenant and its administrator"
KEEP_A_COPY = (
    "A master key was made in {file}. Keep a copy of it elsewhere, and copy the key "
    "database after each backup of the data: without them nothing here can be read, "
    "by anyone. Then confirm it with `valv keys confirm`."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="the tenant's full name")
    parser.add_argument("--region", default="SE", help="two letters, for phone numbers")
    parser.add_argument("--timezone", default="Europe/Stockholm")
    parser.add_argument("--admin", required=True, help="the administrator's address")
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from stdin"
    )


def run(asked: Asked) -> int:
    if not asked.tenant:
        raise Malformed("Say the tenant's short name with --tenant.", field="tenant")
    password = _password(asked)
    check_login(email=asked.admin, password=password)
    lay_ground(asked)
    check_address_is_free(asked.admin)
    tenant = create_tenant(
        asked.tenant,
        name=asked.name or asked.tenant,
        region=asked.region,
        timezone=asked.timezone,
        actor=asked.actor,
        now=asked.now,
    )
    create_user(
        tenant,
        email=asked.admin,
        password=password,
        rights=RIGHTS_OF_ROLE[Role.OWNER],
        actor=asked.actor,
        now=asked.now,
    )
    asked.answer({"tenant": tenant.slug}, f"Tenant “{tenant.slug}” is ready.")
    return OK


def _password(asked: Asked) -> str:
    if asked.args.password_stdin:
        return typed_password()
    raise Malformed(
        "Give the administrator's password on stdin with --password-stdin.",
        field="password",
    )


def lay_ground(asked: Asked) -> None:
    """Make the data folder, the master key if there is none, and both databases."""
    data: Path = settings.VALV_DATA
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    schema.prepare(data)
    if settings.VALV_MASTER_KEY is None:
        installation.refuse_another_key()
        settings.VALV_MASTER_KEY = _make_master_key(data / "master.key")
    installation.begin(now=asked.now)


def _make_master_key(file: Path) -> bytes:
    """Make the key file; it is never overwritten."""
    key = urandom(32)
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(written(key))
    print(KEEP_A_COPY.format(file=file), file=sys.stderr)
    return key
