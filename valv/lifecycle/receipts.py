"""Receipts: what a job did, signed by the log's key, and naming nobody.

A receipt is plain text with an Ed25519 signature under it, as C2SP writes signed notes.
It tells what was asked, when it was done, how much of each class went, and at which
number of the audit log that stands; there the same counts stand, and the log's own
proof shows that they were entered then. ``scripts/verify_receipt.py`` checks both
without Valv. Its first line keeps it from being taken for a checkpoint.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from valv.audit import tree
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, number_all, record
from valv.audit.proofs import proof_of
from valv.core.errors import NotFound
from valv.core.moments import format_moment
from valv.core.people import Actor
from valv.lifecycle.models import Job, Receipt
from valv.lifecycle.plans import JobState, Options, Place, options_of
from valv.storage import scope

FORGET, DELETE, DOWNLOAD = "forget", "delete", "download"
SUBJECT = "subject"
RECEIPT = "receipt"
TITLE = "valv receipt of deletion 1"
COUNTED = (
    "interactions", "recordings", "restricted", "chat_logs", "transcripts",
    "identifiers", "texts", "raw_events", "blanked", "openings", "held",
)  # fmt: skip
ANONYMISED = "interactions"


def issue(
    job: Job, state: JobState, report: dict[str, int], *, actor: Actor, now: datetime
) -> None:
    """Enter what a job did in the audit log, and sign it. Inside ``writing``."""
    counts = {name: report[name] for name in COUNTED if report.get(name)}
    details = {"job": str(job.id), "state": state.value, "counts": counts}
    number_all()
    act = Action.FORGET if job.kind == FORGET else Action.DELETE
    record(Act(act, content=RECEIPT, details=details), actor=actor, now=now)
    tree.number()
    entry = Entry.objects.filter(content=RECEIPT).order_by("-seq").first()
    if entry is None or entry.seq is None:
        raise NotFound("The audit log takes no entries.")
    text = _text(job, details, seq=entry.seq, now=now)
    note = tree.signer(scope.current()).sign(text)
    proof = msgspec.to_builtins(proof_of(entry.seq))
    Receipt.objects.create(
        job_id=job.id, seq=entry.seq, issued_at=now, note=note, proof=proof
    )


def _text(job: Job, details: dict[str, Any], *, seq: int, now: datetime) -> str:
    options = options_of(job)
    asked = [job.kind, *(["anonymise"] if options.anonymise else [])]
    asked += [f"delete {kind.value}" for kind in options.delete]
    lines = [
        TITLE,
        f"log {tree.signer(scope.current()).origin}",
        f"entry {seq}",
        f"job {job.id}",
        f"asked {format_moment(job.created_at)}",
        f"ended {format_moment(now)}",
        f"act {', '.join(asked)}",
        *_places(options),
        f"state {details['state']}",
        *(
            f"count {name} {number}"
            for name, number in sorted(details["counts"].items())
        ),
    ]
    return "\n".join(lines) + "\n"


def _places(options: Options) -> list[str]:
    """In which places the person was cut, and which stay as they are."""
    if not options.anonymise:
        return []
    done = [place for place in Place if options.cuts(place)]
    lines = [f"places {', '.join(done)}"]
    return [*lines, f"left {', '.join(options.leaves)}"] if options.leaves else lines


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt says was done: the kind of job, and how much was removed by it.

    Interactions are among it only where their person was cut; they stay themselves.
    """

    kind: str
    removed: dict[str, int]


def told_in(note: str) -> Told:
    """Read a receipt's own words."""
    acts: list[str] = []
    removed: dict[str, int] = {}
    for line in note.splitlines():
        word, _, rest = line.partition(" ")
        if word == "act":
            acts = rest.split(", ")
        elif word == "count":
            name, number = rest.split(" ")
            removed[name] = int(number)
    kept = {"held"} if "anonymise" in acts else {"held", ANONYMISED}
    return Told(acts[0], {k: n for k, n in removed.items() if k not in kept})


def receipt_of(job_id: int) -> dict[str, Any]:
    """The newest receipt of a job with its proof; empty without one. Inside a scope."""
    found = Receipt.objects.filter(job_id=job_id).order_by("-id").first()
    if found is None:
        return {}
    return {
        "note": found.note,
        "seq": found.seq,
        "issued_at": format_moment(found.issued_at),
        "proof": found.proof,
    }
