"""Values planted one to a field, and their finding again in whatever bytes there are.

A field is named by where it is sent. Its value has one of three shapes, a word such as
a name, a phone number, and an e-mail address, and no two fields share one.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from itertools import count

LETTERS = "abcdefghijklmnop"
HOST = "kanarie.example"
# Half a byte is a letter, so that a word looks like nothing but itself.
WORD = re.compile(rb"kanarie[a-p]{12}")
NUMBER = re.compile(rb"70[0-9]{7}")
HEX = re.compile(rb"6b616e61726965(?:[0-9a-f]{2}){12}|3730(?:3[0-9]){7}")
BASE64 = re.compile(rb"[A-Za-z0-9_-]{28,}")


class Shape(StrEnum):
    """What a planted value looks like."""

    WORD = "word"
    NUMBER = "number"
    ADDRESS = "address"


@dataclass(slots=True)
class Planted:
    """All that was planted: by what is looked for, where it was sent."""

    shape: Shape = Shape.WORD
    places: dict[str, tuple[str, Shape]] = field(default_factory=dict)

    def value(self, where: str) -> str:
        """The value of this field, in the shape that is being planted."""
        for turn in count():  # some two of many thousand fields would share a number
            digest = sha256(f"{self.shape} {where} {turn}".encode()).digest()
            mark, value = _mark_and_value(self.shape, digest)
            held = self.places.setdefault(mark, (where, self.shape))
            if held == (where, self.shape):
                return value
        raise AssertionError

    def fields(self) -> set[str]:
        return {where for where, _ in self.places.values()}

    def found_in(self, held: bytes) -> set[tuple[str, Shape]]:
        """What of it stands in these bytes: plain, wide, in hex, or packed."""
        marks = {mark for form in _forms(held) for mark in _marks(form)}
        return {self.places[mark] for mark in marks & self.places.keys()}


def _mark_and_value(shape: Shape, digest: bytes) -> tuple[str, str]:
    if shape is Shape.NUMBER:
        mark = f"70{int.from_bytes(digest[:8]) % 10**7:07}"
        return mark, f"+46{mark}"
    halves = (half for byte in digest[:6] for half in divmod(byte, 16))
    mark = "kanarie" + "".join(LETTERS[half] for half in halves)
    return mark, mark if shape is Shape.WORD else f"{mark}@{HOST}"


def _forms(held: bytes) -> Iterator[bytes]:
    yield held
    yield held.replace(b"\0", b"")
    for text in HEX.findall(held):
        yield bytes.fromhex(text.decode())
    for text in BASE64.findall(held):
        yield from _unpacked(text)


def _unpacked(text: bytes) -> Iterator[bytes]:
    """Base64 of either alphabet that is on its own, and what is deflated in it."""
    try:
        packed = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return
    yield packed
    try:
        yield zlib.decompress(packed)
    except zlib.error:
        return


def _marks(form: bytes) -> Iterator[str]:
    """Both begin with letters of their own, which many bytes are soon searched for."""
    for pattern in (WORD, NUMBER):
        found = pattern.search(form)
        while found is not None:
            yield found[0].decode("ascii")
            found = pattern.search(form, found.start() + 1)
