"""A tenant's own patterns of what is to be masked, in the safe syntax of RE2.

RE2 never tries twice, so no pattern can be made that some text keeps busy; and after
``MOST_FOUND`` in one text all the rest of it is masked. Refuses what RE2 cannot read,
what needs too much memory, and what would mask nearly everything.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import re2
from msgspec import Struct

from valv.core.errors import Malformed

LONGEST_NAME, LONGEST_PATTERN = 40, 500
MOST_PATTERNS: Final = 50
MOST_FOUND: Final = 1_000
_MEMORY, _MUCH = 1 << 20, 1 << 23
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '-])*")
BAD_NAME: Final = (
    f"A pattern's name has 1 to {LONGEST_NAME} letters, spaces and hyphens, "
    "and no digits."
)
BAD_LENGTH: Final = f"A pattern has 1 to {LONGEST_PATTERN} characters."
UNREADABLE: Final = (
    "It cannot be read as a pattern of RE2, or needs too much memory. "
    "Look-around and back-references are not to be had."
)
TOO_BROAD: Final = (
    "It is too broad: a single character, or none at all, fulfils it. "
    "Say how many there are, as in [0-9]{6}."
)
# A pattern that any of these fulfils says nothing of what it looks for.
_ANYTHING: Final = ("", "a", "Å", "0", " ", "-")


class MaskPattern(Struct, frozen=True, forbid_unknown_fields=True):
    """What a tenant calls it, and how it is written. The name becomes the mark."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern that is ready to look, and the mark it leaves."""

    mark: str
    _finder: Any = field(repr=False, compare=False)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text; what is found empty is passed over."""
        for count, found in enumerate(self._finder.finditer(text), start=1):
            start, end = found.span()
            if count == MOST_FOUND:
                yield start, len(text)
                return
            if start < end:
                yield start, end


@dataclass(frozen=True, slots=True)
class Finders:
    """A tenant's patterns. Most texts fulfil none, so all are asked at once first."""

    each: tuple[Compiled, ...] = ()
    _any: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, patterns: Iterable[MaskPattern]) -> "Finders":
        """Raises Malformed as ``compiled`` does."""
        listed = list(patterns)
        return cls(tuple(map(compiled, listed)), _any_of(listed))

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where they stand in a text, each with its mark."""
        if self._any is not None and self._any.search(text) is None:
            return
        for one in self.each:
            yield from ((start, end, one.mark) for start, end in one.spans(text))


def _any_of(patterns: Sequence[MaskPattern]) -> Any:
    """One finder for all; None where they cannot be put together as they are."""
    texts = [one.pattern for one in patterns]
    # What is quoted in one might go on through the next.
    if len(texts) < 2 or any("\\Q" in text for text in texts):
        return None
    try:
        return _compiled("|".join(f"(?:{text})" for text in texts), memory=_MUCH)
    except re2.error:
        return None


def compiled(pattern: MaskPattern, *, field: str = "pattern") -> Compiled:
    """Raises Malformed with a sentence for whoever wrote it, naming the field."""
    _check_name(pattern.name, field=f"{field}.name")
    finder = _finder(pattern.pattern, field=f"{field}.pattern")
    if any(finder.search(text) is not None for text in _ANYTHING):
        raise Malformed(TOO_BROAD, field=f"{field}.pattern")
    return Compiled(f"[{pattern.name}]", finder)


def _check_name(name: str, *, field: str) -> None:
    """The mark stands in texts that are masked, so there are no digits in it."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise Malformed(BAD_NAME, field=field)


def _finder(pattern: str, *, field: str) -> Any:
    if not 1 <= len(pattern) <= LONGEST_PATTERN:
        raise Malformed(BAD_LENGTH, field=field)
    try:
        return _compiled(pattern)
    except (re2.error, UnicodeEncodeError):
        raise Malformed(UNREADABLE, field=field) from None


@lru_cache(maxsize=256)
def _compiled(pattern: str, *, memory: int = _MEMORY) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    return re2.compile(pattern, options)
