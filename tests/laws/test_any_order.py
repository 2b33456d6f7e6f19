"""Law 12: the same parts twice, or in any order, give the same archive.

The parts of an interaction are sent to one session in their natural order, each once,
and to another in an order and number that hypothesis chooses. What may then be seen of
the two must be the same, but for ids and the moment at which something was removed.
"""

from collections.abc import Callable
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.intake.asking import Source, event
from tests.intake.sounds import tone, wav
from valv.archive.models import ChatPart, RawEvent

Part = Callable[[Source, str], object]
START = "2026-11-20T09:00:00.000Z"
SOUND = wav(tone(440, seconds=1))
PARTY = {"phone": "0701234567", "name": "Anna Ek"}
_numbers = count(1)
# Shrinking would send thousands of requests; a failing order is short as it is.
few = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def told(number: int, type_: str, **data: object) -> Part:
    return lambda source, session: source.tell(
        event(number, type_, session=session, **data)
    )


def put(**fields: object) -> Part:
    return lambda source, session: source.put(session, started_at=START, **fields)


def surveyed(source: Source, session: str) -> object:
    return source.put_survey(session, score=4, comment="Slow", at=START)


def recorded(source: Source, session: str) -> object:
    path = f"/interactions/{session}/recordings/1?started_at={START}"
    return source.ask("PUT", path, SOUND)


def logged(source: Source, session: str) -> object:
    who = {"from": "customer", "name": "Kim Whole"}
    return source.put_chat_log(session, [{"at": START, **who, "text": "Sent whole"}])


CALL: list[Part] = [
    told(0, "session.started", media="phone", identifiers=PARTY, subject="Parcel"),
    told(5, "menu.entered", menu="Main"),
    told(7, "variable.set", name="order", value=17),
    told(10, "queue.entered", queue="Support"),
    told(30, "agent.connected", agent="a7", name="Alma"),
    told(31, "recording.started", n=1, agent="a7"),
    told(80, "registration.added", category="Invoice", topic="Late"),
    told(96, "session.ended", outcome="answered"),
    told(40, "consent.given", purpose="recording", how="dtmf 1", question="q3"),
    told(41, "consent.refused", purpose="quality, training", how="spoken"),
    told(42, "variable.set", name="Set_Restricted", value="Yes"),
    told(43, "variable.set", name="Set_Restricted", value="no"),
    put(queue="Stated", agents=["a9"]),
    put(identifiers={"phone": "0812345678"}, url="https://crm.example/1"),
    surveyed,
    recorded,
]
DENIED: list[Part] = [*CALL, told(6, "consent.refused", purpose="recording")]
SAID: list[Part] = [
    told(0, "session.started", media="chat", identifiers={"email": "kim@example.com"}),
    told(2, "chat.message", from_="customer", text="Hello", name="Kim"),
    told(3, "chat.message", from_="agent", text="Good day"),
    told(4, "chat.message", from_="customer", text="Bye"),
    told(9, "session.ended"),
]
CHAT: list[Part] = [*SAID, put(outcome="done"), surveyed]
WHOLE: list[Part] = [*SAID, logged]
NAMED: list[Part] = [*SAID, logged, put(identifiers={"name": "Kim Stated"})]
REFUSED: list[Part] = [*SAID, told(1, "chat.storage_refused"), logged]
EMAIL: list[Part] = [
    told(0, "session.started", media="email", identifiers={"email": "a@example.com"}),
    told(3, "chat.message", from_="customer", text="Dear Sir"),
    told(4, "variable.set", name="body", value="Dear Sir"),
    told(5, "variable.set", name="order", value="17"),
    put(subject="Late"),
]
CASES = {
    "call": CALL, "denied": DENIED, "chat": CHAT, "whole": WHOLE, "named": NAMED,
    "refused": REFUSED, "email": EMAIL,
}  # fmt: skip


def seen(source: Source, session: str) -> Any:
    """All that may be seen of a session, without what names it."""
    item = source.item(session)
    id_ = item.pop("id")
    del item["session_id"]
    for content in item["contents"]:
        (content["removed"] or {}).pop("at", None)
    log = source.chat_log(session)
    lines = log.json()["messages"] if log.status_code == 200 else log.status_code
    kept = source.rows(RawEvent, interaction_id=id_)
    raw = sorted((row.type, row.at) for row in kept)
    ages = {row.aged_from for row in kept}
    return item, lines, raw, ages, source.rows(ChatPart, interaction_id=id_)


@pytest.fixture
def natural(source: Source, case: str) -> str:
    """A session to which all was sent in its order, once."""
    for part in CASES[case]:
        part(source, "A0000")
    return "A0000"


@pytest.mark.parametrize("case", CASES)
@few
@given(data=st.data())
def test_in_any_order_and_twice_it_is_the_same(
    source: Source, natural: str, case: str, data: st.DataObject
) -> None:
    parts = CASES[case]
    again = data.draw(st.lists(st.sampled_from(range(len(parts))), max_size=4))
    order = data.draw(st.permutations([*range(len(parts)), *again]))
    session = f"B{next(_numbers):04}"  # as long a name

    for index in order:
        parts[index](source, session)

    assert seen(source, session) == seen(source, natural)


@few
@given(cuts=st.lists(st.integers(0, 8), max_size=3), order=st.permutations(range(9)))
def test_events_in_any_batches_are_the_same(
    source: Source, cuts: list[int], order: list[int]
) -> None:
    number = next(_numbers)
    events = {name: call_events(f"{name}{number}") for name in "AB"}
    shuffled = [events["B"][index] for index in order]
    bounds = [0, *sorted(cuts), 9]

    source.tell(*events["A"])
    for start, end in pairwise(bounds):
        source.tell(*shuffled[start:end], *shuffled[:1])

    assert seen(source, f"B{number}") == seen(source, f"A{number}")


def call_events(session: str) -> list[Any]:
    def one(number: int, type_: str, **data: object) -> Any:
        return event(number, type_, session=session, **data)

    return [
        one(0, "session.started", media="phone", identifiers=PARTY),
        one(3, "session.started", media="chat", identifiers={"email": "x@example.com"}),
        one(5, "variable.set", name="order", value="1"),
        one(6, "variable.set", name="order", value="2"),
        one(10, "queue.entered", queue="Support"),
        one(30, "agent.connected", agent="a7"),
        one(40, "agent.connected", agent="a8"),
        one(50, "agent.disconnected", agent="a7"),
        one(60, "survey.answered", score=3, comment="Hm"),
    ]
