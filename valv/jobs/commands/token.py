"""``valv token create``: a token for a machine."""

import argparse

from valv.core.errors import Malformed
from valv.core.permissions import Scope
from valv.jobs.command import OK, Asked
from valv.tenants.operations import create_token
from valv.tenants.queries import tenant_by_slug

HELP = "make API tokens"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["create"])
    parser.add_argument("--name", required=True, help="what the token is for")
    parser.add_argument("--scope", required=True, help="scopes, with commas between")


def run(asked: Asked) -> int:
    secret = create_token(
        tenant_by_slug(asked.tenant),
        name=asked.name,
        scopes=_scopes(asked.scope),
        actor=asked.actor,
        now=asked.now,
    )
    asked.answer({"token": secret}, secret)
    return OK


def _scopes(written: str) -> list[Scope]:
    try:
        return [Scope(word) for word in written.replace(",", " ").split()]
    except ValueError:
        known = ", ".join(scope.value for scope in Scope)
        raise Malformed(f"Scopes are {known}.", field="scope") from None
