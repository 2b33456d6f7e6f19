"""Made-up secure links, and what their visitors see."""

from datetime import UTC, datetime, timedelta

from valv.portal.contexts.interaction import Link, LogEntry, Turn
from valv.portal.contexts.links import LinksPage, NewLinkPage, SharedItem, SharedPage

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
CALL = "3700000000000000001"


def link(number: int, state: str, **fields: object) -> Link:
    known: dict[str, object] = {
        "interaction": CALL,
        "session_id": "7f3a-2291",
        "to": "kund@exempel.se",
        "code_to": "+46 70 174 06 05",
        "plays": 2,
        "most_plays": 5,
        "created_at": NOW - timedelta(days=1),
        "created_by": "Alma Berg",
        "expires_at": NOW + timedelta(days=6),
        **fields,
    }
    return Link(number=number, state=state, **known)  # type: ignore[arg-type]


def done() -> tuple[LogEntry, ...]:
    said = (
        ("play", "Extern person #3 lyssnade på inspelning 1 för förfrågning 7f3a-2291"),
        ("code", "Extern person #3 angav koden till en säker länk"),
    )
    return tuple(
        LogEntry(str(n), NOW, action, sentence, "external")
        for n, (action, sentence) in enumerate(said)
    )


def links() -> LinksPage:
    ended = {"ended_at": NOW, "ended_by": "Alma Berg", "plays": 0}
    return LinksPage(
        (
            link(3, "open", done=done()),
            link(2, "cancelled", **ended),
            link(1, "forgotten", to="", code_to="", **ended),
        ),
        next=1,
    )


def new_link(*, faulty: bool = False) -> NewLinkPage:
    return NewLinkPage(
        action=f"/interactions/{CALL}/links/new",
        back=f"/interactions/{CALL}",
        places=(("recording:1", "Recording 1"), ("transcript:1", "Transcript 1")),
        chosen=frozenset({"recording:1"}),
        uses=("recording", "legal"),
        by_sms=True,
        faults=(("address", "?"),) if faulty else (),
    )


def visited(step: str, *, fault: str = "") -> SharedPage:
    turns = (
        Turn("customer", "", "Var är min order?", at=NOW),
        Turn("agent", "", "Den kommer i morgon.", at=NOW),
    )
    return SharedPage(
        step,
        token="A" * 48,
        tenant="Acme",
        fault=fault,
        items=(
            SharedItem(1, "recording", 1, seconds=247, audio="/sound.wav"),
            SharedItem(2, "recording", 2, seconds=61),
            SharedItem(3, "chat_log", 1, turns=turns),
        ),
        plays_left=3,
        expires_at=NOW + timedelta(days=6),
    )
