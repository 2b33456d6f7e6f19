"""Law 2: a chat whose visitor refused storage leaves no text that a key opens."""

from typing import Any

import pytest

from tests.intake.asking import Source, accepted, event, states
from tests.laws.canary import places_of
from valv.archive.models import ChatPart, RawEvent
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey

TEXT = "My secret is axolotl-3310"
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
