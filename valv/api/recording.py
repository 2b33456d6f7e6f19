"""Recording rules: the tenant's own, and what they say of a call right now."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from valv.api.endpoint import Call, Query, endpoint
from valv.core.errors import NotFound
from valv.core.interaction import Line, Word
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.recording_policy import Rule
from valv.intake.deciding import Decided, DecisionAsked, decide_now
from valv.intake.policies import change_policy
from valv.storage import scope
from valv.tenants.queries import PolicyVersion, recording_policies, recording_policy

MOST_VERSIONS = 1_000_000


class PolicyItem(Struct, frozen=True, kw_only=True):
    """A version of the rules, since when it is in force, and on whose decision."""

    version: int
    since: str | None
    set_by: str
    reason: str
    rules: list[Rule]
    groups: dict[str, list[str]]
    consent_needed: bool
    acceptance_needed: bool
    refuse_unruled: bool
    question: str | None
    question_version: str | None


class PolicyList(Struct, frozen=True):
    """All versions, newest first."""

    items: list[PolicyItem]


class PolicyStated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is not named stays.

    ``version`` is the one that is changed; ``since`` and ``set_by`` are passed over, so
    that what was shown may be sent back.
    """

    rules: tuple[Rule, ...] | UnsetType = UNSET
    groups: dict[Word, tuple[Word, ...]] | UnsetType = UNSET
    consent_needed: bool | UnsetType = UNSET
    acceptance_needed: bool | UnsetType = UNSET
    refuse_unruled: bool | UnsetType = UNSET
    question: Line | UnsetType | None = UNSET
    question_version: Word | UnsetType | None = UNSET
    reason: str = ""
    version: int | None = None
    since: str | None = None
    set_by: str | None = None


NO_RULES = {"reason", "version", "since", "set_by"}


@endpoint(
    "GET",
    "/recording-policy",
    right=Right.RECORDING_POLICY,
    query=[Query("version", "an older version; else the one in force")],
    answers={200: PolicyItem},
)
def show_recording_policy(call: Call) -> PolicyItem:
    """Show by which rules calls are recorded.

    A new tenant's version is 0: there are no rules, and nothing is to be recorded.
    """
    version = None
    if call.one("version") is not None:
        version = call.number("version", 1, most=MOST_VERSIONS)
    with scope.reading(call.caller.tenant.id):
        found = recording_policy(version)
    if version is not None and found.version != version:
        raise NotFound
    return _item(found)


@endpoint(
    "GET",
    "/recording-policy/versions",
    right=Right.RECORDING_POLICY,
    answers={200: PolicyList},
)
def list_recording_policies(call: Call) -> PolicyList:
    """List all versions of the rules, newest first."""
    with scope.reading(call.caller.tenant.id):
        return PolicyList([_item(one) for one in recording_policies()])


@endpoint(
    "PUT",
    "/recording-policy",
    right=Right.RECORDING_POLICY,
    body=PolicyStated,
    answers={200: PolicyItem},
)
def put_recording_policy(call: Call) -> PolicyItem:
    """Change the rules, from now on; fields that are not named stay as they are.

    With `version`, 409 if that is not in force any more. What changes nothing makes no
    new version.
    """
    stated = call.json(PolicyStated)
    caller = call.caller
    version = change_policy(
        caller.tenant,
        _rules(stated),
        actor=caller.actor,
        now=call.now,
        reason=stated.reason,
        instead_of=stated.version,
    )
    return _item(version)


def _rules(stated: PolicyStated) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(stated).items()
        if name not in NO_RULES and value is not UNSET
    }


def _item(one: PolicyVersion) -> PolicyItem:
    since = None if one.since is None else format_moment(one.since)
    policy = one.policy
    return PolicyItem(
        version=one.version,
        since=since,
        set_by=one.set_by,
        reason=one.reason,
        rules=list(policy.rules),
        groups={name: list(agents) for name, agents in policy.groups.items()},
        consent_needed=policy.consent_needed,
        acceptance_needed=policy.acceptance_needed,
        refuse_unruled=policy.refuse_unruled,
        question=policy.question,
        question_version=policy.question_version,
    )


@endpoint(
    "POST",
    "/recording-decisions",
    right=Right.INTAKE,
    body=DecisionAsked,
    answers={200: Decided},
)
def decide_on_a_recording(call: Call) -> Decided:
    """Ask whether a call may be recorded now, and by which rule.

    What events told of the session counts, and what the question says besides. A *no*
    is an answer like any other: 200, with its rule. Ask again whenever something
    changed: an agent, a consent, a save.
    """
    return decide_now(call.caller.tenant, call.json(DecisionAsked))
