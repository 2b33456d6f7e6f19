"""Rights and filters from tenant to user group to user; the nearest that says so wins.

Each level grants a right, denies it or says nothing, and then what the level above it
says holds. A filter of queues or of user groups is likewise that of the nearest level
that states one. What nobody grants, nobody has.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NamedTuple, TypeVar

from msgspec import Meta, Struct

from valv.core.errors import Forbidden, Malformed
from valv.core.interaction import Word
from valv.core.permissions import OF_A_PART, Right

T = TypeVar("T")
MOST_QUEUES, MOST_GROUPS = 500, 200


class Level(StrEnum):
    """From the widest to the nearest."""

    TENANT = "tenant"
    GROUP = "group"
    USER = "user"


class Stated(Struct, frozen=True, forbid_unknown_fields=True):
    """What one level says. A right in neither list, and a filter of None, is inherited.

    ``queues`` are names; ``groups`` are ids of user groups, and mean the contacts of
    their agents. An empty filter lets nothing through.
    """

    grant: tuple[Right, ...] = ()
    deny: tuple[Right, ...] = ()
    queues: Annotated[tuple[Word, ...], Meta(max_length=MOST_QUEUES)] | None = None
    groups: Annotated[tuple[int, ...], Meta(max_length=MOST_GROUPS)] | None = None

    def __post_init__(self) -> None:
        if set(self.grant) & set(self.deny):
            raise Malformed("A right is granted and denied at once.", field="deny")

    def says(self, right: Right) -> bool | None:
        """Whether it grants the right; None if it says nothing."""
        if right in self.deny:
            return False
        return True if right in self.grant else None


NOTHING = Stated()
Levels = Mapping[Level, Stated]


class Decided(NamedTuple):
    """Whether a right is held, and which level said so; None: nobody did."""

    held: bool
    by: Level | None


@dataclass(frozen=True, slots=True)
class Effective:
    """What comes of the levels: each right, and the filters, with where it came from.

    ``decided`` is what is stated, ``rights`` what is held: *own* lets see, for who may
    not see all, and who is let to a part of the archive has no right that is of the
    whole. ``is_own`` says that it is one's own contacts alone.
    """

    decided: Mapping[Right, Decided]
    queues: tuple[str, ...] | None = None
    queues_by: Level | None = None
    groups: tuple[int, ...] | None = None
    groups_by: Level | None = None

    @property
    def rights(self) -> frozenset[Right]:
        stated = {right for right, (is_held, _) in self.decided.items() if is_held}
        held = frozenset(stated | ({Right.SEE} if self.is_own else set()))
        return held & OF_A_PART if self.is_part else held

    @property
    def is_part(self) -> bool:
        filtered = self.queues is not None or self.groups is not None
        return filtered or self.is_own

    @property
    def is_own(self) -> bool:
        return self.decided[Right.OWN].held and not self.decided[Right.SEE].held


def effective(levels: Levels) -> Effective:
    """Resolve them; a level that is not there says nothing."""
    nearest = [(at, levels[at]) for at in reversed(Level) if at in levels]
    queues, queues_by = _first(nearest, lambda stated: stated.queues)
    groups, groups_by = _first(nearest, lambda stated: stated.groups)
    decided = {right: _decided(nearest, right) for right in Right}
    return Effective(decided, queues, queues_by, groups, groups_by)


def _decided(nearest: Iterable[tuple[Level, Stated]], right: Right) -> Decided:
    held, by = _first(nearest, lambda stated: stated.says(right))
    return Decided(bool(held), by)


def _first(
    nearest: Iterable[tuple[Level, Stated]], told: Callable[[Stated], T | None]
) -> tuple[T | None, Level | None]:
    for level, stated in nearest:
        found = told(stated)
        if found is not None:
            return found, level
    return None, None


def within(rights: Iterable[Right]) -> frozenset[Right]:
    """What somebody with these rights may give: who sees all may give one's own."""
    held = frozenset(rights)
    return held | {Right.OWN} if Right.SEE in held else held


def check_given(
    before: Stated, after: Stated, *, by: Iterable[Right], now: Iterable[Right] = ()
) -> None:
    """Nobody gives a right of their own lack, be it by granting or by not denying.

    ``now`` are rights that somebody comes to hold by the change. Raises Forbidden.
    """
    opened = set(after.grant) - set(before.grant)
    opened |= set(before.deny) - set(after.deny) | set(now)
    beyond = sorted(opened - within(by))
    if beyond:
        raise Forbidden(f"Only who has a right may give it: {', '.join(beyond)}.")
