"""Digits as people write them: in one run, or in groups with a little between.

``windows`` gives every row of groups that is written as such numbers are, and never a
part of a longer run. From each group at most nineteen others are looked at, so the work
grows with the length of the text and no faster, whatever stands in it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

LONGEST = 19
_RUN = re.compile("[0-9]+", re.ASCII)
_BETWEEN = frozenset(" .-+\n\r\t")
_MOST_BETWEEN = 3
# Directly between two groups these make one number of both.
_TIGHT = frozenset("-.+")
_SMALL = 3


class _Plain(dict[int, int]):
    """One plain character for each that there is, so that places stay the same."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        if character.isdecimal():
            return ord("0") + unicodedata.decimal(character)
        kind = unicodedata.category(character)
        if kind == "Pd" or code == 0x2212:  # a minus sign
            return ord("-")
        return ord(" ") if kind in {"Zs", "Cf"} else code


_PLAIN = _Plain({code: code for code in range(128)})


def plain(text: str) -> str:
    """The text of the same length with plain digits, spaces and hyphens."""
    return text if text.isascii() else text.translate(_PLAIN)


def _uniform(size: int, total: int) -> tuple[int, ...]:
    rest = total % size
    return (size,) * (total // size) + ((rest,) if rest else ())


# Groups of one length, of which the last may be shorter; and those of certain cards.
CARDS: Final = frozenset(
    {(total,) for total in range(12, LONGEST + 1)}
    | {_uniform(n, total) for n in (1, 2, 3, 4) for total in range(12, LONGEST + 1)}
    | {(4, 6, 5), (4, 6, 4)}
)
# A date of six digits or of eight, and what follows; and groups as they are spoken.
_DATES = ((6,), (2, 2, 2), (8,), (4, 2, 2), (2, 6), (2, 2, 2, 2))
_FOLLOWING = ((4,), (2, 2), (5,), (3, 2))
IDENTITIES: Final = frozenset(
    {(*date, *rest) for date in _DATES for rest in _FOLLOWING}
    | {(total,) for total in (10, 11, 12)}
    | {_uniform(n, total) for n in (1, 2) for total in (10, 11, 12)}
)
_WRITTEN = CARDS | IDENTITIES
_BEGUN = frozenset(
    sizes[:count] for sizes in _WRITTEN for count in range(1, len(sizes) + 1)
)


@dataclass(frozen=True, slots=True)
class Window:
    """A row of groups; ``sizes`` are their lengths."""

    start: int
    end: int
    sizes: tuple[int, ...]
    digits: str


@dataclass(frozen=True, slots=True)
class _Group:
    """A whole run of digits; what is ``between`` it and the one that it may go on from.

    Empty if it goes on from none.
    """

    start: int
    end: int
    between: str

    @property
    def joined(self) -> bool:
        return bool(self.between)

    @property
    def size(self) -> int:
        return self.end - self.start


def windows(text: str, ended: Collection[int] = ()) -> Iterator[list[Window]]:
    """For each group that may begin a number, the rows from there, longest first.

    ``text`` is plain. ``ended`` is where other numbers end, from which none goes on; it
    may grow meanwhile.
    """
    groups = list(_groups(text))
    for first, group in enumerate(groups):
        goes_on = _goes_on(groups, first) and groups[first - 1].end not in ended
        if goes_on or text[group.start - 1 : group.start] == "+":
            continue
        found = [
            window
            for window in _from(text, groups[first : first + LONGEST])
            if _stands_alone(text, window)
        ]
        if found:
            yield found[::-1]


def _groups(text: str) -> Iterator[_Group]:
    end = 0
    for run in _RUN.finditer(text):
        between = text[end : run.start()] if run.start() - end <= _MOST_BETWEEN else "x"
        joined = end > 0 and _BETWEEN.issuperset(between)
        yield _Group(run.start(), run.end(), between if joined else "")
        end = run.end()


def _goes_on(groups: list[_Group], index: int) -> bool:
    """Whether it is one more of a row of small groups, which begins further ahead.

    Not where the row is written otherwise than what leads to it.
    """
    group, after = groups[index], groups[index + 1 : index + 2]
    if not group.joined or group.size > _SMALL:
        return False
    alike = all(one.between == group.between for one in after if one.joined)
    return alike and groups[index - 1].size == group.size


def _from(text: str, groups: Iterable[_Group]) -> Iterator[Window]:
    sizes: tuple[int, ...] = ()
    digits = ""
    start = -1
    for group in groups:
        if start >= 0 and not group.joined:
            return
        start = group.start if start < 0 else start
        sizes += (group.size,)
        if sizes not in _BEGUN:
            return
        digits += text[group.start : group.end]
        if sizes in _WRITTEN:
            yield Window(start, group.end, sizes, digits)


def _stands_alone(text: str, window: Window) -> bool:
    """Not between letters, and not a part of something longer that has hyphens."""
    before = text[max(0, window.start - 2) : window.start]
    after = text[window.end : window.end + 2]
    if before[-1:].isalpha() and after[:1].isalpha():
        return False
    return not (_is_tight(before[::-1]) or _is_tight(after))


def _is_tight(beside: str) -> bool:
    return len(beside) == 2 and beside[0] in _TIGHT and beside[1].isdigit()
