"""The topics a tenant lets its agents register, by category.

Until there is a list nothing is undefined. With one, what is not in it is still taken
and shown as *not defined*, unless the tenant wants it refused. Words are compared
case-blind. Refuses a list with a word twice in one place, or too long to choose from.
"""

from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta, Struct

from valv.core.errors import Malformed, Refused
from valv.core.interaction import Registration, Word
from valv.core.phones import folded

MOST_CATEGORIES, MOST_TOPICS = 200, 1_000
RULE: Final = "topic_undefined"


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """Topics under one category; without a name they stand under none."""

    topics: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=MOST_TOPICS)]
    category: Word | None = None

    def __post_init__(self) -> None:
        _check_once(self.topics)


class Topics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that may be registered, in the order in which it is offered."""

    categories: Annotated[tuple[Category, ...], Meta(max_length=MOST_CATEGORIES)] = ()
    refuse_undefined: bool = False

    def __post_init__(self) -> None:
        _check_once(one.category or "" for one in self.categories)
        if self.refuse_undefined and not self.categories:
            raise Malformed(
                "Without a list everything would be refused.", field="refuse_undefined"
            )

    def defines(self, category: str | None, topic: str) -> bool:
        """Whether a topic is in the list; without a list, every one is."""
        return not self.categories or _key(category, topic) in self._defined()

    def check(self, picked: Iterable[Registration]) -> None:
        """Raise Refused, rule ``topic_undefined``, where the tenant wants it."""
        if not self.refuse_undefined:
            return
        defined = self._defined()
        if any(_key(one.category, one.topic) not in defined for one in picked):
            raise Refused(RULE, "That topic is not defined under that category.")

    def _defined(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            _key(one.category, topic) for one in self.categories for topic in one.topics
        )


def _key(category: str | None, topic: str) -> tuple[str, str]:
    return folded(category or ""), folded(topic)


def _check_once(words: Iterable[str]) -> None:
    listed = [folded(word) for word in words]
    if len(set(listed)) < len(listed):
        raise Malformed("The same word stands there twice.", field="categories")
