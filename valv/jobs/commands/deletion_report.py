"""``valv deletion-report``: what was removed in a period, by which rule."""

import argparse
import os
from pathlib import Path

from valv.core.errors import Conflict, Malformed
from valv.core.moments import local_date, zone_named
from valv.core.permissions import Right
from valv.jobs.command import OK, Asked, refuse_nowhere
from valv.lifecycle.deletions import deletion_report
from valv.sharing.deletion_sheet import deletion_csv, deletion_pdf, told
from valv.sharing.deletion_words import WORDS
from valv.tenants.access import Caller
from valv.tenants.queries import tenant_by_slug

HELP = "tell what was removed in a period, or write it to a file"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="ending in .csv or .pdf")
    parser.add_argument("--from", default="", dest="first", metavar="DATE")
    parser.add_argument("--to", default="", dest="last", metavar="DATE")
    parser.add_argument("--language", choices=list(WORDS))


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    caller = Caller(tenant, asked.actor, frozenset(Right))
    today = local_date(asked.now, zone=zone_named(tenant.timezone))
    report = deletion_report(caller, asked.first, asked.last, today=today)
    language = asked.language or tenant.language
    rows, notes = told(report, language).rows, told(report, language).notes
    plain = "\n".join("  ".join(filter(None, row)) for row in rows) or notes[-1]
    if asked.file is not None:
        made = {
            ".csv": lambda: deletion_csv(report, language),
            ".pdf": lambda: deletion_pdf(report, language, now=asked.now),
        }.get(asked.file.suffix)
        if made is None:
            raise Malformed("The file's name ends in .csv or .pdf.", field="file")
        _write(asked.file, made())
        plain = f"{len(report.lines)} lines written."
    asked.answer(report, plain)
    return OK


def _write(file: Path, body: bytes) -> None:
    """Raises Conflict rather than write over a file."""
    refuse_nowhere(file)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict("There is already a file of this name.") from None
    with os.fdopen(descriptor, "wb") as out:
        out.write(body)
