"""``valv import``: bring in vCons, events, recordings by name, and older archives."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from valv.core.errors import Malformed
from valv.intake import imports
from valv.intake.imports import Import
from valv.intake.mapping import read_map
from valv.jobs.command import FAILED, OK, REFUSED, Asked
from valv.tenants.queries import tenant_by_slug

HELP = "bring in vCons, events and recordings, from folders, zips and files"
Step = Callable[[str], None]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument(
        "--map", type=Path, metavar="FILE", help="what the columns of a table are"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen; change nothing"
    )


def run(asked: Asked) -> int:
    for path in asked.paths:
        if not path.exists():
            raise Malformed("There is no such file or folder.", field="path")
    work = Import(
        tenant_by_slug(asked.tenant),
        asked.actor,
        asked.now,
        map=None if asked.map is None else read_map(asked.map),
        dry_run=asked.dry_run,
    )
    with _progress() as step:
        imports.run(work, asked.paths, step=step)
    asked.answer(work.as_json(), _sentences(work))
    if work.report.failed:
        return FAILED
    return REFUSED if work.report.refused else OK


@contextmanager
def _progress() -> Iterator[Step]:
    """A line that tells how far it is, on a terminal only."""
    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = SpinnerColumn(), TextColumn("{task.completed} in"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("import", total=None)
        yield lambda _: progress.advance(task)


def _sentences(work: Import) -> str:
    told: dict[str, Any] = work.as_json()
    would = "would be " if work.dry_run else ""
    counts = ", ".join(
        f"{told[name]} {would}{name}" for name in ("imported", "updated", "unchanged")
    )
    lines = [f"{counts}."]
    lines += [f"refused ({r.rule}): {r.source}: {r.reason}" for r in told["refused"]]
    lines += [f"failed: {f.source}: {f.reason}" for f in told["failed"]]
    if work.dry_run:
        goes = ", ".join(f"{name} {count}" for name, count in work.tonight.items())
        lines.append(f"The next nightly run would take: {goes or 'nothing'}.")
    return "\n".join(lines)
