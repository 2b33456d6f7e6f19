"""By which rules a tenant records calls: laid down, compared, and told in plain values.

Refuses rules that contradict each other or cannot be meant, naming the field.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from valv.core import changes
from valv.core.errors import Malformed
from valv.core.interaction import Line, Word, decoded
from valv.core.recording_table import Mode

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

    def as_json(self) -> dict[str, Any]:
        """As plain values, to be stored and given out."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


def policy_from(stated: Mapping[str, object], *, current: Policy) -> Policy:
    """The current policy with the stated fields changed. Raises Malformed."""
    return decoded({**current.as_json(), **stated}, Policy)


class Change(NamedTuple):
    """One thing that changed: a rule or setting, or the agents of a group.

    ``what`` is what a rule is laid on, ``agents``, or a field of the policy; None is a
    rule or group that is not there.
    """

    what: str
    name: str
    before: Any
    after: Any


def changes_between(before: Policy, after: Policy) -> list[Change]:
    """What changed, from what to what; empty if nothing did."""
    old, new = _flat(before), _flat(after)
    return [
        Change(*at, old.get(at), new.get(at))
        for at in dict.fromkeys([*old, *new])
        if old.get(at) != new.get(at)
    ]


def told(found: Iterable[Change]) -> list[changes.Change]:
    """The changes in plain values, each from what to what."""
    listed = list(found)
    before = {f"{one.what} {one.name}".strip(): one.before for one in listed}
    after = {f"{one.what} {one.name}".strip(): one.after for one in listed}
    return changes.changes(before, after)


def _flat(policy: Policy) -> dict[tuple[str, str], Any]:
    """One entry for each rule, group and setting."""
    plain = policy.as_json()
    rules, groups = plain.pop("rules"), plain.pop("groups")
    return {
        **{(rule["on"], rule["name"]): rule["mode"] for rule in rules},
        **{("agents", name): agents for name, agents in groups.items()},
        **{(name, ""): value for name, value in plain.items()},
    }
