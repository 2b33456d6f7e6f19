"""Chats told message by message: kept apart until their end, then one chat log.

Each message is sealed under the key of the content that is to be, shown to nobody, and
goes with that key. At the end they become a chat log, in the order of their times; one
that comes later still is put in its place, in a log sealed anew. A log that was sent
whole wins over what messages tell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Struct

from valv.archive import contents
from valv.archive.flags import Flag
from valv.archive.models import ChatPart, Content, Interaction
from valv.archive.operations import locked
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Refused
from valv.core.interaction import ContentKind, ContentState, Sender
from valv.core.people import Actor
from valv.intake.contents import refuse
from valv.storage import intents, keys, scope
from valv.storage.columns import insert
from valv.storage.ids import inner_id
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.sealed import open_value, seal_value
from valv.tenants.models import Tenant

PRESENT, AWAITING = ContentState.PRESENT.number, ContentState.AWAITING.number


class Line(Struct, frozen=True, rename={"sender": "from"}):
    """A message as it is sealed; ``event`` orders those of one moment."""

    at: datetime
    sender: Sender
    text: str
    event: str


class Log(Struct, frozen=True):
    """A chat log made of messages; its JSON reads as any other chat log's."""

    messages: list[Line]


@dataclass(frozen=True, slots=True)
class Said:
    """A message on its way in, with the keyed hash of its event."""

    interaction: Interaction
    hash: bytes
    line: Line


def is_told(content: Content | None) -> bool:
    """Whether messages still make this chat log: awaited, or made of messages."""
    if content is None:
        return True
    return content.digest is None and content.state in (PRESENT, AWAITING)


def keep(
    tenant: Tenant,
    said: Sequence[Said],
    held: Mapping[int, Content],
    *,
    now: datetime,
) -> None:
    """Seal messages of chats inside the ``writing`` scope that locked them.

    ``held`` gives the chat log of each interaction that has one; for the others a row
    is made that awaits the end.
    """
    awaiting = {one.interaction.id: one.interaction for one in said}
    fresh = {id_: inner_id(now) for id_ in awaiting if id_ not in held}
    opened = keys.create(tenant.id, KeyKind.CONTENT, fresh.values()) if fresh else {}
    insert([_awaited(awaiting[id_], content_id) for id_, content_id in fresh.items()])
    places = fresh | {id_: row.id or 0 for id_, row in held.items()}
    known = set(places.values()) - opened.keys()
    opened |= keys.read(tenant.id, KeyKind.CONTENT, known)
    insert(
        [
            _part(tenant.id, one, content_id, opened[content_id])
            for one in said
            if (content_id := places[one.interaction.id]) in opened
        ]
    )


def _awaited(interaction: Interaction, content_id: int) -> Content:
    return Content(
        interaction_id=interaction.id,
        kind=ContentKind.CHAT_LOG.number,
        n=1,
        id=content_id,
        state=AWAITING,
        provisional=True,
        aged_from=interaction.aged_from,
        terms=interaction.terms,
    )


def _part(tenant_id: int, one: Said, content_id: int, key: bytes) -> ChatPart:
    part = ChatPart(
        tenant_id=tenant_id,
        interaction_id=one.interaction.id,
        event=one.hash,
        content_id=content_id,
        at=one.line.at,
    )
    part.sealed = seal_line(part, one.line, key)
    return part


def seal_line(part: ChatPart, line: Line, key: bytes) -> bytes:
    """A message, sealed for its place among those of a chat under way."""
    return seal_value(msgspec.json.encode(line), key=key, context=_context_of(part))


def open_line(part: ChatPart, key: bytes) -> Line:
    """Raises Tampered if it was not sealed for this place."""
    plain = open_value(bytes(part.sealed), key=key, context=_context_of(part))
    return msgspec.json.decode(plain, type=Line)


def _context_of(part: ChatPart) -> bytes:
    return _context(part.tenant_id, part.content_id, bytes(part.event))


def _context(tenant_id: int, content_id: int, event: bytes) -> bytes:
    return f"chat:{tenant_id}:{content_id}:{event.hex()}".encode()


def close(tenant: Tenant, interaction_id: int, *, actor: Actor, now: datetime) -> None:
    """Make the chat log of what was told so far, durable at return.

    If somebody else changes the chat meanwhile it is left to them, who close it too.
    """
    with scope.reading(tenant.id):
        before = contents.row_of(interaction_id, ContentKind.CHAT_LOG, 1)
        parts = list(ChatPart.objects.filter(interaction_id=interaction_id))
    if before is None or not parts or not is_told(before):
        return
    lines = _lines(tenant.id, before, parts)
    if not lines:
        return
    body = msgspec.json.encode(Log(lines))
    sealing = contents.begin(tenant.id, now=now)
    try:
        sealing = contents.store(sealing, ContentKind.CHAT_LOG, [body])
        (sealing,) = contents.promise([sealing], now=now)
        with scope.writing(tenant.id):
            doomed = _admit(tenant, before, parts, sealing, size=len(body), now=now)
            act = Act(Action.RECEIVE, interaction_id, content="chat_log:1")
            record(act, actor=actor, now=now)
    except (_Moved, Refused):
        contents.abandon(sealing)
    except BaseException:
        contents.abandon(sealing)
        raise
    else:
        intents.carry_out(tenant.id, doomed)


class _Moved(Exception):
    """The chat changed while its log was made."""


def _lines(tenant_id: int, log: Content, parts: Iterable[ChatPart]) -> list[Line]:
    """All messages, those in the log already too, by time."""
    key = keys.read(tenant_id, KeyKind.CONTENT, [log.id or 0]).get(log.id or 0)
    if key is None:
        return []
    lines = [open_line(part, key) for part in parts]
    if contents.has_bytes(log):
        lines += msgspec.json.decode(contents.read_whole(log) or b"", type=Log).messages
    once = {line.event: line for line in lines}
    return sorted(once.values(), key=lambda line: (line.at, line.event))


def _admit(
    tenant: Tenant,
    before: Content,
    parts: Sequence[ChatPart],
    sealing: contents.Sealing,
    *,
    size: int,
    now: datetime,
) -> list[Intent]:
    interaction = locked(before.interaction_id)
    refuse(tenant, interaction, ContentKind.CHAT_LOG)
    row = contents.row_of(interaction.id, ContentKind.CHAT_LOG, 1)
    waiting = ChatPart.objects.filter(interaction_id=interaction.id)
    if row is None or row.id != before.id or waiting.count() != len(parts):
        raise _Moved
    doomed = contents.doomed([row], now=now)
    row.aged_from, row.terms = interaction.aged_from, interaction.terms
    row.bytes, row.format, row.digest = size, "json", None
    contents.admit(row, sealing)
    waiting.delete()
    interaction.flags |= int(Flag.CHAT_LOG)
    interaction.save(update_fields=["flags"])
    return doomed


def close_left(tenant: Tenant, *, actor: Actor, now: datetime) -> int:
    """Close the chats that ended and were not closed, as after a crash."""
    with scope.reading(tenant.id):
        waiting = set(ChatPart.objects.values_list("interaction_id", flat=True))
        ended = Interaction.objects.filter(id__in=waiting, ended_at__isnull=False)
        left = list(ended.values_list("id", flat=True))
    for interaction_id in left:
        close(tenant, interaction_id, actor=actor, now=now)
    return len(left)
