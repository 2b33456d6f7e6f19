"""``valv subject-access FILE``: all that is held about one person, as a zip for them.

The file is readable by its owner alone, and is complete or not there at all.
"""

import argparse
import os
from pathlib import Path
from typing import NoReturn

from valv.core.errors import Conflict, Malformed, Refused
from valv.core.identifiers import Kind
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.core.purposes import Use
from valv.jobs.command import FAILED, OK, Asked, refuse_nowhere
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.files import fetch
from valv.lifecycle.models import Job
from valv.lifecycle.plans import EVERYTHING, JobState, Options
from valv.lifecycle.receipts import SUBJECT
from valv.lifecycle.showing import Seen, see_job
from valv.tenants.access import Caller
from valv.tenants.queries import tenant_by_slug

HELP = "write all that is held about one person to a zip for them"
NOTHING = "Nothing is held about them, and no file is written."
BY = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="ending in .zip")
    for kind in BY:
        parser.add_argument(f"--{kind.value}", action="append", default=[], metavar="X")
    parser.add_argument("--language", choices=planning.LANGUAGES, default="")
    parser.add_argument("--name-staff", action="store_true", help="name who handled it")
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="ID",
        help="an interaction that is somebody else's",
    )  # fmt: skip
    parser.add_argument(
        "--tell", action="append", default=[], metavar="ID",
        help="somebody else who may be named, by the id that is shown",
    )  # fmt: skip
    parser.add_argument(
        "--reviewed", action="store_true", help="the others shown were looked at"
    )


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    if asked.file.suffix != ".zip":
        raise Malformed("The file's name ends in .zip.", field="file")
    refuse_nowhere(asked.file)
    if asked.file.exists():
        raise Conflict("There is already a file of this name.")
    caller = Caller(tenant, asked.actor, frozenset(Right))
    job = planning.plan(caller, _wanted(asked), now=asked.now)
    seen = see_job(caller, job, now=asked.now).also_seen_with
    if seen and not asked.reviewed:
        jobs.cancel(tenant, job.id)
        _ask(asked, seen)
    tell = map(id_from_text, asked.tell)
    job = planning.review(
        tenant, job, tell=tell, language=asked.language, name_staff=asked.name_staff
    )
    job = kinds.begin(tenant, job, at_night=True, now=asked.now)
    job = kinds.run(tenant, job.id, now=asked.now)
    if job.state != JobState.DONE:
        return FAILED
    made = range(1, job.report.get("files", 0) + 1)
    files = [_write(asked, caller, job, n) for n in made]
    answer = {"job": str(job.id), "interactions": job.total, "files": files}
    asked.answer(answer, f"{job.total} interactions written." if files else NOTHING)
    return OK


def _wanted(asked: Asked) -> planning.Wanted:
    typed = tuple(
        (kind, text) for kind in BY for text in getattr(asked.args, kind.value)
    )
    return planning.Wanted(
        kind=SUBJECT,
        typed=typed,
        struck=frozenset(map(id_from_text, asked.leave_out)),
        options=Options(take=EVERYTHING, purpose=Use.LEGAL.value, language="en"),
    )


def _ask(asked: Asked, seen: list[Seen]) -> NoReturn:
    """Show who else stands there; nothing is written before somebody looked."""
    lines = (f"{one.id}  {one.kind} {one.shown} ({one.here})" for one in seen)
    asked.answer({"third_parties": seen}, "\n".join(lines))
    raise Refused(
        "third_parties",
        "Others stand there too. Look at them, then say --reviewed, with --tell ID for"
        " whom it may name and --leave-out ID for what is somebody else's.",
    )


def _write(asked: Asked, caller: Caller, job: Job, n: int) -> str:
    got = fetch(caller, job, n, now=asked.now)
    file = asked.file if n == 1 else asked.file.with_stem(f"{asked.file.stem}-{n}")
    half = file.with_name(file.name + ".part")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.writelines(got.reader.read())
            out.flush()
            os.fsync(out.fileno())
        half.rename(file)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return str(file)
