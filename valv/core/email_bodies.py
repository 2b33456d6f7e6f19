"""What was written in an e-mail or e-task is refused, under any of its names (law 4).

A source may hide it in a variable, and call that what it likes; here it is known by its
name, word by word in any spelling, or by how it begins. It would rather refuse an odd
variable of an e-mail than let a letter in.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from valv.core.errors import Refused
from valv.core.interaction import Media

BODILESS: Final = frozenset({Media.EMAIL, Media.ETASK})
# Of these words one is enough, whatever stands beside it.
TELLING: Final = frozenset({
    "body", "html", "mime", "eml", "rfc822", "attachment", "attachments", "brödtext",
    "bilaga", "bilagor",
})  # fmt: skip
# The name as a whole, once what says that it is an e-mail's is taken off.
NAMES: Final = frozenset({
    "text", "plain", "content", "contents", "message", "messages", "messagetext",
    "raw", "plaintext",
    "htmltext", "textplain", "texthtml", "preview", "snippet", "payload", "parts",
    "files", "chatlog", "transcript", "letter", "innehåll", "meddelande",
    "meddelanden", "meddelandetext", "brev",
})  # fmt: skip
ASIDE: Final = frozenset({
    "e", "email", "mail", "epost", "msg", "the", "original", "orig", "full", "raw",
    "plain", "whole", "my", "source", "task", "etask",
})  # fmt: skip
RUN_TOGETHER: Final = re.compile(
    r"(e?mail|message|msg|html|text|plain|raw|full)?(body|html)(text|html|plain|preview)?"
)
# What is told about a letter, not of it.
ABOUT: Final = frozenset({"id", "count", "size", "length", "type", "hash"})
# A page of HTML, or a message that begins with its headers.
BEGINS: Final = re.compile(
    r"\s*(<!doctype|<html|<body|<div|<p[ >]|[a-z-]+: [^\n]*\r?\n[a-z-]+: )",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+(?:822)?")
_HUMPS = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])")
_UNSEEN = frozenset({"Cf", "Mn", "Cc"})


def email_body() -> Refused:
    return Refused("email_body", "The body of an e-mail or e-task is not stored.")


def refuse_body(payload: Mapping[str, object], *, media: Media | None) -> None:
    """Refuse an e-mail or e-task that brings along what was written in it.

    Looks through all depths; names with nothing under them pass. Raises Refused, rule
    ``email_body``.
    """
    if media in BODILESS and has_body(payload):
        raise email_body()


def has_body(payload: object) -> bool:
    """Whether something in it is what was written, going by names and beginnings."""
    if isinstance(payload, Mapping):
        return any(
            (_is_written(value) and is_body_name(str(name))) or has_body(value)
            for name, value in payload.items()
        )
    if isinstance(payload, str):
        return BEGINS.match(payload) is not None
    return isinstance(payload, list | tuple) and any(map(has_body, payload))


def _is_written(value: object) -> bool:
    return bool(value) and not isinstance(value, bool | int | float)


def is_body_name(name: str) -> bool:
    """Whether a field so called holds what was written."""
    words = _words_of(name)
    if words and words[-1] in ABOUT:
        return False
    joined = "".join(words)
    kept = "".join(word for word in words if word not in ASIDE)
    return (
        not TELLING.isdisjoint(words)
        or joined in NAMES | TELLING
        or kept in NAMES
        or RUN_TOGETHER.fullmatch(joined) is not None
    )


def _words_of(name: str) -> list[str]:
    """The words of a name, whatever parts them: case, signs, digits, unseen letters."""
    seen = unicodedata.normalize("NFKC", name)
    seen = "".join(one for one in seen if unicodedata.category(one) not in _UNSEEN)
    return [word.lower() for word in _WORDS.findall(_HUMPS.sub(" ", seen))]
