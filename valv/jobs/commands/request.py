"""``valv request``: what people ask for who are in the archive, and its answers."""

import argparse
from typing import Any

from valv.core.errors import Malformed
from valv.core.ids import id_from_text
from valv.core.moments import local_date, parse_date, zone_named
from valv.core.permissions import Right
from valv.core.privacy_requests import Decision, RequestKind
from valv.jobs.command import OK, Asked
from valv.lifecycle import requests
from valv.lifecycle.requests import Seen, shown_request
from valv.tenants.access import Caller
from valv.tenants.queries import tenant_by_slug

HELP = "register, decide and answer what people ask for who are in the archive"
ACTS = ("add", "list", "check", "extend", "decide", "answer")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=ACTS)
    parser.add_argument("request", nargs="?", default="", help="the request's id")
    parser.add_argument("--kind", choices=[one.value for one in RequestKind])
    parser.add_argument("--who", default="", metavar="TEXT", help="who it is from")
    parser.add_argument("--received", default="", metavar="DATE", help="today if none")
    parser.add_argument(
        "--checked", default="", metavar="TEXT", help="how, by whom not"
    )
    parser.add_argument("--decision", choices=[one.value for one in Decision])
    parser.add_argument("--reason", default="", metavar="TEXT")
    parser.add_argument("--job", default="", metavar="ID", help="the job that does it")
    parser.add_argument("--how", default="", metavar="TEXT", help="how it was answered")


def run(asked: Asked) -> int:
    caller = Caller(tenant_by_slug(asked.tenant), asked.actor, frozenset(Right))
    if asked.act == "list":
        found = requests.requests(caller, now=asked.now)
        listed = [shown_request(one) for one in found]
        asked.answer({"items": listed}, "\n".join(map(_sentence, listed)))
        return OK
    done = _add(asked, caller) if asked.act == "add" else _change(asked, caller)
    shown = shown_request(done)
    asked.answer(shown, _sentence(shown))
    return OK


def _add(asked: Asked, caller: Caller) -> Seen:
    if asked.kind is None:
        raise Malformed("Say what is asked for.", field="kind")
    zone = zone_named(caller.tenant.timezone)
    today = local_date(asked.now, zone=zone)
    return requests.register(
        caller,
        RequestKind(asked.kind),
        who=asked.who,
        received_on=parse_date(asked.received, field="received")
        if asked.received
        else today,
        checked_by=asked.checked,
        now=asked.now,
    )


def _change(asked: Asked, caller: Caller) -> Seen:
    number, now = id_from_text(asked.request), asked.now
    match asked.act:
        case "check":
            return requests.check(caller, number, how=asked.checked, now=now)
        case "extend":
            return requests.extend(caller, number, reason=asked.reason, now=now)
        case "answer":
            return requests.answer(caller, number, how=asked.how, now=now)
        case _:
            return _decide(asked, caller, number)


def _decide(asked: Asked, caller: Caller, number: int) -> Seen:
    if asked.decision is None:
        raise Malformed("Say what is decided.", field="decision")
    return requests.decide(
        caller,
        number,
        Decision(asked.decision),
        reason=asked.reason,
        job_id=id_from_text(asked.job) if asked.job else None,
        now=asked.now,
    )


def _sentence(shown: dict[str, Any]) -> str:
    """Of whom it is from nothing is said: a terminal is read over shoulders."""
    return f"{shown['id']} {shown['kind']}: {shown['state']}, due {shown['due_on']}."
