"""All that a tenant has, as files in a folder: for one who leaves.

``interactions.ndjson`` (as the API answers them), ``raw-events.ndjson``,
``audit-log.ndjson`` with ``audit-checkpoint.txt``; under ``contents/`` what was said,
and under ``vcons/`` a vCon of each interaction that names those files with their
SHA-512. Files are readable by their owner alone. ``complete.json`` comes last: without
it the folder is not whole. Content that nobody may see yet is not there.
"""

import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha512
from pathlib import Path
from typing import Any

import msgspec

from valv.archive import contents
from valv.archive.exports import enter_export
from valv.archive.items import Item
from valv.archive.models import Content
from valv.archive.queries import walk
from valv.archive.raw_listing import Wanted, raw_events
from valv.audit import tree
from valv.audit.models import Entry
from valv.audit.verify import settle
from valv.core.errors import Conflict, NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.search import HIGHEST_LIMIT, Count, SearchRequest
from valv.storage import scope
from valv.tenants.access import Caller

ALL = SearchRequest(limit=HIGHEST_LIMIT, count=Count.NONE)
COMPLETE = "complete.json"
PAGE = 1000
VCON = "0.4.0"


def export_whole(
    caller: Caller, folder: Path, *, reason: str, now: datetime
) -> dict[str, int]:
    """Write everything into a folder; answers how many of what.

    Raises Conflict for a folder that holds anything else, NotFound for content whose
    key is gone, and what the blob store raised: then there is no ``complete.json``.
    """
    _begin(folder)
    enter_export(caller, {"form": "whole"}, reason=reason, now=now)
    tenant_id = caller.tenant.id
    settle(tenant_id)
    counts = {"interactions": 0, "contents": 0}
    write_whole(
        folder / "interactions.ndjson", _lines(_told(caller, folder, counts, now))
    )
    events = raw_events(caller, Wanted(), limit=None)
    counts["raw_events"] = write_whole(folder / "raw-events.ndjson", _lines(events))
    counts["audit_entries"] = write_whole(
        folder / "audit-log.ndjson", _lines(_entries(tenant_id))
    )
    write_whole(folder / "audit-checkpoint.txt", [tree.newest_note(tenant_id).encode()])
    write_whole(folder / COMPLETE, [msgspec.json.encode(counts)])
    return counts


def _begin(folder: Path) -> None:
    """An empty folder, or one that was begun before: what is there is written anew."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / COMPLETE).unlink(missing_ok=True)
    ours = {"interactions.ndjson", "raw-events.ndjson", "audit-log.ndjson"}
    ours |= {"audit-checkpoint.txt", "contents", "vcons"}
    if {file.name.removesuffix(".part") for file in folder.iterdir()} - ours:
        raise Conflict("The folder holds something else.")
    for name in ("contents", "vcons"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)


def write_whole(file: Path, chunks: Iterable[bytes]) -> int:
    """Write a file whole or not at all; answers how many pieces."""
    half, count = file.with_name(file.name + ".part"), 0
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for chunk in chunks:
            out.write(chunk)
            count += 1
        out.flush()
        os.fsync(out.fileno())
    half.rename(file)
    return count


def _lines(told: Iterable[object]) -> Iterator[bytes]:
    return (msgspec.json.encode(one) + b"\n" for one in told)


def _told(
    caller: Caller, folder: Path, counts: dict[str, int], now: datetime
) -> Iterator[Item]:
    """Each interaction, with what was said and its vCon written before it is told."""
    for page in walk(caller, ALL, now=now):
        for item in page:
            files = list(_contents(caller.tenant.id, int(item.id), folder))
            vcon = msgspec.json.encode(_vcon(item, files, now=now))
            write_whole(folder / "vcons" / f"{item.id}.vcon.json", [vcon])
            counts["interactions"] += 1
            counts["contents"] += len(files)
            yield item


def _contents(
    tenant_id: int, interaction_id: int, folder: Path
) -> Iterator[dict[str, Any]]:
    with scope.reading(tenant_id):
        rows = [
            row
            for row in contents.rows_of([interaction_id])
            if row.state == ContentState.PRESENT.number and contents.has_bytes(row)
        ]
    for row in rows:
        yield _content(row, folder)


def _content(row: Content, folder: Path) -> dict[str, Any]:
    opened = contents.reader(row)
    if opened is None:
        raise NotFound("The key of some content is gone.")
    kind = ContentKind.numbered(row.kind)
    name = f"{row.interaction_id}_{kind.value}_{row.n}.{row.format or 'json'}"
    digest = sha512()

    def hashed() -> Iterator[bytes]:
        for chunk in opened.read():
            digest.update(chunk)
            yield chunk

    write_whole(folder / "contents" / name, hashed())
    sum_ = urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    return {
        "kind": kind,
        "url": f"../contents/{name}",
        "content_hash": f"sha512-{sum_}",
        "duration": row.seconds,
    }


def _vcon(item: Item, files: list[dict[str, Any]], *, now: datetime) -> dict[str, Any]:
    """A vCon (draft-ietf-vcon-vcon-core) whose dialogs are files beside it."""
    told = msgspec.to_builtins(item)
    known = told["identifiers"]
    customer = {"tel": known["phone"], "mailto": known["email"], "name": known["name"]}
    dialogs = [
        {
            "type": "recording" if one["kind"] is ContentKind.RECORDING else "text",
            "start": told["started_at"],
            "parties": [0],
            **{name: one[name] for name in ("url", "content_hash", "duration")},
        }
        for one in files
    ]
    return {
        "vcon": VCON,
        "uuid": told["session_id"],
        "created_at": now.isoformat(),
        "subject": told["subject"],
        "parties": [{name: value for name, value in customer.items() if value}],
        "dialog": [
            {name: value for name, value in one.items() if value is not None}
            for one in dialogs
        ],
    }


def _entries(tenant_id: int) -> Iterator[dict[str, Any]]:
    """The audit log in the order of its rows; MACs and salts are not told."""
    last = 0
    while True:
        with scope.reading(tenant_id):
            found = list(Entry.objects.filter(id__gt=last).order_by("id")[:PAGE])
        for one in found:
            yield {
                "seq": one.seq,
                "at": one.at,
                "action": one.action,
                "actor": one.actor,
                "actor_type": one.actor_type,
                "interaction_id": one.interaction_id,
                "content": one.content,
                "reason": one.reason,
                "details": one.details,
            }
        if not found:
            return
        last = found[-1].id
