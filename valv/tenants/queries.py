"""Reading tenants, tokens and storage times."""

import hashlib
from datetime import datetime

from valv.core.errors import NotFound
from valv.core.people import Actor, ActorType
from valv.core.permissions import Scope, rights_of_scopes
from valv.core.retention import StorageTimes
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import StorageSetting, Tenant, Token, User


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


def storage_times(tenant: Tenant) -> StorageTimes:
    """The storage times in force. Needs the tenant's scope."""
    row = StorageSetting.objects.order_by("-id").first()
    return StorageTimes() if row is None else times_of(row)


def times_of(row: StorageSetting) -> StorageTimes:
    return StorageTimes(
        general=row.general,
        recordings=row.recordings,
        chat_logs=row.chat_logs,
        transcripts=row.transcripts,
        surveys=row.surveys,
        raw_events=row.raw_events,
    )


def users() -> list[User]:
    """The tenant's users. Needs its scope."""
    return list(User.objects.order_by("email"))
