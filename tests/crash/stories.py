"""What is told to a server that is killed: calls, chats and e-mails, in parts.

Each story says which of its parts, once answered, settles that nothing of what it
planted may open any more: the digits of ``opener`` in what was said or pressed, and a
tone of its own in what was recorded. Of some it is settled only by all parts together.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.crash.opener import CARD, DIGITS, KEPT, RATE, SPACED
from tests.intake.asking import event
from tests.intake.made import REFUSED, inline, vcon
from tests.intake.sounds import tone, wav

START = "2026-11-20T09:00:00Z"
LOWEST, STEP = 1500, 60
PENDING, FORCED, PIN = "Pending", "Forced", "Pin"
# What the tenant lays down before all of it.
RULES: dict[str, dict[str, Any]] = {
    "/recording-policy": {
        "rules": [
            {"mode": "pending", "on": "queue", "name": PENDING},
            {"mode": "forced", "on": "queue", "name": FORCED},
        ],
        "consent_needed": True,
    },
    "/masking": {"menus": [PIN], "variables": [PIN]},
}


@dataclass(frozen=True)
class Part:
    """One request. ``{id}`` in its path is the interaction's, to be asked for."""

    method: str
    path: str
    body: bytes = b""
    settles: bool = False


@dataclass(frozen=True, eq=False)
class Story:
    """One session: ``ends`` are its contents in the end, ``events`` how many it keeps.

    What is planted in one that ``never`` keeps it opens at no time.
    """

    session: str
    parts: list[Part]
    hertz: int = 0
    ends: dict[str, str] = field(default_factory=dict)
    events: int | None = None
    never: bool = False


Made = Callable[[str, int], Story]


def told(*events: Any, settles: bool = False) -> Part:
    return Part("POST", "/events", json.dumps(events).encode(), settles)


def put(session: str, what: str = "", settles: bool = False, **fields: Any) -> Part:
    path = f"/interactions/{session}{what}"
    return Part("PUT", path, json.dumps(fields).encode(), settles)


def secret(session: str) -> str:
    return f"{DIGITS} of {session}"


def sound_of(hertz: int) -> bytes:
    return wav(tone(hertz, seconds=1, rate=RATE))


def recorded(session: str, hertz: int) -> Part:
    path = f"/interactions/{session}/recordings/1?started_at={START}"
    return Part("PUT", path, sound_of(hertz))


def posted(session: str, hertz: int, *, settles: bool = False, **changes: Any) -> Part:
    """A vCon of the call, with its audio, and a transcript that has the digits."""
    said = [{"speaker": "Customer", "message": secret(session)}]
    analysis = [{"type": "transcript", "dialog": 0, "vendor": "x", "body": said}]
    made = vcon(
        session,
        recording=inline(sound_of(hertz)),
        created_at=START,
        analysis=analysis,
        **changes,
    )
    return Part("POST", "/vcons", json.dumps(made).encode(), settles)


def a_call(
    session: str,
    hertz: int,
    *,
    queue: str = "Support",
    told_by_then: Sequence[Any] = (),
) -> list[Part]:
    """Its parts; what is ``told_by_then`` is told with the end, which decides."""

    def one(number: int, type_: str, **data: Any) -> Any:
        return event(number, type_, session=session, **data)

    party = {"phone": "0701234567", "name": KEPT}
    return [
        told(one(0, "session.started", media="phone", identifiers=party)),
        told(one(5, "queue.entered", queue=queue)),
        told(
            one(9, "agent.connected", agent="a7"),
            *told_by_then,
            one(90, "session.ended", outcome="answered"),
        ),
        put(session, started_at=START, subject=KEPT),
        recorded(session, hertz),
    ]


REFUSALS: list[Callable[[str, int], Part]] = [
    lambda session, _: told(
        event(4, "variable.set", session=session, name="deny_recording", value="TRUE"),
        settles=True,
    ),
    lambda session, _: told(
        event(3, "consent.refused", session=session, purpose="recording"),
        settles=True,
    ),
    lambda session, _: put(
        session, settles=True, started_at=START, variables={"deny_recording": 1}
    ),
    lambda session, hertz: posted(session, hertz, settles=True, attachments=[REFUSED]),
]


def denied(way: int) -> Made:
    def made(session: str, hertz: int) -> Story:
        parts = [*a_call(session, hertz), posted(session, hertz)]
        return Story(session, [*parts, REFUSALS[way](session, hertz)], hertz)

    return made


def allowed(session: str, hertz: int) -> Story:
    ends = {"recording:1": "present"}
    return Story(session, a_call(session, hertz), hertz, ends, events=4)


def unsaved(session: str, hertz: int) -> Story:
    parts = a_call(session, hertz, queue=PENDING)
    return Story(session, parts, hertz, {"recording:1": "refused"}, events=4)


def saved(session: str, hertz: int) -> Story:
    save = event(20, "recording.requested", session=session, action="save", agent="a7")
    parts = a_call(session, hertz, queue=PENDING, told_by_then=[save])
    return Story(session, parts, hertz, {"recording:1": "present"}, events=5)


def unconsented(session: str, hertz: int) -> Story:
    parts = a_call(session, hertz, queue=FORCED)
    return Story(session, parts, hertz, {"recording:1": "refused"}, events=4)


def deleted(session: str, hertz: int) -> Story:
    path = "/interactions/{id}/recordings/1"
    parts = [*a_call(session, hertz), Part("DELETE", path, settles=True)]
    return Story(session, parts, hertz, {"recording:1": "deleted"}, events=4)


def a_chat(session: str, text: str) -> list[Part]:
    def one(number: int, type_: str, **data: Any) -> Any:
        return event(number, type_, session=session, **data)

    log = [{"at": START, "from": "customer", "text": text}]
    return [
        told(one(0, "session.started", media="chat")),
        told(one(2, "chat.message", from_="customer", text=text, name="Kim")),
        told(
            one(3, "chat.message", from_="agent", text=text),
            one(4, "chat.message", from_="customer", text=text),
        ),
        told(one(9, "session.ended")),
        put(session, "/chat-log", messages=log),
    ]


def refused_chat(type_: str, **data: Any) -> Made:
    def made(session: str, _hertz: int) -> Story:
        refusal = event(1, type_, session=session, **data)
        parts = [*a_chat(session, secret(session)), told(refusal, settles=True)]
        return Story(session, parts, ends={"chat_log:1": "refused"}, events=3)

    return made


def kept_chat(session: str, _hertz: int) -> Story:
    parts = a_chat(session, f"{KEPT} of {session}")
    return Story(session, parts, ends={"chat_log:1": "present"}, events=5)


def masked(session: str, hertz: int) -> Story:
    """Digits masked by the source's word, by the tenant's, or for what they are.

    And lines that are refused with such digits in them.
    """

    def pressed(number: int, module: str = "id", **data: Any) -> Any:
        fields = {"module": module, **data}
        return event(number, "digits.entered", session=session, **fields)

    def set_to(number: int, value: Any, name: str = "code", **data: Any) -> Any:
        fields = {"name": name, "value": value, **data}
        return event(number, "variable.set", session=session, **fields)

    parts = [
        *a_call(session, hertz),
        told(
            pressed(11, digits=DIGITS, mask="true"),
            pressed(12, digits=int(DIGITS), mask=True),
            pressed(13, PIN, digits=DIGITS),
        ),
        told(set_to(14, DIGITS, mask=True), set_to(15, int(DIGITS), mask="True")),
        told(set_to(16, DIGITS, PIN), set_to(17, f"It is {CARD}.")),
        told(pressed(21, digits=[DIGITS], mask=True)),
        told(set_to(22, {"v": DIGITS}, mask=True), pressed(23, mask=DIGITS)),
        put(session, started_at=START, url=f"https://x.example/{CARD}"),
        put(session, "/survey", score=3, comment=f"My card is {CARD}", at=START),
        keyed(session, hertz),
    ]
    ends = {"recording:1": "present"}
    return Story(session, parts, hertz, ends, events=11, never=True)


def keyed(session: str, hertz: int) -> Part:
    """A vCon with keys that were pressed, and a transcript in which a card is read."""
    keys = [
        {"party": 0, "time": START, "event": "keydown", "button": digit}
        for digit in DIGITS
    ]
    history = {**inline(sound_of(hertz)), "party_history": keys, "note": DIGITS}
    said = [{"speaker": "Customer", "message": f"It is {SPACED}"}]
    analysis = [{"type": "transcript", "dialog": 0, "vendor": "x", "body": said}]
    made = vcon(session, recording=history, created_at=START, analysis=analysis)
    return Part("POST", "/vcons", json.dumps(made).encode())


def card_chat(session: str, _hertz: int) -> Story:
    parts = a_chat(session, f"My card is {SPACED}, or {CARD}")
    ends = {"chat_log:1": "present"}
    return Story(session, parts, ends=ends, events=5, never=True)


def with_body(media: str) -> Made:
    def made(session: str, _hertz: int) -> Story:
        def one(number: int, type_: str, **data: Any) -> Any:
            return event(number, type_, session=session, **data)

        body = secret(session)
        said = one(1, "chat.message", from_="customer", text=body)
        log = [{"at": START, "from": "customer", "text": body}]
        return Story(
            session,
            [
                told(one(0, "session.started", media=media), settles=True),
                told(said, one(2, "variable.set", name="body", value=body)),
                put(session, settles=True, started_at=START, media=media),
                put(session, started_at=START, media=media, body=body),
                put(session, started_at=START, media=media, variables={"Body": body}),
                put(session, "/chat-log", messages=log),
            ],
            events=1,
        )

    return made


ALL: dict[str, Made] = {
    **{f"denied-{way}": denied(way) for way in range(len(REFUSALS))},
    "allowed": allowed,
    "unsaved": unsaved,
    "saved": saved,
    "unconsented": unconsented,
    "deleted": deleted,
    "refused-chat": refused_chat("chat.storage_refused"),
    "unconsented-chat": refused_chat("consent.refused", purpose="storage"),
    "kept-chat": kept_chat,
    "masked": masked,
    "card-chat": card_chat,
    "email": with_body("email"),
    "etask": with_body("etask"),
}


def stories(round_: int) -> list[Story]:
    """Half of them, with sessions and tones of their own; the next round has the rest.

    In every two rounds they are halved anew.
    """
    numbered = list(enumerate(ALL.items()))
    Random(round_ // 2).shuffle(numbered)
    return [
        make(f"{name}-r{round_}", LOWEST + STEP * number)
        for number, (name, make) in numbered[round_ % 2 :: 2]
    ]


# A piece of each tone as it would lie on a disk in the clear.
SOUNDS = {sound_of(LOWEST + STEP * number)[1000:1064] for number in range(len(ALL))}
