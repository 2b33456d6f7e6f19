"""A call and a chat as a source tells them, with real sound, to look at by page."""

from datetime import timedelta
from typing import Any

from tests.cast import NOW
from tests.intake.asking import Source
from tests.intake.sounds import two_lanes, wav
from valv.core.moments import format_moment
from valv.tenants.models import Tenant

START = NOW - timedelta(hours=2)
CALL, CHAT = "call-1", "chat-1"
NUMBER = "+46701740605"
SOUND = wav(two_lanes(2))
MESSAGES = [
    {"at": "2026-11-23T11:05:00Z", "from": "customer", "text": "Var är min order?"},
    {"at": "2026-11-23T11:05:30Z", "from": "agent", "text": "Den kommer i morgon."},
]


def event(session: str, type_: str, seconds: float, **data: object) -> dict[str, Any]:
    at = START + timedelta(seconds=seconds)
    return {
        "event_id": f"{session}-{type_}-{seconds}",
        "session_id": session,
        "type": type_,
        "at": format_moment(at),
        "data": data,
    }


def tell_call(tenant: Tenant, session: str = CALL) -> str:
    """A call with all that a call can have; answers its id."""
    source = Source.of(tenant)
    person = {"phone": NUMBER, "name": "Anna Exempel"}
    source.tell(
        event(session, "session.started", 0, media="phone", identifiers=person,
              variables={"order": "A-1047"}),
        event(session, "menu.entered", 1, menu="Val 1"),
        event(session, "consent.given", 20, purpose="recording", how="1"),
        event(session, "queue.entered", 24, queue="Support"),
        event(session, "agent.connected", 107, agent="bo", name="Bo Ek"),
        event(session, "recording.started", 110, n=1, agent="bo"),
        event(session, "recording.stopped", 340, n=1, agent="bo"),
        event(session, "registration.added", 345, category="Leverans", topic="Sen"),
        event(session, "agent.disconnected", 350, agent="bo"),
        event(session, "session.ended", 355, outcome="answered"),
    )  # fmt: skip
    put_recording(source, session)
    source.put_survey(session, score=9, comment="Snabbt och vänligt.")
    return source.id_of(session)


def put_recording(source: Source, session: str, n: int = 1) -> None:
    answer = source.client.put(
        f"/api/v1/interactions/{session}/recordings/{n}",
        SOUND,
        content_type="audio/wav",
        headers={"Authorization": f"Bearer {source.token}"},
    )
    assert answer.status_code in (200, 201), answer.content


def put_chat(tenant: Tenant, session: str = CHAT) -> str:
    """A chat with its log; answers its id."""
    source = Source.of(tenant)
    person = {"name": "Anna Exempel", "email": "anna@example.com"}
    source.put(
        session, started_at=format_moment(START), media="chat", identifiers=person,
        agents=[{"id": "bo", "name": "Bo Ek"}], wait_seconds=12, talk_seconds=300,
    )  # fmt: skip
    source.put_chat_log(session, MESSAGES)
    return source.id_of(session)
