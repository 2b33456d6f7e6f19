"""Numbers and addresses that staff write in a text: told by reference, not repeated.

Where a phone number or e-mail address stood, the text as it is kept has a mark with the
number of an identifier: ``⟦123⟧``. Whoever reads it gets the value put back while the
identifier is there; once that person is forgotten nothing of them is left in the text.
A mark that somebody typed themselves is none: its brackets are made plain ones.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from valv.core.identifiers import Identifier, read_identifier
from valv.core.traces import Trace, traces_in

FIRST, LAST = "⟦", "⟧"
GONE = "…"
_MARK = re.compile(f"{FIRST}([0-9]{{1,19}}){LAST}", re.ASCII)
_PLAIN = str.maketrans({FIRST: "[", LAST: "]"})
_MOST_PASSES = 8

Found = tuple[Trace, Identifier]


def mentioned(text: str, *, region: str) -> list[Found]:
    """Whoever is named in a text by number or address, in order."""
    return [
        (one, read_identifier(one.text, kind=one.kind, region=region))
        for one in traces_in(text, region=region)
    ]


def marked(
    text: str, number_of: Callable[[Identifier], int | None], *, region: str
) -> str:
    """The text as it is kept; ``number_of`` finds the identifier, None to leave it."""
    text = text.translate(_PLAIN)
    for _ in range(_MOST_PASSES):
        found = [(one, number_of(who)) for one, who in mentioned(text, region=region)]
        there = [(one, number) for one, number in found if number is not None]
        for one, number in reversed(there):
            text = f"{text[: one.start]}{FIRST}{number}{LAST}{text[one.end :]}"
        if not there:
            break
    return text


def has_marks(text: str) -> bool:
    return FIRST in text


def marks_in(texts: Iterable[str]) -> set[int]:
    """The numbers of the identifiers that kept texts refer to."""
    return {int(number) for text in texts for number in _MARK.findall(text)}


def spelled(text: str, shown: Mapping[int, str]) -> str:
    """A kept text to be read: values put back where they are there."""
    return _MARK.sub(lambda mark: shown.get(int(mark[1]), GONE), text)


def hidden(text: str) -> str:
    """A kept text for where nobody may be named, such as an error."""
    return spelled(text, {})
