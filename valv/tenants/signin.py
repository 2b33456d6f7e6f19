"""Signing in with address and password."""

import json
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.http import HttpRequest

from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.queries import TENANT_COLUMNS, tenant_from


class PasswordBackend:
    """Django's backend; an unknown address costs as much time as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = ""
    ) -> User | None:
        user = user_of_address(email)
        if user is None:
            make_password(password)
            return None
        right = check_password(password, user.password)
        return user if right and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        return _with_tenant(user_id)


def user_of_address(email: str) -> User | None:
    """Whose address it is; nobody has proved yet to be that person."""
    with scope.at_the_gate():
        return User.objects.filter(email=email.strip().lower()).first()


# One statement, since every page begins with it.
_USER_COLUMNS = (
    "id", "tenant_id", "email", "name", "rights", "language", "is_active", "password",
)  # fmt: skip
_USER = (
    f"SELECT {', '.join('u.' + name for name in _USER_COLUMNS)}, {TENANT_COLUMNS}"  # noqa: S608
    " FROM valv_user u JOIN tenant n ON n.id = u.tenant_id"
    " WHERE u.id = %s AND u.is_active"
)


def _with_tenant(user_id: Any) -> User | None:
    """An active user, who brings the tenant along; nobody if there is no such one."""
    with scope.at_the_gate(), connection.cursor() as cursor:
        cursor.execute(_USER, [user_id])
        row = cursor.fetchone()
    if row is None:
        return None
    known = dict(zip(_USER_COLUMNS, row, strict=False))
    user = User(**{**known, "rights": json.loads(known["rights"])})
    user.came_with = tenant_from(row[len(_USER_COLUMNS) :])
    return user


def caller_of_user(user: User) -> Caller:
    """What a signed-in user is and may."""
    actor = Actor(ActorType.INTERNAL, user.name, user.id)
    rights = frozenset(Right(name) for name in user.rights)
    tenant = user.came_with or Tenant.objects.get(id=user.tenant_id)
    return Caller(tenant, actor, rights)
