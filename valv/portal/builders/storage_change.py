"""A change of storage times in words, and what the coming night would take by it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valv.core.retention import Stored
from valv.core.storage_rules import AppliesTo, Decision, Rule, StoragePolicy
from valv.lifecycle.foreseen import Foreseen
from valv.portal import words
from valv.portal.builders.storage import local, number
from valv.portal.contexts import Choice
from valv.portal.contexts.storage import (
    ClassForeseen,
    StorageChange,
    WaitingChange,
)
from valv.tenants.access import Caller
from valv.tenants.models import StorageChange as Row
from valv.tenants.models import Tenant
from valv.tenants.storage_changes import may_confirm, policy_of

Said = tuple[str, str, str]


def waiting_change(change: Row, before: StoragePolicy, caller: Caller) -> WaitingChange:
    """A change that waits, as against what is in force."""
    after = policy_of(change)
    return WaitingChange(
        asked_at=change.asked_at,
        asked_by=change.asked_by_name,
        said=(*_times_said(before, after), *_said(before, after)),
        confirmed_by=change.confirmed_by,
        holds_from=change.holds_from,
        to_new=change.applies_to == AppliesTo.NEW,
        may_confirm=may_confirm(caller, change),
    )


def _times_said(before: StoragePolicy, after: StoragePolicy) -> Iterator[Said]:
    for one in Stored:
        old, new = (_days(number(p.times.effective(one))) for p in (before, after))
        yield from _unless_same(words.word(words.CLASSES, one.value), old, new)


def storage_change(
    before: StoragePolicy,
    after: StoragePolicy,
    goes: Mapping[Stored, Foreseen],
    *,
    tenant: Tenant,
    to_new: bool,
    may_see: bool,
) -> StorageChange:
    """What a change says, and of each class that it moves or the night takes.

    Who may not see interactions is shown none.
    """
    rows = [_class(one, before, after, goes.get(one), tenant) for one in Stored]
    if not may_see:
        rows = [replace(one, samples=()) for one in rows]
    return StorageChange(
        classes=tuple(one for one in rows if one.differs or one.goes),
        said=tuple(_said(before, after)),
        to_new=to_new,
        waits=bool(tenant.storage_wait_days or tenant.storage_two_persons),
    )


def _class(
    stored: Stored,
    before: StoragePolicy,
    after: StoragePolicy,
    seen: Foreseen | None,
    tenant: Tenant,
) -> ClassForeseen:
    seen = seen or Foreseen()
    return ClassForeseen(
        stored.value,
        number(before.times.effective(stored)),
        number(after.times.effective(stored)),
        seen.count,
        oldest_on=local(seen.oldest, tenant),
        newest_on=local(seen.newest, tenant),
        bytes=seen.bytes,
        held=seen.held,
        under_minimum=seen.under_minimum,
        samples=tuple(
            (day, reverse("interaction", args=[str(id_)]))
            for at, id_ in seen.samples
            if (day := local(at, tenant)) is not None
        ),
    )


def _said(before: StoragePolicy, after: StoragePolicy) -> Iterator[Said]:
    label = _("Minimum period")
    yield from _unless_same(label, _minimum(before.minimum), _minimum(after.minimum))
    label = _("Decision")
    yield from _unless_same(label, decided(before.decision), decided(after.decision))
    yield from _rules_said(before, after)


def _rules_said(before: StoragePolicy, after: StoragePolicy) -> Iterator[Said]:
    old, new = ({one.name: one for one in p.rules} for p in (before, after))
    for name in {**old, **new}:
        label = _("Rule “%(name)s”") % {"name": name}
        yield from _unless_same(label, _rule(old.get(name)), _rule(new.get(name)))
    if list(old) != list(new) and sorted(old) == sorted(new):
        yield _("Order of the rules"), ", ".join(old), ", ".join(new)


def _unless_same(label: str, before: str, after: str) -> Iterator[Said]:
    if before != after:
        yield label, before, after


def _rule(rule: Rule | None) -> str:
    if rule is None:
        return ""
    told = [f"{name}: {said}" for name, said in rule_told(rule)]
    return "; ".join(told)


def rule_told(rule: Rule) -> tuple[Choice, ...]:
    """What a rule is for, how long it keeps, and on whose decision."""
    media = [words.word(words.MEDIA, one.value) for one in rule.media]
    restricted = {None: "", True: _("Yes"), False: _("No")}[rule.restricted]
    told = (
        (_("Queue"), ", ".join(rule.queue)),
        (_("User group"), ", ".join(rule.group)),
        (_("Medium"), ", ".join(media)),
        (_("Topic"), ", ".join(rule.topic)),
        (_("Restricted"), restricted),
        (_("At most"), _maximum(rule)),
        (_("At least"), _minimum(rule.minimum)),
        (_("Decision"), decided(rule.decision)),
    )
    return tuple((name, said) for name, said in told if said)


def _maximum(rule: Rule) -> str:
    most = {stored: rule.maximum(stored) for stored in rule.times}
    shown = [(stored, days) for stored, days in most.items() if days is not None]
    return ", ".join(_long(stored, number(days)) for stored, days in shown)


def _minimum(minimum: Mapping[Stored, int]) -> str:
    return ", ".join(_long(stored, days) for stored, days in minimum.items())


def _long(stored: Stored, days: int | None) -> str:
    return f"{words.word(words.CLASSES, stored.value)} {_days(days).lower()}"


def _days(days: int | None) -> str:
    if days is None:
        return _("For ever")
    return ngettext("%(shown)s day", "%(shown)s days", days) % {"shown": days}


def decided(decision: Decision) -> str:
    on = date_format(decision.on, "Y-m-d") if decision.on else ""
    return " ".join(filter(None, (decision.number, on)))
