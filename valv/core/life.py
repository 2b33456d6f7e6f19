"""How far an interaction has come: going on, waiting for its content, or whole.

Read off what is held, each time it is shown, and stored nowhere.
"""

from collections.abc import Iterable
from enum import StrEnum

from valv.core.interaction import ContentKind, ContentState, Media

_AWAITED = ContentState.AWAITING.value
_CHAT_LOG = ContentKind.CHAT_LOG.value
_CHAT = Media.CHAT.value


class Life(StrEnum):
    """The state of an interaction."""

    LIVE = "live"
    AWAITING_CONTENT = "awaiting_content"
    COMPLETE = "complete"


LIVE, AWAITING_CONTENT, COMPLETE = (life.value for life in Life)


def life_of(
    media: str,
    contents: Iterable[tuple[str, str]],
    *,
    is_going_on: bool,
    was_answered: bool,
    is_cut: bool,
) -> str:
    """The value of a ``Life``; ``contents`` are kinds and states.

    It is live while somebody tells of it as it goes and has not told of its end; one
    that came whole is not, whether or not it says when it ended. Then it awaits content
    that was announced and has not come, and the log of a chat that somebody answered;
    of one whose person was cut nothing is awaited, since nothing would be taken.
    """
    if is_going_on:
        return LIVE
    if is_cut:
        return COMPLETE
    has_log = False
    for kind, state in contents:
        if state == _AWAITED:
            return AWAITING_CONTENT
        has_log = has_log or kind == _CHAT_LOG
    lacks_log = media == _CHAT and was_answered and not has_log
    return AWAITING_CONTENT if lacks_log else COMPLETE
