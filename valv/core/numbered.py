"""Words that a database row says by a small number.

The number is the place in the list, so members are only ever added last.
"""

from enum import StrEnum
from functools import cache
from typing import Any, Self


class Numbered(StrEnum):
    """A closed list of words with stable numbers from 0."""

    number: int

    def __new__(cls, word: str) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.number = len(cls.__members__)
        return member

    @classmethod
    def numbered(cls, number: int) -> Self:
        member: Self = _members(cls)[number]
        return member


@cache
def _members(cls: type[Numbered]) -> tuple[Any, ...]:
    return tuple(cls)
