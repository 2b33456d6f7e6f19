"""The recording rules between what is in force, what is typed and what is told."""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.recording_policy import Change, Policy
from valv.core.recording_table import Mode
from valv.portal import words
from valv.portal.contexts.recording import (
    PolicyChange,
    RulesTold,
    Told,
    TypedGroup,
    TypedPolicy,
    TypedRule,
    VersionTold,
)
from valv.portal.typed import typed
from valv.tenants.queries import PolicyVersion

SWITCHES = ("consent_needed", "acceptance_needed", "refuse_unruled")
MODES = (Mode.FORCED, Mode.PENDING, Mode.MANUAL)
BLANK = 3
MORE = 10


def typed_from(post: QueryDict) -> TypedPolicy:
    """The form as it was sent, with blank rows at its end."""
    rules = zip(*map(post.getlist, ("mode", "on", "name")), strict=False)
    groups = zip(*map(post.getlist, ("group", "agents")), strict=False)
    blank = MORE if post.get("step") == "more" else BLANK
    return TypedPolicy(
        rules=_rules((TypedRule(m, o, n.strip()) for m, o, n in rules), blank),
        groups=_groups(TypedGroup(n.strip(), _one_a_line(a)) for n, a in groups),
        switches=frozenset(name for name in SWITCHES if name in post),
        question=typed(post, "question", longest=2_000),
        question_version=typed(post, "question_version"),
        reason=typed(post, "reason"),
        version=typed(post, "version"),
    )


def typed_of(version: PolicyVersion) -> TypedPolicy:
    """The form as it stands for the rules in force."""
    policy = version.policy
    rules = (TypedRule(one.mode, one.on, one.name) for one in policy.rules)
    listed = policy.groups.items()
    return TypedPolicy(
        rules=_rules(rules, BLANK),
        groups=_groups(TypedGroup(name, "\n".join(agents)) for name, agents in listed),
        switches=frozenset(name for name in SWITCHES if getattr(policy, name)),
        question=policy.question or "",
        question_version=policy.question_version or "",
        reason="",
        version=str(version.version),
    )


def _rules(listed: Iterable[TypedRule], blank: int) -> tuple[TypedRule, ...]:
    return (*(one for one in listed if one.name), *[TypedRule()] * blank)


def _groups(listed: Iterable[TypedGroup]) -> tuple[TypedGroup, ...]:
    return (*(one for one in listed if one.name or one.agents), TypedGroup())


def _one_a_line(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def stated_in(form: TypedPolicy) -> dict[str, Any]:
    """What the form states, for ``core.recording_policy`` to check.

    Raises Malformed for two groups of one name, or of none.
    """
    groups = [
        (g.name, g.agents.splitlines()) for g in form.groups if g.name or g.agents
    ]
    if "" in dict(groups) or len(dict(groups)) < len(groups):
        raise Malformed("Each group has a name of its own.", field="groups")
    return {
        "rules": [
            {"mode": one.mode, "on": one.on, "name": one.name}
            for one in form.rules
            if one.name
        ],
        "groups": dict(groups),
        "question": form.question or None,
        "question_version": form.question_version or None,
        **{name: name in form.switches for name in SWITCHES},
    }


def fault_told(error: Malformed) -> str:
    """What is wrong with the form, by the field that was found wrong."""
    match (error.field or "").partition("[")[0].partition(".")[0]:
        case "rules":
            return _(
                "Not saved: each queue, agent or group has one rule at most, only a"
                " queue can be pending, and a group in a rule must be among the user"
                " groups."
            )
        case "groups":
            return _(
                "Not saved: each group has a name of its own, and each agent is in one"
                " at most."
            )
        case _:
            return _("Not saved: a text is too long, or cannot be read.")


def version_told(version: PolicyVersion) -> VersionTold:
    return VersionTold(
        version.version,
        version.since,
        version.set_by,
        version.reason,
        _rules_told(version.policy),
    )


def _rules_told(policy: Policy) -> RulesTold:
    return RulesTold(
        modes=tuple(
            Told(mode.value, tuple((r.on.value, r.name) for r in laid))
            for mode in MODES
            if (laid := [rule for rule in policy.rules if rule.mode is mode])
        ),
        groups=tuple((name, ", ".join(ids)) for name, ids in policy.groups.items()),
        consent_needed=policy.consent_needed,
        acceptance_needed=policy.acceptance_needed,
        refuse_unruled=policy.refuse_unruled,
        question=policy.question or "",
        question_version=policy.question_version or "",
    )


def changes_told(changes: Iterable[Change]) -> tuple[PolicyChange, ...]:
    return tuple(
        PolicyChange(_label(one), _value(one.before), _value(one.after))
        for one in changes
    )


def _label(change: Change) -> str:
    label = words.word(words.POLICY, change.what)
    return f"{label} {change.name}".strip()


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(value)
    return words.word(words.MODES, str(value)) if value else ""
