"""Seeing, hearing and taking out content: each act with its entry in the audit log.

The entry commits before a byte is handed over; if it cannot be written, nothing is
shown (law 8). The bytes are then read outside of the transaction, under a key that a
deletion may destroy at any moment: what is half read then ends there. Restricted
content opens for a stated purpose alone (``lock``), which the entry names.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from valv.archive import contents, lock, spoken
from valv.archive.access import reachable
from valv.archive.mentions import stated_reason
from valv.archive.models import Content, Interaction, PlayHandle
from valv.archive.spoken import Names, ShownChatLog, ShownTranscript
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Gone, NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.core.purposes import Use, use_from
from valv.core.reasons import Needs
from valv.storage import scope
from valv.storage.sealed import SealedReader
from valv.tenants.access import Caller

Place = tuple[int, ContentKind, int]
HANDLE_LIVES = timedelta(hours=2)
RIGHT_OF = {Action.PLAY: Right.PLAY, Action.SEE: Right.PLAY}
NEEDS = {Action.PLAY: Needs.PLAY, Action.SEE: Needs.PLAY}


@dataclass(frozen=True, slots=True)
class Opened:
    """Content that may now be read, and what it hangs on."""

    interaction: Interaction
    row: Content
    reader: SealedReader
    names: Names


@dataclass(frozen=True, slots=True)
class Why:
    """What content is opened for: its purpose if it is restricted, and a reason."""

    use: Use | None = None
    reason: str = ""


def name_of(kind: ContentKind, n: int) -> str:
    """How the audit log names a content, such as ``recording:1``."""
    return f"{kind.value}:{n}"


def play(
    caller: Caller,
    interaction_id: int,
    n: int,
    *,
    now: datetime,
    use: Use | None = None,
    reason: str = "",
) -> Opened:
    """Hear a recording: one entry for each call.

    Raises Forbidden without the right, NotFound for what is not there or not decided,
    Gone for what was removed, Refused by the lock, and ReasonRequired where the tenant
    wants to know why. So do all the others here.
    """
    place = interaction_id, ContentKind.RECORDING, n
    return _opened(caller, Action.PLAY, place, Why(use, reason), now=now)


def download(
    caller: Caller,
    interaction_id: int,
    kind: ContentKind,
    n: int,
    *,
    now: datetime,
    use: Use | None = None,
    reason: str = "",
) -> Opened:
    """Take content out as a file: one entry for each call."""
    place = interaction_id, kind, n
    return _opened(caller, Action.DOWNLOAD, place, Why(use, reason), now=now)


def see_chat_log(
    caller: Caller,
    interaction_id: int,
    *,
    now: datetime,
    use: Use | None = None,
    reason: str = "",
) -> ShownChatLog:
    place = interaction_id, ContentKind.CHAT_LOG, 1
    return chat_log_of(_opened(caller, Action.SEE, place, Why(use, reason), now=now))


def see_transcript(
    caller: Caller,
    interaction_id: int,
    n: int,
    *,
    now: datetime,
    use: Use | None = None,
    reason: str = "",
) -> ShownTranscript:
    place = interaction_id, ContentKind.TRANSCRIPT, n
    return transcript_of(_opened(caller, Action.SEE, place, Why(use, reason), now=now))


def chat_log_of(opened: Opened) -> ShownChatLog:
    body = b"".join(opened.reader.read())
    return spoken.chat_log_from(body, opened.interaction, opened.names)


def transcript_of(opened: Opened) -> ShownTranscript:
    body = b"".join(opened.reader.read())
    return spoken.transcript_from(body, opened.interaction, opened.names)


def begin_play(
    caller: Caller,
    interaction_id: int,
    n: int,
    *,
    now: datetime,
    use: Use | None = None,
    reason: str = "",
) -> str:
    """Begin to hear a recording on one page view: one entry, and a handle.

    With the handle, ``continue_play`` reads any number of ranges without another entry.
    It is the user's own, and lives for two hours.
    """
    place = interaction_id, ContentKind.RECORDING, n
    with _locked(caller, place, use, now=now), scope.writing(caller.tenant.id):
        PlayHandle.objects.filter(created_at__lt=now - HANDLE_LIVES).delete()
        opened = _entered(caller, Action.PLAY, place, Why(use, reason), now=now)
        handle = PlayHandle.objects.create(
            id=token_urlsafe(16),
            user_id=caller.actor.id or 0,
            interaction_id=interaction_id,
            content_id=opened.row.id or 0,
            purpose=use or "",
            created_at=now,
        )
    return str(handle.id)


def continue_play(caller: Caller, handle: str, *, now: datetime) -> Opened:
    """Hear on, under a handle. NotFound if it is another's, or has run out.

    What was refused since is asked again: the purpose is the handle's own.
    """
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
        interaction = reachable(caller, held.interaction_id)
        opened = Opened(interaction, _present(row), _reader_of(row), {})
        if lock.opens(caller, interaction, use_from(held.purpose)):
            return opened
    # It was locked since: said as to one who asks anew, and entered.
    kind = ContentKind.RECORDING
    place = held.interaction_id, kind, opened.row.n
    why = Why(use_from(held.purpose))
    return _opened(caller, Action.PLAY, place, why, now=now)


def size_of(
    caller: Caller, interaction_id: int, n: int, *, use: Use | None = None
) -> Opened:
    """How long a recording is, for one who may hear it; nothing of it is read."""
    caller.require(Right.PLAY)
    with scope.reading(caller.tenant.id):
        interaction = reachable(caller, interaction_id)
        row = contents.row_of(interaction_id, ContentKind.RECORDING, n)
        _present(row)
        lock.check(caller, interaction, use)
        return Opened(interaction, _present(row), _reader_of(row), {})


def _opened(
    caller: Caller, action: Action, place: Place, why: Why, *, now: datetime
) -> Opened:
    with _locked(caller, place, why.use, now=now), scope.writing(caller.tenant.id):
        return _entered(caller, action, place, why, now=now)


def _locked(
    caller: Caller, place: Place, use: Use | None, *, now: datetime
) -> AbstractContextManager[None]:
    interaction_id, kind, n = place
    return lock.entered(caller, interaction_id, name_of(kind, n), use, now=now)


def _entered(
    caller: Caller, action: Action, place: Place, why: Why, *, now: datetime
) -> Opened:
    caller.require(RIGHT_OF.get(action, Right.DOWNLOAD))
    interaction_id, kind, n = place
    interaction = reachable(caller, interaction_id)
    row = contents.row_of(interaction_id, kind, n)
    present = _present(row)
    lock.check(caller, interaction, why.use)
    needs = NEEDS.get(action, Needs.DOWNLOAD)
    reason = stated_reason(caller.tenant, needs, why.reason, now=now)
    reader = _reader_of(row)
    names = {} if kind is ContentKind.RECORDING else spoken.names_of(interaction)
    act = Act(
        action,
        interaction_id,
        content=name_of(kind, n),
        reason=reason,
        details=lock.purpose_of(why.use),
    )
    record(act, actor=caller.actor, now=now)
    return Opened(interaction, present, reader, names)


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
