"""``valv retention``: show or set the storage times, and the rules before them."""

import argparse
from pathlib import Path
from typing import Any

import msgspec

from valv.core.errors import Malformed
from valv.core.retention import Stored
from valv.jobs.command import OK, Asked
from valv.lifecycle.storage_told import (
    Wanted,
    told_foreseen,
    told_in_force,
    wanted_from,
)
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.queries import storage_times, tenant_by_slug
from valv.tenants.storage_changes import change_storage

HELP = "show or set how long each class of data is kept"
WAITS = "The change waits; what is shown holds until then."
SHOWN_BESIDE = {"version", "since", "set_by", "waiting"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "act", nargs="?", choices=["show", "set", "rules"], default="show"
    )
    for stored in Stored:
        parser.add_argument(
            f"--{stored.value.replace('_', '-')}",
            metavar="DAYS",
            help="days, `forever`, or `unset`: as general information, and restricted"
            " recordings as others",
        )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        type=Path,
        help="with `rules`: times, minimum, rules and decision, as JSON",
    )
    parser.add_argument(
        "--new-only",
        action="store_true",
        help="what is held already stays on the times it came under",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what tonight would remove"
    )


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    stated = _stated(asked.args)
    if stated is not None:
        wanted = wanted_from(tenant, stated)
        if asked.dry_run:
            return _foretell(asked, tenant, wanted)
        _change(asked, tenant, wanted)
    _show(asked, tenant)
    return OK


def _stated(args: argparse.Namespace) -> dict[str, Any] | None:
    """What is to be changed; None where something is only to be shown."""
    days = {stored.value: getattr(args, stored.value) for stored in Stored}
    times = {name: one for name, one in days.items() if one is not None}
    if bool(times) != (args.act == "set"):
        raise Malformed("Storage times are given with `set`, and at least one.")
    if args.source is not None and args.act != "rules":
        raise Malformed("A file is read with `rules`.", field="--from")
    if times:
        unset = {name: None if one == "unset" else one for name, one in times.items()}
        stated: dict[str, Any] = {"times": unset}
    elif args.source is not None:
        stated = _read(args.source)
    else:
        return None
    return stated | ({"applies_to": "new"} if args.new_only else {})


def _read(file: Path) -> dict[str, Any]:
    """What a file states, which may be what ``rules --json`` showed."""
    try:
        stated = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except OSError:
        raise Malformed("It cannot be read.", field="--from") from None
    except msgspec.MsgspecError:
        raise Malformed("The file is not a JSON object.", field="--from") from None
    return {name: stated[name] for name in stated.keys() - SHOWN_BESIDE}


def _foretell(asked: Asked, tenant: Tenant, wanted: Wanted) -> int:
    told = told_foreseen(tenant, wanted, now=asked.now)
    plain = "\n".join(
        f"{name}: {one['count']} would go, {one['held']} on hold,"
        f" {one['under_minimum']} within a minimum"
        for name, one in told["classes"].items()
    )
    asked.answer(told, plain)
    return OK


def _change(asked: Asked, tenant: Tenant, wanted: Wanted) -> None:
    change_storage(
        tenant,
        wanted.policy,
        applies_to=wanted.applies_to,
        actor=asked.actor,
        now=asked.now,
    )


def _show(asked: Asked, tenant: Tenant) -> None:
    told = told_in_force(tenant)
    if asked.act == "rules":
        asked.answer(told, msgspec.json.format(msgspec.json.encode(told)).decode())
        return
    with scope.reading(tenant.id):
        shown = storage_times().as_json()
    lines = [
        f"{name}: {'unset' if days is None else days}" for name, days in shown.items()
    ]
    asked.answer(shown, "\n".join([*lines, WAITS] if told["waiting"] else lines))
