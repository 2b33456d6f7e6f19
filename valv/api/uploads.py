"""Content in, over HTTP: recordings and chat logs.

A recording is taken in as it streams by, sealed from the first byte; nothing of it lies
anywhere in the clear, and none of it is held in memory for longer than it takes. Asked
twice it is one; a rule's refusal leaves nothing.
"""

from datetime import datetime

from valv.api import bodies
from valv.api.contents import number_from
from valv.api.endpoint import Answer, Call, Query, endpoint
from valv.api.whole_bodies import check_digests, stated_digests
from valv.archive import contents
from valv.archive.parts import ContentItem, content_item
from valv.core.errors import Malformed, NotFound
from valv.core.interaction import (
    ChatLog,
    ContentKind,
    Media,
    Number,
    Word,
    checked_session_id,
    decoded,
    decoded_json,
)
from valv.core.moments import parse_moment
from valv.core.permissions import Right
from valv.intake.beginnings import Guess, guess
from valv.intake.contents import Incoming, Piece
from valv.intake.receiving import receive
from valv.intake.recordings import recording
from valv.intake.written_down import chat_log
from valv.sharing.transfers import Way
from valv.storage import scope, spools

LARGEST_LOG = 32 * 1024 * 1024
MOST_LANES = 2
OCTETS = "application/octet-stream"
ABOUT_A_RECORDING = (
    Query("started_at", "when the recording began; RFC 3339"),
    Query("agent", "the source's id of the agent it is of"),
    Query(
        "channels",
        "1 to mix it into one lane; 2, left the caller and right the agent, is kept",
        {"type": "integer", "minimum": 1, "maximum": MOST_LANES},
    ),
    Query("filename", "its ending tells what headerless audio is; not kept"),
)


@endpoint(
    "PUT",
    "/interactions/{session_id}/recordings/{n}",
    right=Right.INTAKE,
    query=ABOUT_A_RECORDING,
    body=OCTETS,
    answers={200: ContentItem, 201: ContentItem},
    transfers=Way.IN,
)
def put_a_recording(call: Call, session_id: str, n: str) -> Answer:
    """Send a recording as it is, in any common format, of at most 4 GiB.

    200 if these very bytes are held already; 409 if others are; 410 if it was removed;
    403, naming the rule, if it may not be kept. It may come before its interaction.
    A body in chunks states its Content-Digest (RFC 9530), else 411.
    """
    number = decoded(number_from(n), Number)
    started_at = _started_at(call)
    guessed = guess(
        call.caller.tenant, checked_session_id(session_id), started_at=started_at
    )
    channels, agent = _channels(call), call.one("agent")
    stated = stated_digests(call.request)
    with spools.spooled(bodies.chunks(call.request, limit=spools.LARGEST)) as came:
        check_digests(stated, {"sha-256": came.sha256, "sha-512": came.sha512})
        piece = Piece(
            ContentKind.RECORDING,
            number,
            came.sha256,
            started_at=started_at,
            agent=decoded(agent, Word) if agent else None,
        )
        incoming = recording(
            call.caller.tenant,
            piece,
            came.file,
            channels=channels,
            hint=call.one("filename") or "",
        )
        return _received(call, guessed, incoming)


def _started_at(call: Call) -> datetime | None:
    given = call.one("started_at")
    return None if given is None else parse_moment(given, field="started_at")


def _channels(call: Call) -> int | None:
    if call.one("channels") is None:
        return None
    return call.number("channels", 1, most=MOST_LANES)


@endpoint(
    "PUT",
    "/interactions/{session_id}/chat-log",
    right=Right.INTAKE,
    body=ChatLog,
    answers={200: ContentItem, 201: ContentItem},
)
def put_a_chat_log(call: Call, session_id: str) -> Answer:
    """Send a chat's whole log. It wins over a log made of messages in events."""
    session = checked_session_id(session_id)
    body = bodies.whole(call.request, limit=LARGEST_LOG)
    log = decoded_json(body, ChatLog)
    first = min((message.at for message in log.messages), default=None)
    if first is None:
        raise Malformed("A chat log has messages.", field="messages")
    guessed = guess(
        call.caller.tenant,
        session,
        media=Media.CHAT,
        started_at=first,
    )
    return _received(call, guessed, chat_log(call.caller.tenant, log))


def _received(call: Call, guessed: Guess, incoming: Incoming) -> Answer:
    caller, piece = call.caller, incoming.piece
    received = receive(
        caller.tenant, guessed, incoming, actor=caller.actor, now=call.now
    )
    with scope.reading(caller.tenant.id):
        row = contents.row_of(received.interaction_id, piece.kind, piece.n)
    if row is None:
        raise NotFound
    return Answer(content_item(row), 201 if received.is_new else 200)
