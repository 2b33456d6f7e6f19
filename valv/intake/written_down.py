"""What was said, in writing, on its way in: chat logs and transcripts.

Speakers are kept by role; names lie with the identifiers and are joined when shown.
What the tenant masks is taken out here, before a byte or a sum of it is kept.
"""

import hashlib

import msgspec

from valv.archive import contents
from valv.archive.contents import Sealing
from valv.core.interaction import ChatLog, ContentKind, Sender, Transcript
from valv.core.masked import masked_log, masked_transcript
from valv.intake.contents import Facts, Incoming, Piece
from valv.intake.parties import Read, read_name
from valv.tenants.models import Tenant
from valv.tenants.queries import masking_of


def chat_log(tenant: Tenant, log: ChatLog) -> Incoming:
    """A chat's whole log, and the name that the visitor goes by in it."""
    log = masked_log(log, masking_of(tenant))
    text = msgspec.json.encode(nameless(log))
    return _text(ContentKind.CHAT_LOG, 1, text, visitor=visitor_in(tenant, log))


def visitor_in(tenant: Tenant, log: ChatLog) -> Read:
    """The first name that is one. Raises Malformed for one that cannot be kept."""
    for one in sorted(log.messages, key=lambda message: message.at):
        if one.sender is Sender.CUSTOMER:
            read = read_name(tenant, one.name)
            if any(name and not name.is_withheld for name in read.values()):
                return read
    return {}


def nameless(log: ChatLog) -> ChatLog:
    messages = (msgspec.structs.replace(one, name=None) for one in log.messages)
    return ChatLog(tuple(messages))


def transcript(tenant: Tenant, written: Transcript) -> Incoming:
    """What was said in recording ``n``."""
    written = masked_transcript(written, masking_of(tenant))
    return _text(ContentKind.TRANSCRIPT, written.n, msgspec.json.encode(written))


def _text(
    kind: ContentKind, n: int, text: bytes, *, visitor: Read | None = None
) -> Incoming:
    def fill(sealing: Sealing) -> tuple[Sealing, Facts]:
        return contents.store(sealing, kind, [text]), Facts(len(text), "json")

    digest = hashlib.sha256(text).digest()
    return Incoming(Piece(kind, n, digest, visitor=visitor or {}), fill)
