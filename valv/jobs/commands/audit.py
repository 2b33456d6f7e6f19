"""``valv audit``: read the log, verify it, and show its newest signed checkpoint."""

import argparse
from pathlib import Path
from typing import Any

from valv.archive.log_reading import read_log
from valv.audit.asked import (
    CHOSEN,
    PARAMETERS,
    PEOPLE,
    cursor_of,
    key_from,
    read_asked,
)
from valv.audit.asked import Asked as Wanted
from valv.audit.models import Entry
from valv.audit.publishing import publish
from valv.audit.tree import newest_note, signer
from valv.audit.verify import Verdict, settle, verify
from valv.core.errors import Malformed
from valv.core.ids import id_from_text
from valv.core.moments import format_moment, zone_named
from valv.core.notes import LONGEST
from valv.core.permissions import Right
from valv.jobs.command import FAILED, OK, Asked
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.queries import tenant_by_slug

HELP = "read the audit log, verify it, or show its signed checkpoint"
MOST = 100_000
PIECE = "exact, or a piece with * first and/or last"
HELPS = {
    **dict.fromkeys(("actor", "reason"), PIECE),
    **dict.fromkeys(PEOPLE, f"of interactions with whom: {PIECE}"),
    **dict.fromkeys(("from", "to"), "a time, or a local date"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["list", "verify", "checkpoint"])
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="verify against a signed checkpoint that was kept elsewhere",
    )
    parser.add_argument(
        "--publish", action="store_true", help="write the checkpoint out now"
    )
    for name in PARAMETERS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"log_{name}",
            action="append",
            default=[],
            choices=CHOSEN.get(name),
            help=HELPS.get(name),
        )
    parser.add_argument("--interaction", help="by id")
    parser.add_argument("--cursor", help="the last answer's next")
    parser.add_argument("--limit", default="50", help=f"1 to {MOST}; 50 unless stated")


def run(asked: Asked) -> int:
    tenant = tenant_by_slug(asked.tenant)
    acts = {"list": _list, "verify": _verify, "checkpoint": _checkpoint}
    return acts[asked.act](asked, tenant)


def _verify(asked: Asked, tenant: Tenant) -> int:
    kept = None if asked.checkpoint is None else _read(asked.checkpoint)
    verdict = verify(tenant.id, held_elsewhere=kept)
    asked.answer(verdict, _said(verdict))
    return OK if verdict.ok else FAILED


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as held:
            return held.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError):
        raise Malformed("It cannot be read.", field="checkpoint") from None


def _checkpoint(asked: Asked, tenant: Tenant) -> int:
    """Print the signed note as it is, so that it can be kept; its key with --json."""
    settle(tenant.id)
    if asked.publish:
        publish(tenant.id, tenant.slug, now=asked.now)
    note, key = newest_note(tenant.id), signer(tenant.id).key()
    asked.answer({"checkpoint": note, "key": key}, note.rstrip("\n"))
    return OK


def _said(verdict: Verdict) -> str:
    flaw = verdict.first_bad
    if flaw is not None:
        return f"At number {flaw.seq}: {flaw.why}"
    return f"{verdict.size} entries, {verdict.pending} pending: the log is whole."


def _list(asked: Asked, tenant: Tenant) -> int:
    limit = _number(asked.limit, "limit", most=MOST)
    caller = Caller(tenant, asked.actor, frozenset({Right.AUDIT}))
    after = None if asked.cursor is None else key_from(asked.cursor)
    page = read_log(
        caller, _wanted(asked, tenant), after=after, limit=limit, now=asked.now
    )
    found = [line.entry for line in page.lines]
    last = None if page.next is None else cursor_of(page.next)
    shown = {"items": list(map(_shown, found)), "next": last}
    asked.answer(shown, "\n".join(map(_line, found)))
    return OK


def _number(text: str, name: str, *, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        text = "0"
    if not 1 <= int(text) <= most:
        raise Malformed(f"It is a number from 1 to {most}.", field=name)
    return int(text)


def _wanted(asked: Asked, tenant: Tenant) -> Wanted:
    given = (
        (name, text)
        for name in PARAMETERS
        for text in getattr(asked.args, f"log_{name}")
    )
    zone = zone_named(tenant.timezone)
    wanted = read_asked(given, zone=zone, region=tenant.region)
    about = asked.interaction
    return wanted if about is None else wanted.of(id_from_text(about))


def _shown(entry: Entry) -> dict[str, Any]:
    about = entry.interaction_id
    return {
        "seq": entry.seq,
        "at": format_moment(entry.at),
        "action": entry.action,
        "actor": entry.actor,
        "actor_type": entry.actor_type,
        "interaction_id": None if about is None else str(about),
        "content": entry.content,
        "reason": entry.reason,
    }


def _line(entry: Entry) -> str:
    about = entry.interaction_id
    told = [
        str(entry.seq),
        format_moment(entry.at),
        entry.action,
        f"{entry.actor} ({entry.actor_type})",
        "" if about is None else str(about),
        entry.content or "",
        entry.reason,
    ]
    return "  ".join(filter(None, told))
