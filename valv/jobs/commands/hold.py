"""``valv hold``: place, list and release holds.

What is there is chosen with the filters of ``valv search`` and by ids; what is still
to come with ``--coming-queue`` and its like.
"""

import argparse
from typing import Any
from zoneinfo import ZoneInfo

from valv.core.errors import Malformed
from valv.core.holds import HoldRule
from valv.core.identifiers import Kind
from valv.core.interaction import Media
from valv.core.permissions import Right
from valv.core.search import PARAMETERS, SearchRequest, read_search
from valv.jobs.command import OK, Asked
from valv.lifecycle.holds import (
    Matter,
    Standing,
    Wanted,
    holds,
    people_of,
    place,
    release,
    shown_hold,
)
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.queries import tenant_by_slug

HELP = "place, list and release holds: nothing under one goes"
FILTERS = sorted(PARAMETERS - {"limit", "cursor", "count"})
PEOPLE = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)
COMING = ("queue", "agent", "media", *(kind.value for kind in PEOPLE))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["place", "list", "release"])
    parser.add_argument("hold", nargs="?", help="the number of the hold to release")
    for name in ("matter", "owner", "reason"):
        parser.add_argument(f"--{name}", default="", metavar="TEXT")
    parser.add_argument(
        "--id", action="append", default=[], metavar="ID", help="an interaction"
    )
    for name in COMING:
        parser.add_argument(
            f"--coming-{name}",
            action="append",
            default=[],
            metavar="X",
            help="covers what arrives from now on",
        )
    for name in FILTERS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"search_{name}",
            action="append",
            default=[],
            metavar="X",
        )


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    caller = Caller(tenant, asked.actor, frozenset(Right))
    if asked.act == "list":
        listed = [shown_hold(one, now=asked.now) for one in holds(caller)]
        asked.answer({"items": listed}, "\n".join(map(_sentence, listed)))
        return OK
    act = _place if asked.act == "place" else _release
    done = shown_hold(act(asked, caller), now=asked.now)
    asked.answer(done, _sentence(done))
    return OK


def _place(asked: Asked, caller: Caller) -> Standing:
    matter = Matter(name=asked.matter, owner=asked.owner, reason=asked.reason)
    wanted = Wanted(
        search=_search(asked, caller.tenant),
        interactions=frozenset(_number(text, field="id") for text in asked.id),
        rule=_rule(asked, caller.tenant),
    )
    return place(caller, matter, wanted, now=asked.now)


def _search(asked: Asked, tenant: Tenant) -> SearchRequest | None:
    typed = [
        (name, value)
        for name in FILTERS
        for value in getattr(asked.args, f"search_{name}")
    ]
    if not typed:
        return None
    return read_search(typed, zone=ZoneInfo(tenant.timezone), region=tenant.region)


def _rule(asked: Asked, tenant: Tenant) -> HoldRule | None:
    coming = {name: tuple(getattr(asked.args, f"coming_{name}")) for name in COMING}
    if not any(coming.values()):
        return None
    try:
        media = tuple(map(Media, coming["media"]))
    except ValueError:
        raise Malformed("There is no such medium.", field="coming-media") from None
    people = [(kind, text) for kind in PEOPLE for text in coming[kind.value]]
    return HoldRule(coming["queue"], coming["agent"], media, people_of(tenant, people))


def _release(asked: Asked, caller: Caller) -> Standing:
    number = _number(asked.hold or "", field="hold")
    return release(caller, number, reason=asked.reason, now=asked.now)


def _number(text: str, *, field: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise Malformed("It is a number.", field=field)
    return int(text)


def _sentence(shown: dict[str, Any]) -> str:
    return (
        f"{shown['id']} {shown['state']}: {shown['matter']} ({shown['owner']}),"
        f" {shown['interactions']} interactions."
    )
