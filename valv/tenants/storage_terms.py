"""The versions of a tenant's storage times, and by which of them each interaction goes.

An interaction carries the number of its terms: a version, and which rules of it fit. A
change that applies to what is held already lets the terms themselves follow the new
version, which costs a row each and not one for each interaction; only where the rules'
conditions differ are interactions sorted anew, and until then they are kept as before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Conflict
from valv.core.people import Actor
from valv.core.retention import StorageTimes
from valv.core.storage_rules import (
    AppliesTo,
    Decision,
    Minimum,
    Rule,
    StoragePolicy,
    Terms,
)
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.storage.columns import stored
from valv.storage.raw import one_of
from valv.tenants.models import StorageSetting, StorageTerms, Tenant
from valv.tenants.queries import columns_of, times_of

NEWEST = 0  # the version of a tenant that has none yet
CONDITIONS = ("queue", "group", "media", "restricted", "topic")


@dataclass(frozen=True, slots=True)
class Held:
    """Terms as they are kept: of which version, which rules fit, and since when stale.

    What is stale is to be ``sorted_by`` another version. ``follows`` says that there is
    no row: it is number 0, and follows each new version.
    """

    setting_id: int
    matched: frozenset[str]
    stale_since: datetime | None = None
    sorted_by: int | None = None
    follows: bool = False


@dataclass(slots=True)
class Book:
    """All terms of a tenant by their number, and the versions that they name."""

    versions: dict[int, StoragePolicy]
    newest: int
    held: dict[int, Held]

    @property
    def policy(self) -> StoragePolicy:
        """The newest version."""
        return self.versions[self.newest]

    @property
    def stale(self) -> list[int]:
        return [number for number, one in self.held.items() if one.stale_since]

    def terms(self, number: int) -> Terms:
        one = self.held[number]
        return Terms(self.versions[one.setting_id], one.matched)

    def version_for(self, number: int | None) -> int:
        """The version by which an interaction is kept; a new one by the newest."""
        one = None if number is None else self.held[number]
        return self.newest if one is None else one.sorted_by or one.setting_id

    def follows(self, number: int, policy: StoragePolicy) -> bool:
        """Whether terms go on under a new version, or wait to be sorted anew by it."""
        version = self.versions[self.held[number].setting_id]
        return version.conditions == policy.conditions

    def number(self, setting_id: int, matched: frozenset[str]) -> int:
        """The number of such terms, made where there are none. Needs ``writing``."""
        for number, one in self.held.items():
            same = (one.setting_id, one.matched) == (setting_id, matched)
            if same and one.stale_since is None:
                return number
        number = max(self.held) + 1
        StorageTerms.objects.create(
            number=number, setting_id=setting_id, matched=sorted(matched)
        )
        self.held[number] = Held(setting_id, matched)
        return number


def book() -> Book:
    """The terms of the tenant whose scope is open. Two statements."""
    rows = stored(StorageTerms)
    newest = _newest()
    first = NEWEST if newest is None else newest.id
    held = {0: Held(first, frozenset(), follows=True)}
    for row in rows:
        held[row.number] = Held(
            row.setting_id, frozenset(row.matched), row.stale_since, row.sorted_by_id
        )
    versions = {first: policy_in(newest)}
    named = {one.setting_id for one in held.values()}
    named |= {one.sorted_by or first for one in held.values()}
    older = named - versions.keys()
    if older:
        where, bound = one_of("id", older)
        named_too = stored(StorageSetting, f"AND {where}", bound)
        versions |= {row.id: policy_in(row) for row in named_too}
    return Book(versions, first, held)


def storage_policy() -> StoragePolicy:
    """The newest version of the storage times. Needs the tenant's scope."""
    return policy_in(_newest())


def _newest() -> StorageSetting | None:
    return next(iter(stored(StorageSetting, "ORDER BY id DESC LIMIT 1")), None)


def policy_in(row: StorageSetting | None) -> StoragePolicy:
    """What a version says; without one, what a tenant begins with."""
    if row is None:
        return StoragePolicy()
    return StoragePolicy(
        times=times_of(row),
        minimum=msgspec.convert(row.minimum, Minimum, str_keys=True),
        rules=msgspec.convert(row.rules, tuple[Rule, ...]),
        decision=msgspec.convert(row.decision, Decision),
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the storage times: which, since when, and on whose decision."""

    number: int
    policy: StoragePolicy
    since: datetime | None
    set_by: str


def version_in_force() -> Version:
    """The newest version. Needs the tenant's scope."""
    rows = StorageSetting.objects.order_by("-id")
    row, count = rows.first(), rows.count()
    since, set_by = (row.since, row.set_by) if row else (None, "")
    return Version(count, policy_in(row), since, set_by)


def version_numbers() -> Mapping[int, int]:
    """What a version is called, counted from 1, by its id. Inside a scope."""
    ids = StorageSetting.objects.order_by("id").values_list("id", flat=True)
    return {id_: n for n, id_ in enumerate(ids, start=1)}


def check_version(instead_of: int | None) -> None:
    """Raises Conflict if the version of that number is not in force any more."""
    if instead_of not in (None, StorageSetting.objects.count()):
        raise Conflict("The storage times were changed meanwhile.")


def refuse_words(tenant: Tenant, policy: StoragePolicy) -> None:
    """Raises Malformed for a rule or decision whose words lead to somebody."""
    for rule in policy.rules:
        named = (*rule.queue, *rule.group, *rule.topic)
        for words in (rule.name, rule.decision.number, *named):
            refuse_traces(words, region=tenant.region, field="rules")
    refuse_traces(policy.decision.number, region=tenant.region, field="decision")


def set_storage_times(
    tenant: Tenant, times: StorageTimes, *, actor: Actor, now: datetime
) -> None:
    """Put other general times in force at once, for all that is held."""
    with scope.writing(tenant.id):
        policy = replace(storage_policy(), times=times)
        set_by, existing = actor.name, AppliesTo.EXISTING
        put_in_force(policy, existing, set_by=set_by, actor=actor, now=now)


def put_in_force(
    policy: StoragePolicy,
    applies_to: AppliesTo,
    *,
    set_by: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Make it the newest version. Inside ``writing``."""
    before = book()
    plain = policy.as_json()
    row = StorageSetting.objects.create(
        **columns_of(policy.times),
        minimum=plain["minimum"],
        rules=plain["rules"],
        decision=plain["decision"],
        applies_to=applies_to.value,
        since=now,
        set_by=set_by,
    )
    is_first = before.newest == NEWEST
    if not is_first and applies_to is AppliesTo.NEW:
        _leave_behind(before)
    elif not is_first:
        _let_follow(before, row.id, policy, now=now)
    said = setting(
        "storage_times", {} if is_first else told_of(before.policy), told_of(policy)
    )
    details = said | {"applies_to": applies_to.value}
    record(Act(Action.SETTING, details=details), actor=actor, now=now)


def told_of(policy: StoragePolicy) -> dict[str, object]:
    """Each time, minimum and rule by a name of its own, in plain values."""
    plain = policy.as_json()
    minimum = {f"minimum {name}": days for name, days in plain["minimum"].items()}
    told = {**plain["times"], **minimum, **_decided("decision", plain)}
    for rule in plain["rules"]:
        name = f"rule {rule['name']}"
        told |= {f"{name}: {kind}": rule[kind] for kind in CONDITIONS if kind in rule}
        for part in ("times", "minimum"):
            for kind, days in rule.get(part, {}).items():
                told[f"{name}: {part} {kind}"] = days
        told |= _decided(f"{name}: decision", rule)
    return told


def _decided(name: str, told: Mapping[str, Any]) -> dict[str, object]:
    decision = told.get("decision") or {}
    values = [str(decision[part]) for part in ("number", "on") if part in decision]
    return {name: " ".join(values)} if values else {}


def _leave_behind(before: Book) -> None:
    """What is held stays on the version that it is on."""
    if before.held[0].follows:
        _keep(0, before.held[0])


def _let_follow(
    before: Book, setting_id: int, policy: StoragePolicy, *, now: datetime
) -> None:
    """Terms under the same conditions follow; others wait to be sorted anew."""
    for number, one in before.held.items():
        if not before.follows(number, policy):
            since = one.stale_since or now
            _keep(number, Held(one.setting_id, one.matched, since, setting_id))
        elif not one.follows:
            _keep(number, Held(setting_id, one.matched))


def _keep(number: int, one: Held) -> None:
    StorageTerms.objects.update_or_create(
        tenant_id=scope.current(),
        number=number,
        defaults={
            "setting_id": one.setting_id,
            "matched": sorted(one.matched),
            "stale_since": one.stale_since,
            "sorted_by_id": one.sorted_by,
        },
    )
