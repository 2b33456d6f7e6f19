"""How the people of a tenant sign in: what is in force, and changing it."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import Struct

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Forbidden, Malformed
from valv.core.inheritance import Level, effective
from valv.core.people import Actor
from valv.core.permissions import Right
from valv.core.sign_in_rules import SignInRules, checked
from valv.storage import keys, scope
from valv.storage.sealed import open_value, seal_value
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, UserGroup
from valv.tenants.rights import read
from valv.tenants.signin_models import SignInSetting
from valv.tenants.users import Everyone, everyone

LONGEST_SECRET = 500


class _Kept(Struct, frozen=True):
    """What is sealed; ``secret`` is what the provider knows us by, or empty."""

    rules: SignInRules = SignInRules()
    secret: str = ""


@dataclass(frozen=True, slots=True)
class SignInVersion:
    """The rules in force: since when, on whose decision, and whether with a secret."""

    rules: SignInRules = field(default_factory=SignInRules)
    has_secret: bool = False
    since: datetime | None = None
    set_by: str = ""


def sign_in_version() -> SignInVersion:
    """Needs the tenant's scope."""
    row = _newest()
    if row is None:
        return SignInVersion()
    kept = _kept(row)
    return SignInVersion(kept.rules, bool(kept.secret), row.since, row.set_by)


def rules_in_force() -> SignInRules:
    """Needs the tenant's scope."""
    return _kept(_newest()).rules


def rules_of(tenant: Tenant) -> SignInRules:
    with scope.reading(tenant.id):
        return rules_in_force()


def provider_secret(tenant: Tenant) -> str:
    """What the provider knows us by; empty if there is none. Shown to nobody."""
    with scope.reading(tenant.id):
        return _kept(_newest()).secret


def _newest() -> SignInSetting | None:
    return SignInSetting.objects.order_by("-id").first()


def _kept(row: SignInSetting | None) -> _Kept:
    if row is None:
        return _Kept()
    opened = open_value(bytes(row.sealed), **sign_in_seal(row.tenant_id))
    return msgspec.json.decode(opened, type=_Kept)


def sign_in_seal(tenant_id: int) -> dict[str, bytes]:
    """By what the setting is sealed: the tenant's key, and its place."""
    context = f"sign-in:{tenant_id}".encode()
    return {"key": keys.of_tenant(tenant_id), "context": context}


def set_sign_in(
    tenant: Tenant,
    rules: SignInRules,
    *,
    actor: Actor,
    now: datetime,
    secret: str | None = None,
) -> None:
    """Put other rules in force, for whoever signs in from now on.

    ``secret`` None keeps what is there. Raises Malformed, naming the field.
    """
    rules = checked(rules)
    if secret is not None and len(secret) > LONGEST_SECRET:
        raise Malformed("It is too long.", field="secret")
    with scope.writing(tenant.id):
        _check(everyone(tenant), rules)
        before = _kept(_newest())
        after = _Kept(rules, before.secret if secret is None else secret)
        plain = msgspec.json.encode(after)
        SignInSetting.objects.create(
            sealed=seal_value(plain, **sign_in_seal(tenant.id)),
            since=now,
            set_by=actor.name,
        )
        details = setting("sign_in", _told(before), _told(after))
        record(Act(Action.SETTING, details=details), actor=actor, now=now)


def _told(kept: _Kept) -> dict[str, object]:
    """What the change log tells: no secret, and what may name somebody is counted."""
    told = msgspec.to_builtins(kept.rules)
    provider = told.pop("provider")
    told["break_glass"] = told["break_glass"] is not None
    groups = 0 if provider is None else len(provider["groups"])
    known = {"provider": provider is not None, "groups": groups}
    makes = provider is not None and provider["makes_users"]
    return {**told, **known, "makes_users": makes, "secret": bool(kept.secret)}


def _check(found: Everyone, rules: SignInRules) -> None:
    """Raises Malformed for a break-glass user or a group that cannot be it."""
    if rules.break_glass not in {None, *found.who_see_to_users()}:
        raise Malformed("Name an active administrator.", field="break_glass")
    groups = rules.provider.groups if rules.provider else ()
    if any(one.group not in found.groups for one in groups):
        raise Malformed("There is no such user group.", field="groups")


def check_mapping(caller: Caller, rules: SignInRules) -> None:
    """Nobody gives by way of a provider what they lack. Raises Forbidden.

    What is mapped already stays as it is.
    """
    groups = rules.provider.groups if rules.provider else ()
    with scope.reading(caller.tenant.id):
        before = rules_in_force().provider
        found = everyone(caller.tenant)
    mapped = {one.group for one in before.groups} if before else set()
    for number in {one.group for one in groups} - mapped:
        group = found.groups.get(number)
        if group is not None and not _given_by(found, group) <= caller.rights:
            raise Forbidden("A group gives rights that you lack.")


def _given_by(found: Everyone, group: UserGroup) -> frozenset[Right]:
    levels = {
        Level.TENANT: read(found.tenant.stated),
        Level.GROUP: read(group.stated),
    }
    return effective(levels).rights
