"""``valv forget``: forget a person, by what they are known by."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from valv.core.errors import Busy, Malformed
from valv.core.identifiers import Kind
from valv.core.permissions import Right
from valv.jobs.command import FAILED, OK, REFUSED, Asked
from valv.lifecycle import jobs, kinds, many, planning
from valv.lifecycle.many import BY
from valv.lifecycle.models import Job
from valv.lifecycle.plans import EVERYTHING, JobState, Options, Place, leaves_of
from valv.lifecycle.receipts import receipt_of
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.queries import tenant_by_slug

HELP = "forget a person: cut them from the archive, and delete content if asked"
Typed = tuple[tuple[Kind, str], ...]


def arguments(parser: argparse.ArgumentParser) -> None:
    for kind in BY:
        parser.add_argument(f"--{kind.value}", action="append", default=[], metavar="X")
    parser.add_argument(
        "--delete-content", action="store_true", help="delete what was said, too"
    )
    parser.add_argument(
        "--in",
        action="append",
        choices=list(Place),
        dest="places",
        metavar="PLACE",
        help="cut the person there alone: archive, surveys, raw_data (all, if unsaid)",
    )
    parser.add_argument(
        "--keep-text",
        action="store_true",
        help="keep what the person wrote beside it: subject, variables, comment",
    )
    parser.add_argument(
        "--standing",
        type=int,
        default=0,
        metavar="DAYS",
        help="keep nothing of who gets in touch again, for so many days",
    )
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        metavar="ID",
        help="an interaction that is somebody else's",
    )
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="many persons, one a row under the headings phone, email, handle",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what is found, and change nothing"
    )
    parser.add_argument("--yes", action="store_true", help="it cannot be undone")


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    if not asked.yes and not asked.dry_run:
        raise Malformed("Look with --dry-run, then say --yes.", field="yes")
    caller = Caller(tenant, asked.actor, frozenset(Right))
    if asked.csv is not None:
        return _many(asked, caller)
    typed = _typed(asked)
    if not typed:
        raise Malformed("Say whom, with --phone, --email or --handle.", field="phone")
    wanted = _wanted(asked, typed)
    # What a crash left is forgotten first, for nobody could be told from it any more.
    whole = asked.dry_run or kinds.run_waiting(tenant, now=asked.now)
    job = _done(asked, tenant, planning.plan(caller, wanted, now=asked.now))
    if not whole and not job.total:
        raise Busy("An earlier job could not be finished; try again.")
    said = "found" if asked.dry_run else STATUS.get(job.state, "waiting")
    asked.answer(_answer(tenant, job), _sentence(job, said=said))
    return _code(job)


def _done(asked: Asked, tenant: Tenant, job: Job) -> Job:
    """What was planned is run, or only told of."""
    if asked.dry_run:
        jobs.cancel(tenant, job.id)
        return job
    jobs.approve(tenant, job.id, at_night=False, now=asked.now)
    return kinds.run(tenant, job.id, now=asked.now)


def _many(asked: Asked, caller: Caller) -> int:
    """A job for each person of the file; a line that cannot be read stops no other."""
    if any(getattr(asked.args, kind.value) for kind in BY):
        raise Malformed("The persons are those of the file.", field="csv")
    tenant, like = caller.tenant, _wanted(asked, ())
    listed = many.persons_of(_text(asked.csv))
    whole = asked.dry_run or kinds.run_waiting(tenant, now=asked.now)
    done: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    codes = {OK if whole else FAILED}
    for one in many.plans_of(caller, listed, like=like, now=asked.now):
        if isinstance(one, many.Refused):
            refused.append(asdict(one))
            continue
        job = _done(asked, tenant, one.job)
        done.append({"line": one.line, **_answer(tenant, job)})
        codes.add(_code(job))
    lines = [f"line {one['line']}: {one['field']}: {one['reason']}" for one in refused]
    said = "\n".join([*lines, f"{len(done)} persons, {len(refused)} lines refused."])
    asked.answer({"jobs": done, "refused": refused}, said)
    return FAILED if refused or FAILED in codes else max(codes)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError:
        raise Malformed("It cannot be read.", field="csv") from None
    except UnicodeDecodeError:
        raise Malformed("The file is not UTF-8.", field="csv") from None


def _typed(asked: Asked) -> Typed:
    return tuple(
        (kind, text) for kind in BY for text in getattr(asked.args, kind.value)
    )


def _wanted(asked: Asked, typed: Typed) -> planning.Wanted:
    return planning.Wanted(
        typed=typed,
        struck=frozenset(map(_id, asked.leave_out)),
        options=Options(
            anonymise=True,
            leaves=leaves_of(asked.places or Place),
            delete=EVERYTHING if asked.delete_content else (),
            keep_text=asked.keep_text,
            standing_days=asked.standing,
        ),
    )


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise Malformed("It is an interaction's id.", field="leave-out")
    return int(text)


def _answer(tenant: Tenant, job: Job) -> dict[str, Any]:
    with scope.reading(tenant.id):
        receipt = receipt_of(job.id)
    return {
        "job": str(job.id),
        "status": STATUS.get(job.state, "waiting"),
        "matched": job.total,
        "places": job.places,
        "held": _held(job),
        "receipt": receipt,
    }


STATUS = {JobState.DONE.value: "done", JobState.PARTLY.value: "partly"}


def _held(job: Job) -> int:
    """Kept by a hold; of a plan, as many as would be."""
    kept: int = job.report.get("held", job.places.get("held", 0))
    return kept


def _code(job: Job) -> int:
    if job.report.get("failed"):
        return FAILED
    return REFUSED if job.state == JobState.PARTLY else OK


def _sentence(job: Job, *, said: str) -> str:
    places = ", ".join(f"{name} {n}" for name, n in job.places.items() if n)
    where = f" ({places})" if places else ""
    return f"{said}: {job.total} interactions{where}."
