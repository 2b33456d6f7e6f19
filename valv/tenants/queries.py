"""Reading tenants, tokens and storage times."""

import hashlib
from dataclasses import asdict, fields
from datetime import datetime

from valv.core.errors import NotFound
from valv.core.people import Actor, ActorType
from valv.core.permissions import Scope, rights_of_scopes
from valv.core.retention import DEFAULT_TIMES, FOREVER, StorageTimes
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import StorageSetting, Tenant, Token, User

STORED_FOREVER = -1
TIMES = tuple(field.name for field in fields(StorageTimes))


def tenants() -> list[Tenant]:
    return list(Tenant.objects.order_by("id"))


def tenant_by_slug(slug: str | None) -> Tenant:
    """The tenant of that name; without a name, the only one there is."""
    found = tenants() if slug is None else list(Tenant.objects.filter(slug=slug))
    if len(found) == 1:
        return found[0]
    raise NotFound(
        "There is no such tenant."
        if slug
        else "Say which tenant with --tenant."
        if found
        else "There is no tenant yet. Run `valv init` first."
    )


def caller_of_token(secret: str, *, now: datetime) -> Caller | None:
    """Who holds this token; None if it is unknown, expired or revoked."""
    with scope.at_the_gate():
        token = Token.objects.filter(hash=hash_of(secret), revoked_at=None).first()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    rights = rights_of_scopes(Scope(name) for name in token.scopes)
    actor = Actor(ActorType.API, token.name, token.id)
    return Caller(Tenant.objects.get(id=token.tenant_id), actor, rights)


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


def users() -> list[User]:
    """The tenant's users. Needs its scope."""
    return list(User.objects.order_by("email"))
