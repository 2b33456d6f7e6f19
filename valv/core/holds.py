"""What a hold covers of what is still to come, and how far a hold has come itself.

A rule names queues, agents, media and people; one of each kind that is named must fit,
as in a search. People stand in it by their keyed hash alone, so that a rule tells
nobody's number.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from valv.core.errors import Malformed
from valv.core.interaction import Media

LONGEST_GRACE: Final = 365
MOST_NAMED: Final = 100


class HoldState(StrEnum):
    """How far a hold has come."""

    PLACING = "placing"  # not all that it is to cover is covered yet
    PLACED = "placed"
    ASKED = "asked"  # one of two persons wants it released
    GRACE = "grace"  # released; what it covers still stays for some days
    LIFTED = "lifted"


def state_of(
    *,
    is_complete: bool,
    asked_at: datetime | None,
    lifts_at: datetime | None,
    now: datetime,
) -> HoldState:
    if lifts_at is not None:
        return HoldState.LIFTED if lifts_at <= now else HoldState.GRACE
    if asked_at is not None:
        return HoldState.ASKED
    return HoldState.PLACED if is_complete else HoldState.PLACING


class HoldRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a hold covers from now on; ``people`` are keyed hashes, in hexadecimal."""

    queue: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    people: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        return not (self.queue or self.agent or self.media or self.people)


@dataclass(frozen=True, slots=True)
class Covered:
    """A rule by the archive's own numbers; None of a kind that the rule names not."""

    queues: frozenset[int] | None = None
    agents: frozenset[int] | None = None
    media: frozenset[int] | None = None
    people: frozenset[int] | None = None

    def covers(
        self,
        *,
        queue: int | None,
        agents: Collection[int],
        media: int,
        people: Collection[int | None],
    ) -> bool:
        """Whether an interaction as it stands is under the rule."""
        there = (
            (self.queues, (queue,)),
            (self.agents, agents),
            (self.media, (media,)),
            (self.people, people),
        )
        return all(named is None or not named.isdisjoint(own) for named, own in there)


def checked_rule(rule: HoldRule) -> HoldRule:
    """Raises Malformed for a rule that names nothing, or more than can be asked."""
    if rule.is_empty():
        raise Malformed("Say what it covers.", field="rule")
    if max(map(len, (rule.queue, rule.agent, rule.media, rule.people))) > MOST_NAMED:
        raise Malformed(f"At most {MOST_NAMED} of a kind.", field="rule")
    return rule


def checked_grace(days: int) -> int:
    """Raises Malformed for what is not 0 to 365 days."""
    if not 0 <= days <= LONGEST_GRACE:
        raise Malformed(f"It is 0 to {LONGEST_GRACE} days.", field="grace_days")
    return days


def lifts_at(now: datetime, *, grace_days: int) -> datetime:
    """When what a released hold covers may go."""
    return now + timedelta(days=grace_days)
