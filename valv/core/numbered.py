"""Words that a database row says by a small number.

The number is the place in the list, so members are only ever added last.
"""

from enum import StrEnum
from typing import Self


class Numbered(StrEnum):
    """A closed list of words with stable numbers from 0."""

    @property
    def number(self) -> int:
        return list(type(self)).index(self)

    @classmethod
    def numbered(cls, number: int) -> Self:
        return list(cls)[number]
