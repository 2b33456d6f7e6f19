"""``valv search``: the archive's search, with the filters of the API."""

import argparse
import sys
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from valv.archive.items import Item
from valv.archive.queries import SearchAnswer, page
from valv.audit import searches
from valv.core.moments import parse_moment
from valv.core.permissions import Right
from valv.core.search import PARAMETERS, read_search
from valv.jobs.command import OK, Asked
from valv.tenants.access import Caller
from valv.tenants.queries import tenant_by_slug

HELP = "find interactions"
COLUMNS = ("id", "started", "media", "who", "queue", "agents", "outcome", "content")


def arguments(parser: argparse.ArgumentParser) -> None:
    for name in sorted(PARAMETERS):
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"search_{name}",
            action="append",
            default=[],
            metavar="X",
        )


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    zone = ZoneInfo(tenant.timezone)
    request = read_search(_parameters(asked), zone=zone, region=tenant.region)
    caller = Caller(tenant, asked.actor, frozenset(Right))
    answer = page(caller, request, now=asked.now)
    searches.insist()
    asked.answer(answer)
    if not asked.json:
        _show(answer, zone=zone)
    return OK


def _parameters(asked: Asked) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name in sorted(PARAMETERS)
        for value in getattr(asked.args, f"search_{name}")
    ]


def _show(answer: SearchAnswer, *, zone: ZoneInfo) -> None:
    table = Table(box=None, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, no_wrap=name == "id", overflow="fold")
    for item in answer.items:
        table.add_row(*_cells(item, zone=zone))
    console = Console(file=sys.stdout)
    console.print(table)
    if answer.count is not None:
        more = "more than " if answer.count.capped else ""
        value = answer.count.value - answer.count.capped
        console.print(f"{len(answer.items)} of {more}{value}")
    if answer.next is not None:
        console.print(f"go on with --cursor {answer.next}")


def _cells(item: Item, *, zone: ZoneInfo) -> list[str]:
    started = parse_moment(item.started_at).astimezone(zone)
    who = item.identifiers
    known = [text for text in (who.phone, who.email, who.handle, who.name) if text]
    held = [content.kind for content in item.contents if content.state == "present"]
    return [
        item.id,
        started.strftime("%Y-%m-%d %H:%M:%S"),
        item.media,
        ", ".join(known) or ("withheld" if item.withheld else "–"),
        item.queue or "",
        ", ".join(item.agents),
        item.outcome or "",
        ", ".join(held),
    ]
