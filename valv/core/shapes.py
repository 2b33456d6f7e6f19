"""Types that JSON is read into, looked through before there are threads.

msgspec looks through a type when something is first read into it, and what is half
looked through other threads already see: two that begin with one type at once can end
the process, without a word (msgspec 0.22; ``tests/config/test_shapes.py`` shows it).
"""

from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct
from msgspec.json import Decoder

from valv.core.reach import Reach

# What is read from JSON and is no Struct.
OTHERS = (Reach,)


def look_through() -> None:
    """Have every type that is imported by now ready for any thread."""
    for one in (*_below(Struct), *OTHERS):
        with suppress(TypeError):  # of what is written alone, nothing need be readable
            Decoder(one)


def _below(type_: type[Struct]) -> Iterator[type[Struct]]:
    for one in type_.__subclasses__():
        yield one
        yield from _below(one)
