"""Recordings, chat logs and transcripts: their state, and what one may do with them."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from valv.archive.detail import Part
from valv.archive.models import Content as Row
from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.core.interaction import ContentKind
from valv.core.permissions import Right
from valv.portal import words
from valv.portal.contexts.interaction import Content, Pause, Play, Removal, Turn
from valv.sharing import mail
from valv.tenants.access import Caller

STEREO = 2


def content_of(
    part: Part,
    caller: Caller,
    *,
    play: Play | None = None,
    turns: tuple[Turn, ...] | None = None,
) -> Content:
    """One content for the page; ``play`` and ``turns`` if it was asked for."""
    row, kind = part.row, ContentKind.numbered(part.row.kind)
    is_recording = kind is ContentKind.RECORDING
    is_locked = part.restricted and not part.uses
    return Content(
        kind=kind.value,
        n=row.n,
        state=part.state.value,
        seconds=part.seconds,
        bytes=row.bytes if is_recording else None,
        agent=part.agent,
        started_at=row.started_at,
        removal=_removal(row),
        restricted=part.restricted,
        uses=tuple(use.value for use in part.uses),
        empty=is_recording and row.seconds == 0,
        pauses=tuple(_pauses(part)),
        play=play,
        turns=turns,
        may_open=caller.may(Right.PLAY) and not is_locked,
        may_download=caller.may(Right.DOWNLOAD) and not is_locked,
        may_delete=caller.may(Right.DELETE) and not part.held,
        may_send=kind is ContentKind.CHAT_LOG
        and caller.may(Right.DOWNLOAD)
        and not is_locked
        and mail.is_set_up(),
    )


def _pauses(part: Part) -> Iterator[Pause]:
    whole = part.seconds
    for first, last in part.row.pauses if whole else ():
        start, end = first / 1000, last / 1000
        left, width = start / (whole or 1) * 100, (end - start) / (whole or 1) * 100
        yield Pause(start, end, round(left, 2), round(width, 2))


def _removal(row: Row) -> Removal | None:
    if row.removed_at is None:
        return None
    return Removal(row.removed_at, by=row.removed_by, reason=row.removed_reason)


def lanes_of(row: Row) -> tuple[str, ...]:
    """What the lanes of a recording are called; one lane has no name."""
    if row.channels != STEREO:
        return ()
    return words.word(words.ROLES, "customer"), words.word(words.ROLES, "agent")


def turns_of_chat(log: ShownChatLog) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            one.sender.value,
            one.name or "",
            one.text,
            at=datetime.fromisoformat(one.at),
        )
        for one in log.messages
    )


def turns_of_transcript(written: ShownTranscript) -> tuple[Turn, ...]:
    return tuple(
        Turn(one.sender.value, one.name or "", one.text, seconds=one.seconds)
        for one in written.utterances
    )


def deleted_words(kind: ContentKind, n: int, *, wholly: bool) -> str:
    """What is said once something has been deleted."""
    said = {
        ContentKind.RECORDING: _("Recording %(n)s is deleted.") % {"n": n},
        ContentKind.CHAT_LOG: _("The chat log is deleted."),
        ContentKind.TRANSCRIPT: _("Transcript %(n)s is deleted.") % {"n": n},
    }[kind]
    later = _("Its last traces go with the coming nightly run.")
    return said if wholly else f"{said} {later}"
