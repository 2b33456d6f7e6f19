"""The visitor's name in a chat log sent whole: an identifier, as from events."""

from typing import Any

import pytest

from tests.intake.asking import Source, event
from valv.archive.models import Identifier
from valv.core.identifiers import Kind

START = "2026-11-20T09:00:00.000Z"


def line(text: str, *, second: int = 0, **said: object) -> Any:
    at = f"2026-11-20T09:00:{second:02}.000Z"
    return {"at": at, "from": "customer", "text": text, **said}


LOG = [
    line("Good day", second=5, **{"from": "agent", "name": "Alma"}),
    line("Later", second=9, name="Kim L"),
    line("Hello", second=3, name="Kim"),
]


def name_of(source: Source) -> object:
    return source.item("S1")["identifiers"]["name"]


def test_the_visitors_first_name_is_found_and_shown(source: Source) -> None:
    source.put_chat_log("S1", LOG)

    found = source.ask("GET", "/interactions?name=kim").json()["items"]
    shown = {
        one["text"]: one["name"] for one in source.chat_log("S1").json()["messages"]
    }
    assert [one["identifiers"]["name"] for one in found] == ["Kim"]
    assert shown == {"Good day": None, "Later": "Kim", "Hello": "Kim"}


def test_it_belongs_to_its_interaction_and_is_nobody_by_itself(source: Source) -> None:
    for session in ("S1", "S2"):
        source.put_chat_log(session, LOG)

    names = source.rows(Identifier, kind=Kind.NAME.number)
    owners = {str(row.owner_id) for row in names}
    assert owners == {source.id_of("S1"), source.id_of("S2")}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_stated_name_stands_whichever_came_first(
    source: Source, is_first: bool
) -> None:
    if is_first:
        source.put("S1", started_at=START, media="chat", identifiers={"name": "Anna"})
    source.put_chat_log("S1", LOG)
    if not is_first:
        source.put("S1", identifiers={"name": "Anna"})

    source.tell(event(9, "session.ended"))

    assert name_of(source) == "Anna"


def test_a_name_that_is_cleared_stays_so(source: Source) -> None:
    source.put("S1", started_at=START, media="chat", identifiers={"name": None})

    source.put_chat_log("S1", LOG)

    assert name_of(source) is None


def test_a_refusal_of_storage_takes_it_along(source: Source) -> None:
    source.put_chat_log("S1", LOG)

    source.tell(event(4, "chat.storage_refused"))

    assert source.chat_log("S1").status_code == 410
    assert name_of(source) is None


def test_a_name_that_is_none_is_passed_over(source: Source) -> None:
    log = [line("One", name=" "), line("Two", second=1, name="anonymous")]

    source.put_chat_log("S1", [*log, line("Three", second=2, name="Kim")])

    assert name_of(source) == "Kim"
