"""``valv support add`` and its like: who supports tenants, once they are let in."""

import argparse

from valv.core.errors import Malformed
from valv.jobs.command import OK, Asked, typed_password
from valv.tenants.support import add_supporter, remove_supporter, supporters

HELP = "say who supports tenants that let them in"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["add", "list", "remove"])
    parser.add_argument("address", nargs="?", default="", help="their e-mail address")
    parser.add_argument("--name", default="", help="the name shown to tenants")
    parser.add_argument("--team", default="", help="the team a tenant may let in")
    parser.add_argument("--password-stdin", action="store_true")


def run(asked: Asked) -> int:
    if asked.act == "list":
        known = [{"name": one.name, "team": one.team} for one in supporters()]
        asked.answer(known, "\n".join(f"{one['name']}, {one['team']}" for one in known))
        return OK
    if not asked.address:
        raise Malformed("Say whose.", field="address")
    if asked.act == "remove":
        remove_supporter(asked.address, actor=asked.actor, now=asked.now)
        asked.answer({}, "They sign in no more.")
        return OK
    return _add(asked)


def _add(asked: Asked) -> int:
    if not asked.password_stdin:
        raise Malformed("It is read from standard input.", field="password-stdin")
    user = add_supporter(
        asked.address,
        password=typed_password(),
        name=asked.name,
        team=asked.team,
        actor=asked.actor,
        now=asked.now,
    )
    asked.answer({"user": str(user.id)}, "They can sign in, and see no tenant yet.")
    return OK
