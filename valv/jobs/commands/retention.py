"""``valv retention``: show or set the storage times."""

import argparse

from valv.core.errors import Malformed
from valv.core.retention import Stored, times_from
from valv.jobs.command import OK, Asked
from valv.storage import scope
from valv.tenants.operations import set_storage_times
from valv.tenants.queries import storage_times, tenant_by_slug

HELP = "show or set how long each class of data is kept"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", nargs="?", choices=["show", "set"], default="show")
    for stored in Stored:
        parser.add_argument(
            f"--{stored.value.replace('_', '-')}",
            metavar="DAYS",
            help="days, `forever`, or `unset`: as general information, and restricted"
            " recordings as others",
        )


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    with scope.reading(tenant.id):
        times = storage_times()
    stated = _stated(asked.args)
    if bool(stated) != (asked.act == "set"):
        raise Malformed("Storage times are given with `set`, and at least one.")
    if stated:
        times = times_from(stated, current=times)
        set_storage_times(tenant, times, actor=asked.actor, now=asked.now)
    shown = times.as_json()
    plain = "\n".join(f"{name}: {days}" for name, days in shown.items())
    asked.answer(shown, plain)
    return OK


def _stated(args: argparse.Namespace) -> dict[str, object]:
    stated = {stored.value: getattr(args, stored.value) for stored in Stored}
    return {
        name: None if days == "unset" else days
        for name, days in stated.items()
        if days is not None
    }
