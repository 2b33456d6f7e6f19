"""API tokens: listed, made, given a new secret and revoked; how long they may live.

Whoever makes one gives it no right of which they lack any. A secret is answered once.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from valv.api.endpoint import Answer, Call, endpoint
from valv.core.errors import NotFound
from valv.core.moments import format_moment
from valv.core.permissions import Right, Scope
from valv.core.tokens import KEEP_HOURS, Lifetime, TokenState, state_of
from valv.tenants.models import Token
from valv.tenants.tokens import (
    Secret,
    create_token,
    revoke_token,
    rotate_token,
    set_longest_life,
    tokens_of,
)

LONGEST_ID = 18


class TokenShown(msgspec.Struct):
    """A token, without its secret. ``last_used_at`` is true to the minute."""

    id: str
    name: str
    scopes: list[str]
    state: TokenState
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    rotated_at: str | None
    previous_until: str | None


class TokenMade(TokenShown):
    """A token with its secret, which is answered this once."""

    secret: str


class Tokens(msgspec.Struct):
    """All tokens, newest first."""

    items: list[TokenShown]


class TokenAsked(msgspec.Struct, forbid_unknown_fields=True):
    """What to make. Unstated it lives a year, or the tenant's longest if shorter."""

    name: str
    scopes: list[Scope]
    expires_in_days: int | Literal["never"] | None = None


class RotationAsked(msgspec.Struct, forbid_unknown_fields=True):
    """For how many hours the old secret lives on."""

    keep_hours: int = KEEP_HOURS


class TokenLife(msgspec.Struct, forbid_unknown_fields=True):
    """How many days a token may live at most; null is without end."""

    longest_days: int | None


@endpoint("GET", "/tokens", right=Right.TOKENS, answers={200: Tokens})
def list_tokens(call: Call) -> Tokens:
    """List the API tokens, newest first; none with its secret."""
    listed = tokens_of(call.caller.tenant)
    return Tokens([TokenShown(**_shown(one, call.now)) for one in listed])


@endpoint(
    "POST", "/tokens", right=Right.TOKENS, body=TokenAsked, answers={201: TokenMade}
)
def make_token(call: Call) -> Answer:
    """Make an API token, and answer its secret this once.

    It can be given the scopes alone of which the caller has every right.
    """
    asked = call.json(TokenAsked)
    lifetime: Lifetime = asked.expires_in_days
    made = create_token(
        call.caller.tenant,
        name=asked.name,
        scopes=asked.scopes,
        within=call.caller.rights,
        actor=call.caller.actor,
        now=call.now,
        lifetime=lifetime,
    )
    return Answer(_made(made, call.now), 201)


@endpoint(
    "POST",
    "/tokens/{token}/rotation",
    right=Right.TOKENS,
    body=RotationAsked,
    answers={200: TokenMade},
)
def rotate(call: Call, token: str) -> TokenMade:
    """Give a token a new secret and as long a life again; the old one lives on a while.

    Of the old secrets only the last lives on, and for no longer than it would have.
    """
    asked = call.json(RotationAsked)
    made = rotate_token(
        call.caller.tenant,
        _number(token),
        within=call.caller.rights,
        actor=call.caller.actor,
        now=call.now,
        hours=asked.keep_hours,
    )
    return _made(made, call.now)


@endpoint("DELETE", "/tokens/{token}", right=Right.TOKENS, answers={204: None})
def revoke(call: Call, token: str) -> None:
    """Revoke a token: from the next request on it lets nobody in."""
    caller = call.caller
    revoke_token(caller.tenant, _number(token), actor=caller.actor, now=call.now)


@endpoint("GET", "/settings/tokens", right=Right.TOKENS, answers={200: TokenLife})
def show_token_life(call: Call) -> TokenLife:
    """Show how long tokens may live."""
    return TokenLife(call.caller.tenant.longest_token_days)


@endpoint(
    "PUT",
    "/settings/tokens",
    right=Right.TOKENS,
    body=TokenLife,
    answers={200: TokenLife},
)
def put_token_life(call: Call) -> TokenLife:
    """Say how long tokens may live that are made or rotated from now on."""
    asked, caller = call.json(TokenLife), call.caller
    days = asked.longest_days
    set_longest_life(caller.tenant, days, actor=caller.actor, now=call.now)
    return asked


def _number(token: str) -> int:
    if not (token.isascii() and token.isdecimal() and len(token) <= LONGEST_ID):
        raise NotFound
    return int(token)


def _made(made: Secret, now: datetime) -> TokenMade:
    return TokenMade(**_shown(made.token, now), secret=made.secret)


def _shown(token: Token, now: datetime) -> dict[str, Any]:
    times = ("created_at", "expires_at", "last_used_at", "revoked_at", "rotated_at")
    until = token.previous_until
    return {
        "id": str(token.id),
        "name": token.name,
        "scopes": token.scopes,
        "state": state_of(
            expires_at=token.expires_at, revoked_at=token.revoked_at, now=now
        ),
        "previous_until": _told(until if until is None or until > now else None),
        **{name: _told(getattr(token, name)) for name in times},
    }


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else format_moment(moment)
