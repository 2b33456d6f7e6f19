"""Numbers told as ranges, first and last included: what a purge covers.

A log may lack a million entries that went in order, so they are never listed singly.
"""

from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter

Range = tuple[int, int]


def ranges_of(numbers: Iterable[int]) -> list[Range]:
    """The fewest ranges that hold the numbers and no other."""
    return merged((number, number) for number in numbers)


def add(ranges: list[Range], first: int, last: int) -> None:
    """Put a range at the end, where numbers come in order."""
    if ranges and first <= ranges[-1][1] + 1:
        first = ranges.pop()[0]
    ranges.append((first, last))


def merged(ranges: Iterable[Range]) -> list[Range]:
    """In order, none touching another."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def first_outside(gaps: Iterable[Range], covers: Iterable[Range]) -> int | None:
    """The first number of the gaps that no cover holds."""
    held = merged(covers)
    for first, last in gaps:
        at = bisect_right(held, first, key=itemgetter(0)) - 1
        reach = held[at][1] if at >= 0 else 0
        reach = max(reach, first - 1)
        if reach < last:
            return reach + 1
    return None
