"""What was said, in writing, on its way in: chat logs and transcripts.

Speakers are kept by role; names lie with the identifiers and are joined when shown.
"""

import hashlib

import msgspec

from valv.archive import contents
from valv.archive.contents import Sealing
from valv.core.interaction import ChatLog, ContentKind, Transcript
from valv.intake.contents import Facts, Incoming, Piece


def chat_log(log: ChatLog) -> Incoming:
    """A chat's whole log."""
    return _text(ContentKind.CHAT_LOG, 1, msgspec.json.encode(nameless(log)))


def nameless(log: ChatLog) -> ChatLog:
    messages = (msgspec.structs.replace(one, name=None) for one in log.messages)
    return ChatLog(tuple(messages))


def transcript(written: Transcript) -> Incoming:
    """What was said in recording ``n``."""
    return _text(ContentKind.TRANSCRIPT, written.n, msgspec.json.encode(written))


def _text(kind: ContentKind, n: int, text: bytes) -> Incoming:
    def fill(sealing: Sealing) -> tuple[Sealing, Facts]:
        return contents.store(sealing, kind, [text]), Facts(len(text), "json")

    return Incoming(Piece(kind, n, hashlib.sha256(text).digest()), fill)
