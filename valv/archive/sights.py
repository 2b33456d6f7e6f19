"""Seeing, hearing and taking out content: each act with its entry in the audit log.

The entry commits before a byte is handed over; if it cannot be written, nothing is
shown (law 8). The bytes are then read outside of the transaction, under a key that a
deletion may destroy at any moment: what is half read then ends there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from valv.archive import contents, spoken
from valv.archive.models import Content, Interaction, PlayHandle
from valv.archive.spoken import Names, ShownChatLog, ShownTranscript
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Gone, NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.storage import scope
from valv.storage.sealed import SealedReader
from valv.tenants.access import Caller

HANDLE_LIVES = timedelta(hours=2)
RIGHT_OF = {Action.PLAY: Right.PLAY, Action.SEE: Right.PLAY}


@dataclass(frozen=True, slots=True)
class Opened:
    """Content that may now be read, and what it hangs on."""

    interaction: Interaction
    row: Content
    reader: SealedReader
    names: Names


def name_of(kind: ContentKind, n: int) -> str:
    """How the audit log names a content, such as ``recording:1``."""
    return f"{kind.value}:{n}"


def play(caller: Caller, interaction_id: int, n: int, *, now: datetime) -> Opened:
    """Hear a recording: one entry for each call.

    Raises Forbidden without the right, NotFound for what is not there or not decided,
    Gone for what was removed. So do all the others here.
    """
    return _opened(
        caller, Action.PLAY, interaction_id, ContentKind.RECORDING, n, now=now
    )


def download(
    caller: Caller, interaction_id: int, kind: ContentKind, n: int, *, now: datetime
) -> Opened:
    """Take content out as a file: one entry for each call."""
    return _opened(caller, Action.DOWNLOAD, interaction_id, kind, n, now=now)


def see_chat_log(caller: Caller, interaction_id: int, *, now: datetime) -> ShownChatLog:
    opened = _opened(
        caller, Action.SEE, interaction_id, ContentKind.CHAT_LOG, 1, now=now
    )
    return chat_log_of(opened)


def see_transcript(
    caller: Caller, interaction_id: int, n: int, *, now: datetime
) -> ShownTranscript:
    opened = _opened(
        caller, Action.SEE, interaction_id, ContentKind.TRANSCRIPT, n, now=now
    )
    return transcript_of(opened)


def chat_log_of(opened: Opened) -> ShownChatLog:
    body = b"".join(opened.reader.read())
    return spoken.chat_log_from(body, opened.interaction, opened.names)


def transcript_of(opened: Opened) -> ShownTranscript:
    body = b"".join(opened.reader.read())
    return spoken.transcript_from(body, opened.interaction, opened.names)


def begin_play(caller: Caller, interaction_id: int, n: int, *, now: datetime) -> str:
    """Begin to hear a recording on one page view: one entry, and a handle.

    With the handle, ``continue_play`` reads any number of ranges without another entry.
    It is the user's own, and lives for two hours.
    """
    with scope.writing(caller.tenant.id):
        PlayHandle.objects.filter(created_at__lt=now - HANDLE_LIVES).delete()
        opened = _opened(
            caller, Action.PLAY, interaction_id, ContentKind.RECORDING, n, now=now
        )
        handle = PlayHandle.objects.create(
            id=token_urlsafe(16),
            user_id=caller.actor.id or 0,
            interaction_id=interaction_id,
            content_id=opened.row.id or 0,
            created_at=now,
        )
    return str(handle.id)


def continue_play(caller: Caller, handle: str, *, now: datetime) -> Opened:
    """Hear on, under a handle. NotFound if it is another's, or has run out."""
    caller.require(Right.PLAY)
    with scope.reading(caller.tenant.id):
        held = PlayHandle.objects.filter(
            id=handle,
            user_id=caller.actor.id or 0,
            created_at__gte=now - HANDLE_LIVES,
        ).first()
        if held is None:
            raise NotFound
        row = Content.objects.filter(
            interaction_id=held.interaction_id, id=held.content_id
        ).first()
        interaction = _interaction(held.interaction_id)
        return Opened(interaction, _present(row), _reader_of(row), {})


def size_of(caller: Caller, interaction_id: int, n: int) -> Opened:
    """How long a recording is, for one who may hear it; nothing of it is read."""
    caller.require(Right.PLAY)
    with scope.reading(caller.tenant.id):
        interaction = _interaction(interaction_id)
        row = contents.row_of(interaction_id, ContentKind.RECORDING, n)
        return Opened(interaction, _present(row), _reader_of(row), {})


def _opened(
    caller: Caller,
    action: Action,
    interaction_id: int,
    kind: ContentKind,
    n: int,
    *,
    now: datetime,
) -> Opened:
    caller.require(RIGHT_OF.get(action, Right.DOWNLOAD))
    with scope.writing(caller.tenant.id):
        interaction = _interaction(interaction_id)
        row = contents.row_of(interaction_id, kind, n)
        present, reader = _present(row), _reader_of(row)
        recording = kind is ContentKind.RECORDING
        names = {} if recording else spoken.names_of(interaction)
        act = Act(action, interaction_id, content=name_of(kind, n))
        record(act, actor=caller.actor, now=now)
    return Opened(interaction, present, reader, names)


def _interaction(interaction_id: int) -> Interaction:
    found: Interaction | None = Interaction.objects.filter(id=interaction_id).first()
    if found is None:
        raise NotFound
    return found


def _present(row: Content | None) -> Content:
    """What may be shown: there, and its decision known."""
    contents.raise_if_removed(row)
    if row is None or row.state != ContentState.PRESENT.number:
        raise NotFound
    return row


def _reader_of(row: Content | None) -> SealedReader:
    reader = None if row is None else contents.reader(row)
    if reader is None:
        raise Gone("This content is gone.")
    return reader
