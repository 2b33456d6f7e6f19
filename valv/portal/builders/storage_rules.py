"""The rules of the storage times as they stand in the form."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.interaction import Media, decoded
from valv.core.retention import ALONE, Stored
from valv.core.storage_rules import Rule, StoragePolicy, changed_policy
from valv.portal.builders.storage import (
    decision_in,
    least_in,
    maximum_in,
    typed_as,
    typed_time,
)
from valv.portal.builders.storage_change import rule_told
from valv.portal.contexts.storage import TypedRule
from valv.portal.typed import typed

RULED = tuple(one for one in Stored if one not in ALONE)
LONGEST = 5_000
YES_OR_NO = {"yes": True, "no": False}


def typed_rules(post: QueryDict) -> tuple[TypedRule, ...]:
    """The form as it was sent; what cannot be is a fault at its rule or class."""
    numbers = [one for one in post.getlist("rule") if one.isascii() and one.isdigit()]
    rules = [_typed_rule(post, f"r{one}_") for one in numbers]
    return tuple(_checked(one) for one in rules if not one.is_blank)


def _typed_rule(post: QueryDict, before: str) -> TypedRule:
    return TypedRule(
        name=typed(post, f"{before}name"),
        queue=typed(post, f"{before}queue", longest=LONGEST),
        group=typed(post, f"{before}group", longest=LONGEST),
        topic=typed(post, f"{before}topic", longest=LONGEST),
        media=frozenset(post.getlist(f"{before}media")),
        restricted=typed(post, f"{before}restricted"),
        times=tuple(typed_time(post, one, before=before) for one in RULED),
        number=typed(post, f"{before}decision_number"),
        decided_on=typed(post, f"{before}decision_on"),
    )


def _checked(given: TypedRule) -> TypedRule:
    if any(one.fault for one in given.times):
        return given
    try:
        rule = decoded(_stated(given), Rule)
    except Malformed:
        return replace(given, fault=_fault())
    return replace(given, told=rule_told(rule))


def _fault() -> str:
    return _(
        "A rule has a name, says what it is for and how long that is kept, and no"
        " minimum is above its maximum."
    )


def _stated(given: TypedRule) -> dict[str, Any]:
    """The rule as ``core.storage_rules`` reads it."""
    most = {one.key: maximum_in(one) for one in given.times}
    return {
        "name": given.name,
        "queue": _lines(given.queue),
        "group": _lines(given.group),
        "topic": _lines(given.topic),
        "media": [one.value for one in Media if one.value in given.media],
        "restricted": YES_OR_NO.get(given.restricted),
        "times": {key: days for key, days in most.items() if days is not None},
        "minimum": least_in(given.times),
        "decision": decision_in(given.number, given.decided_on),
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def policy_in(
    rules: Iterable[TypedRule], current: StoragePolicy
) -> StoragePolicy | None:
    """The version that the form makes of the current one; None for a fault in it."""
    rules = list(rules)
    if any(one.fault or not one.told for one in rules):
        return None
    return changed_policy({"rules": [_stated(one) for one in rules]}, current=current)


def rules_of(policy: StoragePolicy) -> tuple[TypedRule, ...]:
    """The form as it stands for the version in force."""
    return tuple(map(_typed_as, policy.rules))


def _typed_as(rule: Rule) -> TypedRule:
    words = {True: "yes", False: "no", None: ""}
    on = rule.decision.on
    return TypedRule(
        name=rule.name,
        queue="\n".join(rule.queue),
        group="\n".join(rule.group),
        topic="\n".join(rule.topic),
        media=frozenset(one.value for one in rule.media),
        restricted=words[rule.restricted],
        times=tuple(typed_as(one, rule.maximum(one), rule.minimum) for one in RULED),
        number=rule.decision.number,
        decided_on=on.isoformat() if on else "",
        told=rule_told(rule),
    )


def blank_rule() -> TypedRule:
    return TypedRule(times=tuple(typed_as(one, None, {}) for one in RULED))


def moved(rules: tuple[TypedRule, ...], step: str) -> tuple[TypedRule, ...]:
    """The rules with one of them a place earlier, by ``earlier-2``, or taken out.

    As they are for anything else.
    """
    act, _dash, place = step.partition("-")
    n = int(place) if place.isascii() and place.isdigit() else 0
    if not 1 <= n <= len(rules):
        return rules
    one, rest = rules[n - 1], [*rules[: n - 1], *rules[n:]]
    if act == "earlier":
        rest.insert(max(n - 2, 0), one)
    return tuple(rest)


Names = Mapping[str, tuple[str, ...]]
