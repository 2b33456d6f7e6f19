"""Made-up interactions: nobody here exists."""

from datetime import date, timedelta

from tests.browser.example_hits import AGENTS, NOW
from valv.portal import sentences
from valv.portal.contexts.interaction import (
    Consent,
    Content,
    Identity,
    InteractionPage,
    Kept,
    Life,
    LogEntry,
    Pause,
    Play,
    Registered,
    Removal,
    Step,
    SurveyAnswer,
    Turn,
    Why,
)


def _steps() -> tuple[Step, ...]:
    stretches = (
        ("menu", "Huvudmeny", 0, 24),
        ("consent", "Inspelning godkänd (1)", 21, None),
        ("queue", "Support", 24, 83),
        ("conversation", "Bo Ek", 107, 248),
        ("recording", "1", 112, 240),
        ("consult", "Cleo Lind", 220, 45),
        ("registration", "Leverans, försenad", 350, None),
    )
    return tuple(
        Step(
            kind,
            label,
            NOW + timedelta(seconds=at),
            seconds,
            left=round(at / 3.6, 2),
            width=round((seconds or 0) / 3.6, 2),
        )
        for kind, label, at, seconds in stretches
    )


def entries(count: int) -> tuple[LogEntry, ...]:
    acts = (
        ("play", "recording", ""),
        ("see", "chat_log", ""),
        ("download", "recording", "Klagomål"),
        ("search", "", ""),
        ("delete", "recording", "Kunden bad om det"),
        ("purge", "", ""),
    )
    made = []
    for i in range(count):
        action, content, reason = acts[i % len(acts)]
        kind = (
            "system" if action == "purge" else "support" if i % 5 == 1 else "internal"
        )
        who = sentences.who(
            AGENTS[i % 4] if kind != "system" else "valv", actor_type=kind
        )
        made.append(
            LogEntry(
                seq=str(4200 - i),
                at=NOW - timedelta(minutes=13 * i),
                action=action,
                sentence=sentences.sentence(
                    action, who=who, content=content, interaction="7f3a01c4"
                ),
                actor_type=kind,
                reason=reason,
                href="/interactions/1" if content else "",
            )
        )
    return tuple(made)


def _turns(*, spoken: bool) -> tuple[Turn, ...]:
    said = (
        ("bot", "", "Hej! Vad kan vi hjälpa till med?"),
        ("customer", "Anna Exempel", "Hej, min leverans har inte kommit."),
        ("agent", "Bo Ek", "Det var tråkigt. Jag tittar på det med en gång."),
        ("system", "", "Bo Ek öppnade ordern."),
        ("agent", "Bo Ek", "Den ligger hos budet och kommer i morgon före tolv."),
        ("customer", "Anna Exempel", "Tack, då vet jag!\nHa en fin dag."),
    )
    return tuple(
        Turn(
            role,
            name,
            text,
            at=None if spoken else NOW + timedelta(seconds=17 * i),
            seconds=4.0 + 17 * i if spoken else None,
        )
        for i, (role, name, text) in enumerate(said)
        if not spoken or role in {"customer", "agent"}
    )


def _recording(n: int, state: str = "present", **more: object) -> Content:
    known: dict[str, object] = {
        "seconds": 240.0,
        "bytes": 1_290_000,
        "agent": "Bo Ek",
        "may_open": True,
        "may_download": True,
        "may_delete": True,
        **more,
    }
    return Content("recording", n, state, **known)  # type: ignore[arg-type]


def _kept() -> tuple[Kept, ...]:
    general, until = date(2027, 5, 23), date(2027, 2, 22)
    ruled = Kept("recordings", until, 90, "Claims", "2026/12", stays_until=until)
    return Kept("general", general, 180), ruled


def call(**more: object) -> InteractionPage:
    removed = Removal(NOW, by="Alma Berg", reason="Kunden bad om det")
    play = Play("/sound.wav", "/peaks.json", ("Kund", "Agent"), at_once=False)
    known: dict[str, object] = {
        "id": "3700000000000000001",
        "session_id": "7f3a01c4-55e0",
        "media": "phone",
        "direction": "inbound",
        "started_at": NOW,
        "ended_at": NOW + timedelta(seconds=360),
        "identity_state": "known",
        "life": Life("awaiting_content", "awaiting_content.1"),
        "identities": (
            Identity("phone", "+46 70 174 06 05"),
            Identity("name", "Anna Exempel"),
        ),
        "queue": "Support",
        "agents": ("Bo Ek", "Cleo Lind"),
        "wait_seconds": 83.0,
        "talk_seconds": 248.0,
        "outcome": "answered",
        "variables": (("order", "A-1047"), ("vip", "true")),
        "consents": (
            Consent("recording", "yes", "key", NOW, "Får vi spela in?", "3"),
            Consent("quality", "no", "spoken", NOW, "Får vi lyssna igen?"),
            Consent("training", "none", "none", NOW),
        ),
        "registration": (
            Registered("Leverans", "Försenad"),
            Registered("Leverans", "Annat", is_defined=False),
        ),
        "steps": _steps(),
        "contents": (
            _recording(
                1,
                play=play,
                pauses=(Pause(60, 84, 25, 10),),
                why=Why(
                    "forced",
                    3,
                    (Consent("recording", "yes", "key", NOW, "Får vi spela in?", "3"),),
                ),
            ),
            _recording(2, restricted=True, uses=("recording", "quality", "legal")),
            _recording(3, "deleted", removal=removed),
            _recording(4, "expired", removal=Removal(NOW)),
            _recording(5, "refused", seconds=None, why=Why("not_saved", 3)),
            _recording(6, "awaiting", seconds=None),
            Content("transcript", 1, "present", may_open=True, may_delete=True),
        ),
        "survey": SurveyAnswer("9", 0, 10, "Snabbt och vänligt.", NOW),
        "kept": _kept(),
        "back": "/search/q7Yd2",
        "looked": entries(4),
        **more,
    }
    return InteractionPage(**known)  # type: ignore[arg-type]


def opened(path: str) -> Content:
    """What comes when one asks to play or see."""
    if "/recordings/" in path:
        return _recording(2, play=Play("/sound.wav", "/peaks.json"))
    return Content("transcript", 1, "present", turns=_turns(spoken=True))


def chat() -> InteractionPage:
    log = Content(
        "chat_log",
        1,
        "present",
        turns=_turns(spoken=False),
        may_open=True,
        may_download=True,
        may_delete=True,
    )
    transcript = Content("transcript", 1, "present", turns=_turns(spoken=True))
    return call(
        media="chat",
        identity_state="anonymised",
        identities=(),
        anonymised_at=NOW,
        contents=(log, transcript),
        variables=(),
        held=True,
        looked=(),
    )


def email() -> InteractionPage:
    return call(
        media="email",
        identities=(Identity("email", "karin@example.com"),),
        subject="Fråga om faktura 1047",
        url="https://mail.example.com/item/1047",
        contents=(),
        steps=(),
        survey=None,
        looked=None,
    )
