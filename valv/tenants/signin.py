"""Who is signed in, and whether an address and a password belong together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection

from valv.core.ids import from_unix_ms, unix_ms
from valv.core.people import Actor, ActorType
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.queries import TENANT_COLUMNS, tenant_from
from valv.tenants.rights import held_by

CONFIRMED_FOR = timedelta(minutes=5)


def user_of_password(email: str, password: str) -> User | None:
    """The active user whose password it is.

    An unknown address costs the same work as a wrong password, and so does somebody
    who has none.
    """
    user = user_of_address(email)
    if user is None or not user.has_usable_password():
        make_password(password)
        return None
    right = check_password(password, user.password)
    return user if right and user.is_active else None


def user_of_address(email: str) -> User | None:
    """Whose address it is; nobody has proved yet to be that person."""
    with scope.at_the_gate():
        return User.objects.filter(email=email.strip().lower()).first()


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody signed in: the user with their tenant, and the sign-in that holds."""

    id: str
    user: User
    how: str
    seen_at: datetime
    confirmed_at: datetime
    limited: bool

    def is_confirmed(self, now: datetime) -> bool:
        """Whether the person proved to be there within ``CONFIRMED_FOR``."""
        return now - self.confirmed_at < CONFIRMED_FOR


# One statement, since every page begins with it.
_USER_COLUMNS = (
    "id", "tenant_id", "email", "name", "rights", "language", "is_active", "password",
)  # fmt: skip
_SIGN_IN_COLUMNS = ("how", "seen_at", "confirmed_at", "limited")
_PRESENT = (
    f"SELECT {', '.join('s.' + name for name in _SIGN_IN_COLUMNS)},"  # noqa: S608
    f" {', '.join('u.' + name for name in _USER_COLUMNS)}, {TENANT_COLUMNS}"
    " FROM sign_in s JOIN valv_user u ON u.id = s.user_id"
    " JOIN tenant n ON n.id = u.tenant_id"
    " WHERE s.id = %s AND s.ends_at > %s AND s.seen_at + s.idle_seconds * 1000 > %s"
    " AND u.is_active AND u.tenant_id = s.tenant_id"
)


def present(sign_in_id: str, *, now: datetime) -> Presence | None:
    """Who is signed in by this; nobody once it ended, lay idle or was revoked."""
    with scope.at_the_gate(), connection.cursor() as cursor:
        cursor.execute(_PRESENT, [sign_in_id, unix_ms(now), unix_ms(now)])
        row = cursor.fetchone()
    if row is None:
        return None
    how, seen_at, confirmed_at, limited = row[: len(_SIGN_IN_COLUMNS)]
    return Presence(
        sign_in_id,
        _user_from(row[len(_SIGN_IN_COLUMNS) :]),
        how,
        from_unix_ms(seen_at),
        from_unix_ms(confirmed_at),
        bool(limited),
    )


def _user_from(values: Sequence[Any]) -> User:
    """The user, who brings the tenant along."""
    known = dict(zip(_USER_COLUMNS, values, strict=False))
    user = User(**{**known, "rights": json.loads(known["rights"])})
    user.came_with = tenant_from(values[len(_USER_COLUMNS) :])
    return user


def tenant_of(user: User) -> Tenant:
    return user.came_with or Tenant.objects.get(id=user.tenant_id)


def caller_of_user(user: User) -> Caller:
    """What a signed-in user is and may."""
    actor = Actor(ActorType.INTERNAL, user.name, user.id)
    held = held_by(user)
    return Caller(tenant_of(user), actor, held.rights, held.reach)
