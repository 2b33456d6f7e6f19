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

from valv.core.interaction import Direction
from valv.core.recording_policy import On, Policy
from valv.core.recording_table import Keep, Mode, Party, Situation, Stand, row_of


class Said(StrEnum):
    """What somebody said, or is said to have said."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Manual:
    """An agent's start of a recording, and whether it still runs.

    ``informed`` says whether the caller was told; it decides nothing, and is shown.
    """

    accepted: Said = Said.UNKNOWN
    informed: Said = Said.UNKNOWN
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
    direction: Direction | None = None
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
    refused = facts.manual is not None and facts.manual.accepted is Said.NO
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
    if policy.acceptance_needed and manual.accepted is not Said.YES:
        return Stand.UNACCEPTED
    return Stand.STARTED if manual.runs else Stand.STOPPED
