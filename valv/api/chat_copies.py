"""A copy of a chat by e-mail, asked for when the visitor said yes to one."""

from msgspec import Struct

from valv.api import bodies
from valv.api.endpoint import Answer, Call, endpoint
from valv.api.intake import item_of_id
from valv.archive.items import CopyItem
from valv.core.interaction import Line, checked_session_id, decoded_json
from valv.core.permissions import Right
from valv.sharing.chat_copies import send_for_visitor

LARGEST = 64 * 1024


class CopyAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to; without an address, to the chat's own."""

    address: Line | None = None


@endpoint(
    "POST",
    "/interactions/{session_id}/chat-copy",
    right=Right.INTAKE,
    body=CopyAsked,
    answers={200: CopyItem, 201: CopyItem},
)
def send_a_chat_copy(call: Call, session_id: str) -> Answer:
    """Send the visitor a copy of the chat log by e-mail, at once or not at all.

    To one address it goes once: asked again, the answer is 200 with the copy that went.
    403 with `storage_refused` where the visitor refused storage: offer no copy there.
    409 until the chat has ended. 502 and 503 say that it was not sent, and is kept
    nowhere: send it again.
    """
    body = bodies.whole(call.request, limit=LARGEST)
    asked = decoded_json(body, CopyAsked) if body.strip() else CopyAsked()
    session = checked_session_id(session_id)
    sent = send_for_visitor(
        call.caller, session, address=asked.address or None, now=call.now
    )
    copies = item_of_id(call, sent.interaction_id).copies
    return Answer(copies[sent.n - 1], 201 if sent.is_new else 200)
