"""Values of one kind in one blob of bytes, to find fragments by scanning it.

A value stands between two newlines, which no value holds, so a prefix is sought as a
newline and the text, a suffix as the text and a newline. Bytes of UTF-8 are compared,
which for whole characters is the same as comparing characters.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from valv.core.identifiers import Fragment, Match

SCAN_CAP = 3000
NEWLINE = b"\n"
WORD, FIRST_PIECE, LARGEST_PIECE = 4, 1 << 14, 1 << 20  # bytes
Numbers = NDArray[np.int64]


class Lines:
    """Many short texts as bytes, one after another."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        self.blob = NEWLINE + b"".join(text + NEWLINE for text in encoded)
        lengths = np.fromiter((len(text) + 1 for text in encoded), dtype=np.int64)
        self.ends: Numbers = np.cumsum(lengths)  # where each one's newline stands

    def __add__(self, other: "Lines") -> "Lines":
        both = Lines()
        both.blob = self.blob + other.blob[1:]
        both.ends = np.concatenate((self.ends, other.ends + (len(self.blob) - 1)))
        return both

    def text(self, number: int) -> str:
        start = int(self.ends[number - 1]) + 1 if number else 1
        return self.blob[start : int(self.ends[number])].decode(
            "utf-8", "surrogatepass"
        )

    def numbers_at(self, positions: list[int]) -> Numbers:
        """Which text each position in the blob belongs to."""
        found: Numbers = np.searchsorted(self.ends, positions, side="left")
        return found


class Values:
    """Identifiers of one kind: normal form to compare, and what to show. Unchanging."""

    def __init__(
        self,
        rows: Iterable[tuple[int, str, str]] = (),
        *,
        after: "Values | None" = None,
    ) -> None:
        listed = sorted(rows)
        ids = np.array([id_ for id_, _, _ in listed], dtype=np.int64)
        normals = Lines(normal for _, normal, _ in listed)
        # Most are shown as they are compared; those take no room twice.
        shown = Lines("" if s == normal else s for _, normal, s in listed)
        if after is not None:
            ids = np.concatenate((after.ids, ids))
            normals, shown = after.normals + normals, after.shown_lines + shown
        self.ids: Numbers = ids
        self.normals: Lines = normals
        self.shown_lines: Lines = shown
        self._order: Numbers = np.argsort(ids, kind="stable")
        self._sorted = memoryview(ids[self._order].tobytes()).cast("q")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, id_: int) -> bool:
        return self._number(id_) is not None

    @property
    def bytes_held(self) -> int:
        return len(self.normals.blob) + len(self.shown_lines.blob) + 40 * len(self.ids)

    def normal(self, id_: int) -> str | None:
        number = self._number(id_)
        return None if number is None else self.normals.text(number)

    def shown(self, id_: int) -> str | None:
        number = self._number(id_)
        if number is None:
            return None
        return self.shown_lines.text(number) or self.normals.text(number)

    def _number(self, id_: int) -> int | None:
        place = bisect_left(self._sorted, id_)
        if place < len(self._sorted) and self._sorted[place] == id_:
            return int(self._order[place])
        return None

    def find(self, fragments: Iterable[Fragment], *, cap: int) -> tuple[set[int], bool]:
        """The ids of values that fit any fragment, and whether there are more."""
        found: set[int] = set()
        for fragment in fragments:
            positions = self._positions(fragment, most=2 * cap)
            hits = np.unique(self.normals.numbers_at(positions))
            found.update(self.ids[hits].tolist())
            if len(positions) >= 2 * cap or len(found) > cap:
                return found, True
        return found, False

    def _positions(self, fragment: Fragment, *, most: int) -> list[int]:
        shift = fragment.match in {Match.EXACT, Match.PREFIX}
        found = _beginnings(_sought(fragment), self.normals.blob, most=most)
        # A newline that begins a match ends the value before: look one further on.
        return [at + shift for at in found]


def _sought(fragment: Fragment) -> bytes:
    text = fragment.text.encode("utf-8", "surrogatepass")
    match fragment.match:
        case Match.EXACT:
            return NEWLINE + text + NEWLINE
        case Match.PREFIX:
            return NEWLINE + text
        case Match.SUFFIX:
            return text + NEWLINE
        case Match.CONTAINS:
            return text


def _beginnings(sought: bytes, blob: bytes, *, most: int) -> list[int]:
    """Where it begins in the blob, at most so often."""
    if len(sought) < WORD:
        # Where one ends the next may begin, as values do with the newline between.
        first, last = re.escape(sought[:-1]), re.escape(sought[-1:])
        hits = re.finditer(first + b"(?=" + last + b")", blob)
        return [hit.start() for hit in islice(hits, most)]
    found: list[int] = []
    start, size = 0, FIRST_PIECE
    while start < len(blob) and len(found) < most:
        found += _within(sought, blob, start, size).tolist()
        start, size = start + size, min(4 * size, LARGEST_PIECE)
    return found[:most]


def _within(sought: bytes, blob: bytes, start: int, size: int) -> Numbers:
    """Where in a piece of the blob it begins.

    First what begins alike, then by one byte after the other, the last first: what
    many values have in common, a country's code or a domain, may stand at either end.
    """
    at = _words_alike(sought, blob, start, size)
    at = at[at <= len(blob) - len(sought)]
    each = np.frombuffer(blob, np.uint8)
    for place in range(len(sought) - 1, WORD - 1, -1):
        at = at[each[at + place] == sought[place]]
    return at


def _words_alike(sought: bytes, blob: bytes, start: int, size: int) -> Numbers:
    """Where in a piece of the blob the first four bytes are those sought.

    Compared as whole numbers, many at once, in each of the four ways to divide bytes:
    twice as fast as to look at one after another.
    """
    word = int.from_bytes(sought[:WORD], "little")
    found: list[Numbers] = []
    for offset in range(start, min(start + WORD, len(blob))):
        words = np.ndarray(min(size, len(blob) - offset) // WORD, "<u4", blob, offset)
        found.append(np.flatnonzero(words == word) * WORD + offset)
    return np.concatenate(found)
