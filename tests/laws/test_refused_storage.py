"""Law 2: a chat whose visitor refused storage leaves no text that a key opens."""

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.intake.asking import Source, accepted, event, states
from tests.laws.canary import places_of
from valv.archive.models import ChatPart, RawEvent
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey

TEXT = "My secret is axolotl-3310"
_numbers = count(1)
pytestmark = pytest.mark.django_db(transaction=True)


def start(**data: Any) -> Any:
    return event(0, "session.started", media="chat", **data)


MESSAGE = event(1, "chat.message", from_="customer", text=TEXT)
REFUSAL = event(2, "chat.storage_refused")
END = event(9, "session.ended")


def content_keys() -> int:
    keys = SealingKey.objects.using("keys").filter(kind=KeyKind.CONTENT)
    return keys.count()


def test_what_came_before_the_refusal_is_destroyed(source: Source) -> None:
    source.tell(start(), MESSAGE)
    before = content_keys()

    source.tell(REFUSAL, END)

    assert (before, content_keys()) == (1, 0)
    assert source.rows(ChatPart) == []
    assert states(source.item("S1")) == [("chat_log", 1, "refused")]
    assert places_of(TEXT) == set()


def test_a_log_that_was_closed_is_destroyed_too(source: Source) -> None:
    source.tell(start(), MESSAGE, END)
    assert source.chat_log("S1").status_code == 200

    source.tell(REFUSAL)

    assert source.chat_log("S1").status_code == 410
    assert content_keys() == 0


def test_what_comes_after_the_refusal_is_refused(source: Source) -> None:
    source.tell(start(), REFUSAL)

    answer = source.tell(MESSAGE, END)

    log = [{"at": "2026-11-20T09:00:01Z", "from": "customer", "text": TEXT}]
    assert accepted(answer) == (1, 0, ["storage_refused"])
    assert source.put_chat_log("S1", log).status_code in (403, 410)
    assert content_keys() == 0
    assert places_of(TEXT) == set()


def test_general_information_and_raw_data_stay(source: Source) -> None:
    source.tell(start(identifiers={"email": "kim@example.com"}), MESSAGE, REFUSAL, END)

    item = source.item("S1")
    types = {row.type for row in source.rows(RawEvent)}
    assert item["identifiers"]["email"] == "kim@example.com"
    assert item["ended_at"] == "2026-11-20T09:00:09.000Z"
    assert types == {"session.started", "chat.storage_refused", "session.ended"}


def test_consent_refused_for_storage_counts_as_well(source: Source) -> None:
    source.tell(start(), MESSAGE, event(2, "consent.refused", purpose="storage"))

    assert content_keys() == 0
    assert states(source.item("S1")) == [("chat_log", 1, "refused")]


CHAT: list[Any] = [
    start(identifiers={"email": "kim@example.com", "name": "Kim"}),
    MESSAGE,
    REFUSAL,
    event(3, "chat.message", from_="agent", name="Bo", text=TEXT),
    event(4, "queue.entered", queue="Chat"),
    event(5, "agent.connected", agent="a7", name="Bo"),
    event(6, "chat.message", from_="customer", name="Kim", text=TEXT),
    END,
]


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(range(len(CHAT))), logged=st.integers(0, len(CHAT)))
def test_in_any_order_the_words_go_and_all_else_stays(
    source: Source, order: list[int], logged: int
) -> None:
    """A log is sent whole somewhere on the way, too."""
    session = f"C{next(_numbers)}"
    log = [{"at": "2026-11-20T09:00:01Z", "from": "customer", "text": TEXT}]
    refused = False
    for place, index in enumerate(order):
        if place == logged:
            answer = source.put_chat_log(session, log).status_code
            assert answer in ((403, 410) if refused else (201,))
        one = CHAT[index]
        source.tell({**one, "session_id": session, "event_id": f"{session}-{index}"})
        refused = refused or one is REFUSAL
        if refused:
            assert content_keys() == 0
            assert source.chat_log(session).status_code in (404, 410)

    item = source.item(session)
    types = [row.type for row in source.rows(RawEvent, interaction_id=int(item["id"]))]
    assert states(item) == [("chat_log", 1, "refused")]
    assert item["state"] == "complete"
    assert item["identifiers"]["email"] == "kim@example.com"
    assert (item["queue"], item["agents"]) == ("Chat", ["Bo"])
    assert sorted(types) == [
        "agent.connected", "chat.storage_refused", "queue.entered", "session.ended",
        "session.started",
    ]  # fmt: skip
    assert places_of(TEXT) == set()


def test_raw_data_holds_no_word_of_any_chat(source: Source) -> None:
    source.tell(start(), MESSAGE, END)

    lines = source.ask("GET", "/raw-events").getvalue().decode()
    (told,) = [line for line in lines.splitlines() if "chat.message" in line]
    assert TEXT not in lines
    assert "text" not in json.loads(told)["data"]
    assert TEXT in source.chat_log("S1").content.decode()
