"""Laying down by which rules a tenant records, in the words the archive uses.

A queue or agent by a word that leads to somebody goes by its keyed hash everywhere, and
so it does in a rule.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from valv.archive.sessions import stored_word
from valv.core.people import Actor
from valv.core.recording_policy import On, Policy, Rule, policy_from
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.operations import set_recording_policy
from valv.tenants.queries import PolicyVersion, recording_policy


def stated_policy(
    tenant: Tenant, stated: Mapping[str, object]
) -> tuple[PolicyVersion, Policy]:
    """The version in force, and what it would become. Raises Malformed."""
    with scope.reading(tenant.id):
        current = recording_policy()
    policy = policy_from(stated, current=current.policy)
    rules = tuple(_stored_rule(tenant, rule) for rule in policy.rules)
    groups = {
        name: tuple(stored_word(tenant, agent) for agent in agents)
        for name, agents in policy.groups.items()
    }
    return current, replace(policy, rules=rules, groups=groups)


def _stored_rule(tenant: Tenant, rule: Rule) -> Rule:
    """A group is the tenant's own, and by the name it was given."""
    if rule.on is On.GROUP:
        return rule
    return replace(rule, name=stored_word(tenant, rule.name))


def change_policy(
    tenant: Tenant,
    stated: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    instead_of: int | None = None,
) -> PolicyVersion:
    """Change the stated fields, from now on; answers the version in force.

    Raises Malformed; and Conflict if ``instead_of``, the version that was looked at, is
    not in force any more.
    """
    current, policy = stated_policy(tenant, stated)
    return set_recording_policy(
        tenant,
        policy,
        actor=actor,
        now=now,
        reason=reason,
        instead_of=current.version if instead_of is None else instead_of,
    )
