"""API tokens: how long they live, what state they are in, who may give which scopes.

Pure rules: callers pass the clock in.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from valv.core.errors import Forbidden, Malformed
from valv.core.permissions import RIGHTS_OF_SCOPE, Right, Scope

NEVER: Final = "never"
DEFAULT_DAYS = 365
MOST_DAYS = 3650
ENDS_SOON = timedelta(days=30)
KEEP_HOURS, MOST_HOURS = 24, 168

Lifetime = int | Literal["never"] | None


class TokenState(StrEnum):
    """Whether a token lets anyone in, and for how long still."""

    VALID = "valid"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    REVOKED = "revoked"


def state_of(
    *, expires_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> TokenState:
    """A token ends at its time, not after it; revoked outranks all else."""
    if revoked_at is not None:
        return TokenState.REVOKED
    if expires_at is None or now < expires_at - ENDS_SOON:
        return TokenState.VALID
    return TokenState.ENDS_SOON if now < expires_at else TokenState.ENDED


def expiry_of(
    lifetime: Lifetime, *, longest: int | None, now: datetime
) -> datetime | None:
    """When a token ends that is made now; None for never.

    Unstated it lives a year, or the tenant's ``longest`` if that is shorter, in days;
    without end only if that is asked for by name. Raises Malformed for a lifetime that
    is longer than the tenant allows.
    """
    if lifetime is None:
        lifetime = min(DEFAULT_DAYS, longest or DEFAULT_DAYS)
    most = MOST_DAYS if longest is None else longest
    if lifetime == NEVER:
        if longest is None:
            return None
        raise Malformed(f"A token lives at most {longest} days here.", field="expires")
    if not 1 <= lifetime <= most:
        raise Malformed(f"A token lives from 1 to {most} days.", field="expires")
    return now + timedelta(days=lifetime)


def renewed(
    *,
    since: datetime,
    expires_at: datetime | None,
    longest: int | None,
    now: datetime,
) -> datetime | None:
    """When a token ends that gets a new secret now: it lives as long once more.

    As long as the tenant allows by now, if that is shorter.
    """
    if expires_at is None:
        return None if longest is None else now + timedelta(days=longest)
    again = expires_at - since
    most = again if longest is None else timedelta(days=longest)
    return now + min(again, most)


def check_hours(hours: int) -> int:
    """How long an old secret lives on beside the new one. Raises Malformed."""
    if not 0 <= hours <= MOST_HOURS:
        raise Malformed(f"An old secret lives 0 to {MOST_HOURS} hours.", field="hours")
    return hours


def check_longest(days: int | None) -> int | None:
    """The longest that a tenant's tokens may live, in days. Raises Malformed."""
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Malformed(f"State 1 to {MOST_DAYS} days.", field="longest_days")
    return days


def scopes_within(rights: Iterable[Right]) -> tuple[Scope, ...]:
    """The scopes that somebody with these rights may give: all that each holds."""
    held = frozenset(rights)
    return tuple(scope for scope in Scope if RIGHTS_OF_SCOPE[scope] <= held)


def check_scopes(scopes: Iterable[Scope], *, within: Iterable[Right]) -> list[str]:
    """The scopes as they are kept, once each.

    Raises Malformed if there is none, Forbidden for one that its maker lacks.
    """
    asked = sorted({scope.value for scope in scopes})
    if not asked:
        raise Malformed("A token needs at least one scope.", field="scope")
    may = {scope.value for scope in scopes_within(within)}
    beyond = ", ".join(name for name in asked if name not in may)
    if beyond:
        raise Forbidden(f"Only who has its rights may give a token {beyond}.")
    return asked
