"""``valv export FILE``: all hits of a search, as a spreadsheet or as NDJSON.

The file is readable by its owner alone, and is complete or not there at all.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import msgspec

from valv.archive.exports import enter_export
from valv.archive.items import Item
from valv.archive.queries import kinds_of, walk
from valv.core.errors import Conflict, Malformed
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.search import (
    HIGHEST_LIMIT,
    PARAMETERS,
    Count,
    SearchRequest,
    read_search,
)
from valv.jobs.command import OK, Asked, refuse_nowhere
from valv.sharing.spreadsheet import spreadsheet
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.queries import tenant_by_slug

HELP = "write all hits of a search to a file"
FILTERS = sorted(PARAMETERS - {"limit", "cursor", "count"})
FORMS = {".xlsx": "xlsx", ".ndjson": "ndjson"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="ending in .xlsx or .ndjson")
    parser.add_argument("--reason", default="", help="why; kept in the audit log")
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
    form = FORMS.get(asked.file.suffix)
    if form is None:
        raise Malformed("The file's name ends in .xlsx or .ndjson.", field="file")
    refuse_nowhere(asked.file)
    if asked.file.exists():
        raise Conflict("There is already a file of this name.")
    counted = _Counted(_items(asked, tenant, form))
    _write(asked.file, _bytes(counted, tenant, form))
    asked.answer({"exported": counted.count}, f"{counted.count} interactions written.")
    return OK


class _Counted:
    """Items, and how many they were."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self.count = 0

    def __iter__(self) -> Iterator[Item]:
        for item in self._items:
            self.count += 1
            yield item


def _items(asked: Asked, tenant: Tenant, form: str) -> Iterator[Item]:
    """The hits; their export is entered before the first is handed over."""
    caller = Caller(tenant, asked.actor, frozenset(Right))
    request = _request(asked, tenant)
    details = {"form": form, "by": sorted(kinds_of(request))}
    enter_export(caller, details, reason=asked.reason, now=asked.now)
    return chain.from_iterable(walk(caller, request, now=asked.now))


def _request(asked: Asked, tenant: Tenant) -> SearchRequest:
    pairs = (
        (name, value)
        for name in FILTERS
        for value in getattr(asked.args, f"search_{name}")
    )
    request = read_search(pairs, zone=zone_named(tenant.timezone), region=tenant.region)
    return replace(request, limit=HIGHEST_LIMIT, count=Count.NONE)


def _bytes(items: _Counted, tenant: Tenant, form: str) -> Iterator[bytes]:
    if form == "xlsx":
        return spreadsheet(items, zone=zone_named(tenant.timezone))
    return (msgspec.json.encode(item) + b"\n" for item in items)


def _write(file: Path, chunks: Iterator[bytes]) -> None:
    half = file.with_name(file.name + ".part")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.writelines(chunks)
            out.flush()
            os.fsync(out.fileno())
        half.rename(file)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
