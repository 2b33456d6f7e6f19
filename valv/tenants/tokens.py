"""API tokens: made, given a new secret, revoked, and how long they may live.

Only the hash of a secret is kept, so it is shown once. What is changed here holds from
the next request on, in every process, for each request looks its token up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from django.db.models import Q

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core import changes
from valv.core.errors import Conflict, NotFound
from valv.core.people import Actor
from valv.core.permissions import Right, Scope
from valv.core.tokens import (
    KEEP_HOURS,
    Lifetime,
    TokenState,
    check_hours,
    check_longest,
    check_scopes,
    expiry_of,
    renewed,
    state_of,
)
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.storage.passing import writing_if_free
from valv.tenants.models import Tenant, Token
from valv.tenants.operations import check_name
from valv.tenants.queries import hash_of

TOKEN_PREFIX = "valv_"  # noqa: S105 -- not a secret: tells scanners whose it is
TOUCH_AFTER = timedelta(minutes=1)
ENDED = "This token has ended. Make a new one."


@dataclass(frozen=True, slots=True)
class Secret:
    """A token and its secret, which is shown this once and not kept."""

    token: Token
    secret: str


def create_token(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[Scope],
    within: Iterable[Right],
    actor: Actor,
    now: datetime,
    lifetime: Lifetime = None,
) -> Secret:
    """Make a token; ``within`` are its maker's rights, and it gets no others.

    Raises Malformed for a name that cannot be shown or that leads to somebody, for one
    that may do nothing and for one that would live too long; Forbidden for a scope
    beyond its maker's rights.
    """
    check_name(name)
    refuse_traces(name, region=tenant.region, field="name")
    allowed = check_scopes(scopes, within=within)
    expires_at = expiry_of(lifetime, longest=tenant.longest_token_days, now=now)
    secret = _new_secret()
    with scope.writing(tenant.id):
        token = Token.objects.create(
            name=name,
            hash=hash_of(secret),
            scopes=allowed,
            created_at=now,
            expires_at=expires_at,
        )
        _enter("token", token, actor=actor, now=now, scopes=allowed)
    return Secret(token, secret)


def rotate_token(
    tenant: Tenant,
    token_id: int,
    *,
    within: Iterable[Right],
    actor: Actor,
    now: datetime,
    hours: int = KEEP_HOURS,
) -> Secret:
    """Give a token a new secret, and as long a life again; the old lives ``hours`` on.

    A secret that was being replaced already ends at once. Raises NotFound, Conflict if
    it has ended or gets another secret just now, Forbidden as for a new one.
    """
    check_hours(hours)
    secret = _new_secret()
    with scope.writing(tenant.id):
        token = _held(token_id)
        if _state(token, now) in (TokenState.ENDED, TokenState.REVOKED):
            raise Conflict(ENDED)
        check_scopes(map(Scope, token.scopes), within=within)
        changed = _rotation(token, secret, tenant, now=now, hours=hours)
        same = Token.objects.filter(id=token.id, hash=token.hash, revoked_at=None)
        if not same.update(**changed):
            raise Conflict("Somebody else changed this token just now.")
        _enter("token_rotated", token, actor=actor, now=now, hours=hours)
    for column, value in changed.items():
        setattr(token, column, value)
    return Secret(token, secret)


def _rotation(
    token: Token, secret: str, tenant: Tenant, *, now: datetime, hours: int
) -> dict[str, Any]:
    until = now + timedelta(hours=hours)
    if token.expires_at is not None:
        until = min(until, token.expires_at)
    return {
        "hash": hash_of(secret),
        "previous_hash": bytes(token.hash) if hours else None,
        "previous_until": until if hours else None,
        "rotated_at": now,
        "expires_at": renewed(
            since=token.rotated_at or token.created_at,
            expires_at=token.expires_at,
            longest=tenant.longest_token_days,
            now=now,
        ),
    }


def revoke_token(tenant: Tenant, token_id: int, *, actor: Actor, now: datetime) -> None:
    """Let nobody in by a token any more, by neither secret; twice is once.

    Raises NotFound.
    """
    with scope.writing(tenant.id):
        token = _held(token_id)
        if Token.objects.filter(id=token.id, revoked_at=None).update(revoked_at=now):
            _enter("token_revoked", token, actor=actor, now=now)


def set_longest_life(
    tenant: Tenant, days: int | None, *, actor: Actor, now: datetime
) -> None:
    """Say how long tokens may live that are made or get a new secret from now on.

    None lets them live without end, if that is asked for by name.
    """
    check_longest(days)
    with scope.writing(tenant.id):
        held = Tenant.objects.filter(id=tenant.id)
        before = held.values_list("longest_token_days", flat=True).get()
        if before != days:
            held.update(longest_token_days=days)
            changed = changes.setting("token_life", {"days": before}, {"days": days})
            record(Act(Action.SETTING, details=changed), actor=actor, now=now)
    tenant.longest_token_days = days


def touch_token(tenant_id: int, token_id: int, *, now: datetime) -> None:
    """Note when a token was last used, to the minute; it changes no right.

    Raises Busy at once where another writes: the next request will do as well.
    """
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - TOUCH_AFTER)
    with scope.reading(tenant_id):
        is_stale = Token.objects.filter(stale, id=token_id).exists()
    if is_stale:
        with writing_if_free(tenant_id):
            Token.objects.filter(stale, id=token_id).update(last_used_at=now)


def tokens_of(tenant: Tenant) -> list[Token]:
    """All of the tenant's tokens, newest first; those that ended too."""
    with scope.reading(tenant.id):
        return list(Token.objects.order_by("-id"))


def ending_soon(tenant: Tenant, *, now: datetime) -> list[Token]:
    """Those that end within ``core.tokens.ENDS_SOON``."""
    return [one for one in tokens_of(tenant) if _state(one, now) == _SOON]


_SOON = TokenState.ENDS_SOON


def _new_secret() -> str:
    return TOKEN_PREFIX + token_urlsafe(32)


def _held(token_id: int) -> Token:
    token = Token.objects.filter(id=token_id).first()
    if token is None:
        raise NotFound
    return token


def _state(token: Token, now: datetime) -> TokenState:
    return state_of(expires_at=token.expires_at, revoked_at=token.revoked_at, now=now)


def _enter(
    setting: str, token: Token, *, actor: Actor, now: datetime, **more: object
) -> None:
    details = {"setting": setting, "token": token.id, **more}
    record(Act(Action.SETTING, details=details), actor=actor, now=now)
