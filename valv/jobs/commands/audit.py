"""``valv audit``: read the log, verify it, and show its newest signed checkpoint."""

import argparse
from pathlib import Path
from typing import Any

from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.publishing import publish
from valv.audit.queries import LogFilter, entries
from valv.audit.tree import newest_note, signer
from valv.audit.verify import Verdict, settle, verify
from valv.core.errors import Malformed
from valv.core.ids import id_from_text
from valv.core.moments import format_moment, parse_from, parse_to, zone_named
from valv.core.notes import LONGEST
from valv.jobs.command import FAILED, OK, Asked
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.queries import tenant_by_slug

HELP = "read the audit log, verify it, or show its signed checkpoint"
MOST, HIGHEST = 100_000, (1 << 63) - 1


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
    parser.add_argument("--action", choices=[action.value for action in Action])
    parser.add_argument("--actor", dest="actor_name", help="by name")
    parser.add_argument("--interaction", help="by id")
    parser.add_argument("--from", dest="since", help="a time, or a local date")
    parser.add_argument("--to", dest="until", help="a time, or a local date")
    parser.add_argument("--before", help="only numbers below this")
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
    wanted, limit = _filter(asked, tenant), _number(asked.limit, "limit", most=MOST)
    before = asked.before and _number(asked.before, "before", most=HIGHEST)
    settle(tenant.id)
    with scope.writing(tenant.id):
        found = entries(wanted, before=before, limit=limit)
        record(Act(Action.LOG), actor=asked.actor, now=asked.now)
    last = found[-1].seq if len(found) == limit else None
    shown = {"items": list(map(_shown, found)), "next": last and str(last)}
    asked.answer(shown, "\n".join(map(_line, found)))
    return OK


def _number(text: str, name: str, *, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        text = "0"
    if not 1 <= int(text) <= most:
        raise Malformed(f"It is a number from 1 to {most}.", field=name)
    return int(text)


def _filter(asked: Asked, tenant: Tenant) -> LogFilter:
    zone = zone_named(tenant.timezone)
    return LogFilter(
        action=asked.action,
        actor=asked.actor_name,
        interaction_id=asked.interaction and id_from_text(asked.interaction),
        since=parse_from(asked.since, zone=zone) if asked.since else None,
        until=parse_to(asked.until, zone=zone) if asked.until else None,
    )


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
