"""Taking what was entered out of chat logs and transcripts that are kept.

What is kept is sealed anew under another key, and the old one is destroyed with its
bytes. The digest of the source's own bytes stays, so that sending them again changes
nothing. A chat that is still told has its messages sealed anew where they lie.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from valv.archive import contents
from valv.archive.models import ChatPart, Content
from valv.archive.operations import locked, may_go
from valv.core.blanking import Blanking, blanking_of
from valv.core.errors import NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.intake.chats import open_line, seal_line
from valv.lifecycle.jobs import Running
from valv.storage import keys
from valv.storage.keys import KeyKind
from valv.storage.models import Intent

WRITTEN = (ContentKind.CHAT_LOG.number, ContentKind.TRANSCRIPT.number)
TOLD = {ContentKind.CHAT_LOG: "messages", ContentKind.TRANSCRIPT: "utterances"}


def blank_contents(running: Running, rows: Sequence[Content]) -> None:
    """Blank what some interactions have in writing, one content at a time."""
    pairs = [(one.kind, one.normal) for one in running.who.known]
    blanking = blanking_of(pairs, region=running.tenant.region)
    if blanking.pattern is None:
        return
    for row in rows:
        if row.kind in WRITTEN and row.id is not None:
            _blank(running, row, blanking)


def _blank(running: Running, row: Content, blanking: Blanking) -> None:
    if contents.has_bytes(row):
        plain = contents.read_whole(row)
        blanked = None if plain is None else _without(row, plain, blanking)
        if blanked is not None and blanked != plain:
            _replace(running, row, blanked)
    if row.kind == ContentKind.CHAT_LOG.number:
        running.batch(lambda: _blank_parts(running, row, blanking))


def _without(row: Content, plain: bytes, blanking: Blanking) -> bytes:
    log: dict[str, Any] = msgspec.json.decode(plain)
    said = log.get(TOLD[ContentKind.numbered(row.kind)], [])
    changed = [{**one, "text": blanking(one["text"])} for one in said]
    if changed == said:
        return plain
    log[TOLD[ContentKind.numbered(row.kind)]] = changed
    return msgspec.json.encode(log)


def _replace(running: Running, row: Content, plain: bytes) -> None:
    """Seal it anew, and let the new take the old one's place in one transaction."""
    tenant_id, kind = running.tenant.id, ContentKind.numbered(row.kind)
    sealing = contents.begin(tenant_id, now=running.now)
    try:
        sealing = contents.store(sealing, kind, [plain])
        (sealing,) = contents.promise([sealing], now=running.now)
        done = running.batch(lambda: _admit(running, row, sealing, len(plain)))
    except BaseException:
        contents.abandon(sealing)
        raise
    if not done:
        contents.abandon(sealing)


def _admit(
    running: Running, before: Content, sealing: contents.Sealing, size: int
) -> list[Intent] | None:
    """None if it is held or was changed meanwhile; then it is looked at once more."""
    try:
        held = not may_go(locked(before.interaction_id))
    except NotFound:
        return None
    kind = ContentKind.numbered(before.kind)
    row = contents.row_of(before.interaction_id, kind, before.n)
    if held or row is None or row.id != before.id:
        return None
    doomed = contents.doomed([row], now=running.now)
    row.bytes = size
    contents.admit(row, sealing, provisional=bool(row.provisional))
    running.note(blanked=1)
    return doomed


def _blank_parts(
    running: Running, row: Content, blanking: Blanking
) -> list[Intent] | None:
    """Messages of a chat under way: sealed anew under the same key."""
    parts = list(ChatPart.objects.filter(interaction_id=row.interaction_id))
    if not parts or not may_go(locked(row.interaction_id)):
        return None
    opened = keys.read(row.tenant_id, KeyKind.CONTENT, {p.content_id for p in parts})
    for part in parts:
        key = opened.get(part.content_id)
        line = None if key is None else open_line(part, key)
        if line is not None and key and blanking(line.text) != line.text:
            changed = msgspec.structs.replace(line, text=blanking(line.text))
            found = ChatPart.objects.filter(
                interaction_id=part.interaction_id, event=part.event
            )
            found.update(sealed=seal_line(part, changed, key))
            running.note(blanked=1)
    return []


def in_writing(ids: Sequence[int]) -> list[Content]:
    """What some interactions have in writing, shown or not. Inside a scope."""
    found = Content.objects.filter(
        interaction_id__among=ids,
        kind__in=WRITTEN,
        state__in=(ContentState.PRESENT.number, ContentState.AWAITING.number),
    )
    return list(found.order_by("interaction_id", "kind", "n"))
