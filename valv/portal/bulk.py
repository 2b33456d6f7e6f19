"""Which of many hits are meant, and how many they are."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

from valv.archive.items import Item

MOST_TALLIED = 10_000
ALL = "all"


@dataclass(slots=True)
class Tally:
    """Hits, and how many of them are on hold."""

    count: int = 0
    held: int = 0
    is_unfinished: bool = False


def tally_of_hits(hits: Iterable[list[Item]]) -> Tally:
    """How many hits there are, and how many of them are held, of ten thousand."""
    tally = Tally()
    for page in hits:
        if tally.count >= MOST_TALLIED:
            tally.is_unfinished = True
            break
        tally.count += len(page)
        tally.held += sum(item.held for item in page)
    return tally


def travelling(post: QueryDict) -> tuple[tuple[str, str], ...]:
    """The fields that say which hits are meant; with all of them, no ids."""
    is_all = post.get("scope") == ALL
    names = ("action", "scope") if is_all else ("action", "scope", "id")
    return tuple((n, value) for n in names for value in post.getlist(n))
