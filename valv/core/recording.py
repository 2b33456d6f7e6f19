"""May this call be recorded, and may its recording be kept: asked three times.

The live decision, the door at which audio arrives and the page that explains afterwards
all ask ``decide``: it brings a policy and the facts of one leg to a situation of
``recording_table``, which holds the rule.

A refusal beats everything. What no rule of the policy allows is not recorded; if it
arrives all the same it is let in, unless the policy refuses that too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from valv.core.errors import Malformed
from valv.core.interaction import Direction, Line, Word
from valv.core.recording_table import Keep, Mode, Party, Situation, Stand, row_of

MOST_RULES = 2_000


class On(StrEnum):
    """What a rule is laid on."""

    QUEUE = "queue"
    AGENT = "agent"
    GROUP = "group"


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One mode, on a queue or agent by the source's word for it, or on a user group."""

    mode: Mode
    on: On
    name: Word

    def __post_init__(self) -> None:
        if self.mode is Mode.NONE:
            raise Malformed("Without a rule the mode is none.", field="rules")
        if self.mode is Mode.PENDING and self.on is not On.QUEUE:
            raise Malformed("Only a queue is pending.", field="rules")


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By which rules a tenant records. A new tenant has none, and so records nothing.

    ``groups`` are the user groups with their agents' ids, each agent in at most one.
    ``question`` is what is asked for consent, ``question_version`` which wording it is.
    """

    rules: Annotated[tuple[Rule, ...], Meta(max_length=MOST_RULES)] = ()
    groups: dict[Word, tuple[Word, ...]] = {}
    consent_needed: bool = False
    acceptance_needed: bool = False
    refuse_unruled: bool = False
    question: Line | None = None
    question_version: Word | None = None

    def __post_init__(self) -> None:
        laid = [(rule.on, rule.name) for rule in self.rules]
        if len(set(laid)) < len(laid):
            raise Malformed("There are two rules for the same.", field="rules")
        agents = [agent for listed in self.groups.values() for agent in listed]
        if len(set(agents)) < len(agents):
            raise Malformed("An agent is in one group only.", field="groups")
        ruled = {rule.name for rule in self.rules if rule.on is On.GROUP}
        if not ruled <= self.groups.keys():
            raise Malformed("A rule names no group of these.", field="rules")

    def is_empty(self) -> bool:
        """Whether it neither allows nor forbids anything."""
        return not self.rules and not self.refuse_unruled


class Answer(StrEnum):
    """What somebody said, or is said to have said."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Manual:
    """An agent's start of a recording, and whether it still runs.

    ``informed`` says whether the caller was told; it decides nothing, and is shown.
    """

    accepted: Answer = Answer.UNKNOWN
    informed: Answer = Answer.UNKNOWN
    runs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one leg of a call: one agent's stretch of it.

    ``initiator`` is who called, in a call from agent to agent. ``over`` says that the
    leg ended, by hang-up or transfer, and ``told`` that somebody tells of the call as
    it goes; a recording that comes alone has nothing that speaks against it.
    """

    queue: str | None = None
    agent: str | None = None
    direction: Direction = Direction.INBOUND
    initiator: str | None = None
    is_consulted: bool = False
    denied: bool = False
    accepted: bool = False
    saved: bool = False
    manual: Manual | None = None
    over: bool = False
    told: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to record now, whether to keep a recording, and by which rule.

    ``keep`` is yes, no, or wait: the leg may still bring what is needed. ``agent`` is
    whose recording it is.
    """

    record: bool
    keep: Keep
    rule: str
    mode: Mode
    agent: str | None


def decide(policy: Policy, facts: Facts) -> Decision:
    """Ask the table about a leg."""
    situation = situation_of(policy, facts)
    row = row_of(situation)
    keep = row.after if facts.over else row.during
    if not facts.told:
        keep = row.alone
    if keep is Keep.UNLESS:
        keep = Keep.NO if policy.refuse_unruled else Keep.YES
    return Decision(
        record=row.record and not facts.over,
        keep=keep,
        rule=row.rule,
        mode=situation.mode,
        agent=facts.initiator if _is_internal(facts) else facts.agent,
    )


def situation_of(policy: Policy, facts: Facts) -> Situation:
    """Which of the table's situations a leg is in."""
    mode = _mode(policy, facts)
    refused = facts.manual is not None and facts.manual.accepted is Answer.NO
    party = _party(facts, mode)
    # Only the active party may start one.
    manual = facts.manual if party is Party.ACTIVE else None
    return Situation(
        refused=facts.denied or refused,
        party=party,
        mode=mode,
        stand=_stand(policy, replace(facts, manual=manual), mode),
    )


def _is_internal(facts: Facts) -> bool:
    return facts.direction is Direction.INTERNAL


def _party(facts: Facts, mode: Mode) -> Party:
    if _is_internal(facts):
        return Party.CALLED if mode is Mode.NONE else Party.ACTIVE
    return Party.CONSULTED if facts.is_consulted else Party.ACTIVE


def _mode(policy: Policy, facts: Facts) -> Mode:
    """Pending on the queue wins over forced, and forced over the right to start.

    Between agents only whoever called counts, and only if forced.
    """
    if _is_internal(facts):
        laid = set(_modes(policy, agent=facts.initiator, queue=None)) & {Mode.FORCED}
    else:
        laid = set(_modes(policy, agent=facts.agent, queue=facts.queue))
    order = (Mode.PENDING, Mode.FORCED, Mode.MANUAL)
    return next((mode for mode in order if mode in laid), Mode.NONE)


def _modes(policy: Policy, *, agent: str | None, queue: str | None) -> Iterator[Mode]:
    for rule in policy.rules:
        on = agent if rule.on is On.AGENT else queue
        if rule.on is On.GROUP:
            on = rule.name if agent in policy.groups[rule.name] else None
        if on == rule.name:
            yield rule.mode


def _stand(policy: Policy, facts: Facts, mode: Mode) -> Stand:
    match mode:
        case Mode.FORCED if facts.accepted:
            return Stand.CONSENTED
        case Mode.FORCED if policy.consent_needed:
            return Stand.UNCONSENTED
        case Mode.PENDING:
            return Stand.SAVED if facts.saved else Stand.UNSAVED
        case Mode.MANUAL:
            return _stand_of(facts.manual, policy)
        case _:
            return Stand.NEEDLESS


def _stand_of(manual: Manual | None, policy: Policy) -> Stand:
    if manual is None:
        return Stand.UNSTARTED
    if policy.acceptance_needed and manual.accepted is not Answer.YES:
        return Stand.UNACCEPTED
    return Stand.STARTED if manual.runs else Stand.STOPPED
