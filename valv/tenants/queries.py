"""Reading tenants, tokens, storage times, masking and recording rules."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection

from valv.core.errors import Malformed, NotFound
from valv.core.ids import unix_ms
from valv.core.interaction import decoded
from valv.core.masking import Masking, MaskingRules
from valv.core.people import Actor, ActorType
from valv.core.permissions import Scope, rights_of_scopes
from valv.core.recording_policy import Policy
from valv.core.retention import DEFAULT_TIMES, FOREVER, StorageTimes
from valv.storage import keys, scope
from valv.storage.sealed import open_value
from valv.tenants.access import Caller
from valv.tenants.models import (
    MaskingSetting,
    RecordingPolicy,
    StorageSetting,
    Tenant,
    User,
    UserGroup,
)

SUPPORT_DESK = "valv-support"  # no customer's name: see ``tenants.support``
STORED_FOREVER = -1
TIMES = tuple(field.name for field in fields(StorageTimes))


def tenants() -> list[Tenant]:
    """The customers; not the support desk, which has no archive."""
    return list(Tenant.objects.exclude(slug=SUPPORT_DESK).order_by("id"))


def group_names() -> list[str]:
    """The names of the user groups. Inside a scope."""
    return list(UserGroup.objects.order_by("name").values_list("name", flat=True))


def log_keepers() -> list[Tenant]:
    """All that have an audit log: the customers, and the support desk."""
    return list(Tenant.objects.order_by("id"))


def tenant_by_slug(slug: str | None) -> Tenant:
    """The tenant of that name; without a name, the only one there is.

    Raises NotFound, and Malformed where there are several to choose from.
    """
    found = [one for one in tenants() if slug in (None, one.slug)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Malformed("There are several; say which.", field="tenant")
    raise NotFound(
        "There is no such tenant."
        if slug
        else "There is no tenant yet. Run `valv init` first."
    )


# One statement, since every request of the API begins with it.
_TENANT_FIELDS = Tenant._meta.concrete_fields
TENANT_COLUMNS = ", ".join(f"n.{field.column}" for field in _TENANT_FIELDS)
_HOLDER = (
    f"SELECT t.id, t.name, t.scopes, t.expires_at, {TENANT_COLUMNS}"  # noqa: S608
    " FROM api_token t JOIN tenant n ON n.id = t.tenant_id"
    " WHERE (t.hash = %s OR (t.previous_hash = %s AND t.previous_until > %s))"
    " AND t.revoked_at IS NULL"
)


def caller_of_token(secret: str, *, now: datetime) -> Caller | None:
    """Who holds this token; None if it is unknown, replaced, expired or revoked."""
    with scope.at_the_gate(), connection.cursor() as cursor:
        cursor.execute(_HOLDER, [hash_of(secret), hash_of(secret), unix_ms(now)])
        row = cursor.fetchone()
    if row is None:
        return None
    token_id, name, scopes, expires_at, *of_tenant = row
    if expires_at is not None and expires_at <= unix_ms(now):
        return None
    rights = rights_of_scopes(Scope(scope_name) for scope_name in json.loads(scopes))
    return Caller(tenant_from(of_tenant), Actor(ActorType.API, name, token_id), rights)


def tenant_from(values: Sequence[Any]) -> Tenant:
    """The tenant from ``TENANT_COLUMNS``, as the databases hold them."""
    names = [field.attname for field in _TENANT_FIELDS]
    plain = [
        field.to_python(value)
        for field, value in zip(_TENANT_FIELDS, values, strict=True)
    ]
    return Tenant.from_db(DEFAULT_DB_ALIAS, names, plain)


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def storage_times() -> StorageTimes:
    """The storage times in force, of the tenant whose scope is open."""
    row = StorageSetting.objects.order_by("-id").first()
    return DEFAULT_TIMES if row is None else times_of(row)


def times_of(row: StorageSetting) -> StorageTimes:
    """As stored: NULL is unset, ``STORED_FOREVER`` is for ever."""
    stored = {name: getattr(row, name) for name in TIMES}
    return StorageTimes(
        **{
            name: FOREVER if days == STORED_FOREVER else days
            for name, days in stored.items()
        }
    )


def columns_of(times: StorageTimes) -> dict[str, int | None]:
    """The inverse of ``times_of``."""
    return {
        name: STORED_FOREVER if days is FOREVER else days
        for name, days in asdict(times).items()
    }


@dataclass(frozen=True, slots=True)
class MaskingVersion:
    """What a tenant masks: since when, and on whose decision; 0 as one begins."""

    version: int = 0
    rules: MaskingRules = field(default_factory=MaskingRules)
    since: datetime | None = None
    set_by: str = ""


def masking_version(tenant_id: int, version: int) -> MaskingVersion:
    """Raises MaskingSetting.DoesNotExist rather than mask less than was said."""
    if version == 0:
        return MaskingVersion()
    with scope.reading(tenant_id):
        row = MaskingSetting.objects.get(version=version)
    seal = masking_seal(tenant_id, version)
    rules = msgspec.json.decode(
        open_value(bytes(row.sealed), **seal), type=MaskingRules
    )
    return MaskingVersion(version, rules, row.since, row.set_by)


def masking_seal(tenant_id: int, version: int) -> dict[str, bytes]:
    """By what a version is sealed: the tenant's key, and its place."""
    context = f"masking:{tenant_id}:{version}".encode()
    return {"key": keys.of_tenant(tenant_id), "context": context}


def masking_of(tenant: Tenant) -> Masking:
    """What the tenant masks, ready to be applied; each version is made ready once."""
    return _masking(tenant.id, tenant.masking_version, tenant.region)


@lru_cache(maxsize=1024)
def _masking(tenant_id: int, version: int, region: str) -> Masking:
    return Masking.of(masking_version(tenant_id, version).rules, region=region)


def users() -> list[User]:
    """The tenant's users. Needs its scope."""
    return list(User.objects.order_by("email"))


def user_names(tenant_id: int) -> dict[int, str]:
    """What the tenant's users are called, by their number."""
    with scope.reading(tenant_id):
        return dict(User.objects.values_list("id", "name"))


def user_by_address(tenant: Tenant, email: str) -> User:
    """Raises NotFound where no user of the tenant signs in by it."""
    with scope.reading(tenant.id):
        found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise NotFound("There is no such user.")
    return found


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A tenant's recording rules: since when, and on whose decision.

    Version 0 is a new tenant's, before anybody decided: there are no rules.
    """

    version: int = 0
    policy: Policy = field(default_factory=Policy)
    since: datetime | None = None
    set_by: str = ""
    reason: str = ""


def recording_policy(version: int | None = None) -> PolicyVersion:
    """The rules in force, or those of a version. Needs the tenant's scope."""
    if version == 0:
        return PolicyVersion()
    rows = RecordingPolicy.objects.order_by("-version")
    row = (rows if version is None else rows.filter(version=version)).first()
    return PolicyVersion() if row is None else _version_of(row)


def recording_policies() -> list[PolicyVersion]:
    """All versions, newest first. Needs the tenant's scope."""
    return [_version_of(row) for row in RecordingPolicy.objects.order_by("-version")]


def _version_of(row: RecordingPolicy) -> PolicyVersion:
    policy = decoded(row.policy, Policy)
    return PolicyVersion(row.version, policy, row.since, row.set_by, row.reason)
