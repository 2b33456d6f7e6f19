"""How far an interaction has come, by what is known of it."""

import pytest

from valv.core.interaction import Media
from valv.core.life import Life, life_of

CALL, CHAT = Media.PHONE.value, Media.CHAT.value
AWAITED, THERE = ("recording", "awaiting"), ("recording", "present")


def life(
    media: str,
    *contents: tuple[str, str],
    is_going_on: bool = False,
    was_answered: bool = True,
    is_cut: bool = False,
) -> str:
    return life_of(
        media,
        contents,
        is_going_on=is_going_on,
        was_answered=was_answered,
        is_cut=is_cut,
    )


@pytest.mark.parametrize("contents", [[], [AWAITED], [THERE]])
def test_what_has_not_ended_is_live(contents: list[tuple[str, str]]) -> None:
    assert life(CALL, *contents, is_going_on=True) == Life.LIVE


def test_what_was_announced_is_awaited_after_the_end() -> None:
    assert life(CALL, THERE, AWAITED) == Life.AWAITING_CONTENT


@pytest.mark.parametrize("state", ["present", "deleted", "expired", "refused"])
def test_what_came_or_went_is_awaited_no_more(state: str) -> None:
    assert life(CALL, ("recording", state)) == Life.COMPLETE
    assert life(CHAT, ("chat_log", state)) == Life.COMPLETE


def test_a_chat_that_was_answered_has_a_log_to_come() -> None:
    assert life(CHAT) == Life.AWAITING_CONTENT
    assert life(CHAT, was_answered=False) == Life.COMPLETE
    assert life(CALL) == Life.COMPLETE


def test_of_a_person_forgotten_nothing_is_awaited() -> None:
    assert life(CHAT, AWAITED, is_cut=True) == Life.COMPLETE
