"""Ids that stay inside: of identifiers and content, which have keys under them.

One process never draws the same twice for a millisecond, and two hardly ever do: each
counts on from where chance began it. What is seen outside, such as the id of an
interaction, is drawn by chance alone, so that nobody learns how much others are sent.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from secrets import randbits

from valv.core.ids import NOISE_BITS, mint

_noise: Iterator[int]


def inner_id(at: datetime) -> int:
    """A new id for a moment; raises Malformed if it does not fit."""
    return mint(at, noise=next(_noise))


def _begin() -> None:
    global _noise
    _noise = count(randbits(NOISE_BITS))


_begin()
os.register_at_fork(after_in_child=_begin)
