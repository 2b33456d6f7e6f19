"""Storage times by rule, and the time below which nothing may be removed.

A tenant's general times hold where no rule fits. Rules stand in an order; for each
class the first one that fits and names the class decides, of its maximum and of its
minimum apart. The maximum forces removal; the minimum forbids it, to the night and to
everybody else, and wins where the two contradict each other. General information stays
as long as anything that hangs on it must, and a recording as long as its transcript
(law 6).

Refuses a rule that fits everything, says nothing, or contradicts itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from valv.core.errors import Malformed
from valv.core.interaction import ContentKind, Media, Word, decoded
from valv.core.retention import (
    ALONE,
    DEFAULT_TIMES,
    FOREVER,
    LONGEST,
    Days,
    StorageTimes,
    Stored,
    cutoff,
    first_night,
    stored_as,
    times_from,
)

MOST_RULES: Final = 30
MOST_NAMED: Final = 100
GENERAL_TIMES: Final = ""  # what stands for a rule's name where none decides
DayCount = Annotated[int, Meta(ge=0, le=LONGEST)]
Words = Annotated[tuple[Word, ...], Meta(max_length=MOST_NAMED)]
Minimum = dict[Stored, DayCount]
# What must not go before something that hangs on it must.
BEARS: Final = {
    Stored.GENERAL: tuple(
        one for one in Stored if one is not Stored.GENERAL and one not in ALONE
    ),
    Stored.RECORDINGS: (Stored.TRANSCRIPTS,),
    Stored.RESTRICTED: (Stored.TRANSCRIPTS,),
}


class AppliesTo(StrEnum):
    """To which interactions a change of storage times applies."""

    NEW = "new"  # what is held already stays on the times it came under
    EXISTING = "existing"


class Decision(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The decision of the tenant's own that a time rests on: its number, and when."""

    number: Annotated[str, Meta(max_length=100)] = ""
    on: date | None = None


NO_DECISION: Final = Decision()


class Rule(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Times for interactions of one sort; one of each kind that is named must fit.

    ``queue`` are the source's names, ``group`` user groups of which an agent took part,
    ``topic`` names of registered topics. ``times`` are maxima, ``minimum`` minima, in
    days.
    """

    name: Word
    queue: Words = ()
    group: Words = ()
    media: tuple[Media, ...] = ()
    restricted: bool | None = None
    topic: Words = ()
    times: dict[Stored, DayCount | Literal["forever"]] = {}
    minimum: Minimum = {}
    decision: Decision = NO_DECISION

    def __post_init__(self) -> None:
        conditions = (self.queue, self.group, self.media, self.topic)
        if not any(conditions) and self.restricted is None:
            raise Malformed("A rule says what it is for.", field="rules")
        if not (self.times or self.minimum):
            raise Malformed("A rule says how long.", field="rules")
        if not ALONE.isdisjoint({*self.times, *self.minimum}):
            raise Malformed("What is of no interaction has no rule.", field="rules")
        for stored, least in self.minimum.items():
            if least > _number(self.maximum(stored)):
                raise Malformed("A minimum is above its maximum.", field="rules")

    def maximum(self, stored: Stored) -> Days | None:
        days = self.times.get(stored)
        return FOREVER if days == FOREVER.value else days

    @property
    def conditions(self) -> tuple[object, ...]:
        """What it is for, and not how long."""
        return (
            self.name,
            self.queue,
            self.group,
            self.media,
            self.restricted,
            self.topic,
        )


Rules = Annotated[tuple[Rule, ...], Meta(max_length=MOST_RULES)]


def _number(days: Days | None) -> float:
    return float("inf") if days is None or days is FOREVER else days


@dataclass(frozen=True, slots=True)
class Fit:
    """A rule's conditions by the archive's own numbers; None is of a kind not named."""

    queues: frozenset[int] | None = None
    agents: frozenset[int] | None = None
    media: frozenset[int] | None = None
    topics: frozenset[int] | None = None
    restricted: bool | None = None

    def fits(
        self,
        *,
        queue: int | None,
        agents: Collection[int],
        media: int,
        topics: Collection[int],
        restricted: bool,
    ) -> bool:
        """Whether an interaction, as it stands, is of the rule's sort."""
        if self.restricted not in (None, restricted):
            return False
        there = (
            (self.queues, (queue,)),
            (self.agents, agents),
            (self.media, (media,)),
            (self.topics, topics),
        )
        return all(named is None or not named.isdisjoint(own) for named, own in there)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePolicy:
    """All that a tenant says of storage times: one version of it."""

    times: StorageTimes = DEFAULT_TIMES
    minimum: Minimum = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    decision: Decision = NO_DECISION

    @property
    def conditions(self) -> tuple[object, ...]:
        """By what interactions are told apart; its order is of no matter to that."""
        return tuple(sorted((rule.conditions for rule in self.rules), key=str))

    def as_json(self) -> dict[str, Any]:
        """As plain values, to be stored and given out."""
        plain: dict[str, Any] = msgspec.to_builtins(
            {"minimum": self.minimum, "rules": self.rules, "decision": self.decision},
            str_keys=True,
        )
        return {"times": self.times.as_json(), **plain}


class _Stated(Struct, forbid_unknown_fields=True):
    minimum: Minimum = {}
    rules: Rules = ()
    decision: Decision = NO_DECISION


def policy_from(stated: Mapping[str, object], *, times: StorageTimes) -> StoragePolicy:
    """Read minimum, rules and decision beside general times. Raises Malformed."""
    read = decoded(dict(stated), _Stated)
    names = [rule.name for rule in read.rules]
    if len(set(names)) < len(names):
        raise Malformed("There are two rules of one name.", field="rules")
    if not ALONE.isdisjoint(read.minimum):
        raise Malformed("What is of no interaction has no minimum.", field="minimum")
    for stored, least in read.minimum.items():
        if least > _number(times.effective(stored)):
            raise Malformed("A minimum is above its maximum.", field="minimum")
    return StoragePolicy(
        times=times, minimum=read.minimum, rules=read.rules, decision=read.decision
    )


def changed_policy(
    stated: Mapping[str, object], *, current: StoragePolicy
) -> StoragePolicy:
    """The current version with what is stated changed. Raises Malformed."""
    times, given = current.times, stated.get("times", {})
    if not isinstance(given, Mapping):
        raise Malformed("Storage times are days by class.", field="times")
    plain = {**current.as_json(), **stated}
    del plain["times"]
    return policy_from(plain, times=times_from(given, current=times))


class Period(NamedTuple):
    """How many days, and by which rule; ``GENERAL_TIMES`` where no rule decides."""

    days: Days
    rule: str = GENERAL_TIMES
    decision: Decision = NO_DECISION


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for interactions that the same rules of one version fit."""

    policy: StoragePolicy
    matched: frozenset[str] = frozenset()

    @property
    def rules(self) -> list[Rule]:
        """Those that fit, in their order."""
        return [rule for rule in self.policy.rules if rule.name in self.matched]

    def maximum(self, stored: Stored) -> Period:
        """When it must go: by its own time, or with general information if earlier."""
        own = self._own(stored)
        if stored is Stored.GENERAL or stored in ALONE:
            return own
        general = self._own(Stored.GENERAL)
        return own if _number(own.days) < _number(general.days) else general

    def _own(self, stored: Stored) -> Period:
        for rule in self.rules:
            days = rule.maximum(stored)
            if days is not None:
                return Period(days, rule.name, rule.decision)
        general: Days | None = getattr(self.policy.times, stored.value)
        if general is not None:
            return Period(general, decision=self.policy.decision)
        is_restricted = stored is Stored.RESTRICTED
        return self._own(Stored.RECORDINGS if is_restricted else Stored.GENERAL)

    def minimum(self, stored: Stored) -> Period:
        """How long it must stay for its own sake; 0 days where nothing says so."""
        for rule in self.rules:
            if stored in rule.minimum:
                return Period(rule.minimum[stored], rule.name, rule.decision)
        if stored not in self.policy.minimum and stored is Stored.RESTRICTED:
            return self.minimum(Stored.RECORDINGS)
        days = self.policy.minimum.get(stored, 0)
        return Period(days, decision=self.policy.decision)

    def floor(self, stored: Stored) -> Period:
        """How long it must stay, for the sake of what hangs on it too."""
        among = (stored, *BEARS.get(stored, ()))
        return max(map(self.minimum, among), key=lambda one: _number(one.days))

    def period(self, stored: Stored) -> Period:
        """When the night takes it: the maximum, or the minimum where that is later."""
        return max(
            self.maximum(stored),
            self.floor(stored),
            key=lambda one: _number(one.days),
        )

    def keeps(self, kind: ContentKind, *, restricted: bool = False) -> bool:
        """Whether content of a kind is stored at all: 0 days is not stored."""
        return self.period(stored_as(kind, restricted=restricted)).days != 0

    def due_before(
        self, stored: Stored, *, run_date: date, zone: ZoneInfo
    ) -> datetime | None:
        """What ended before this instant is due; None if nothing ever is."""
        return cutoff(self.period(stored).days, run_date=run_date, zone=zone)

    def goes_on(
        self, stored: Stored, *, ended_at: datetime, zone: ZoneInfo
    ) -> date | None:
        """The first night on which it is due; None if it never is."""
        days = self.period(stored).days
        return first_night(days, ended_at=ended_at, zone=zone)
