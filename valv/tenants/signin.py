"""Signing in with address and password."""

from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User


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
        with scope.at_the_gate():
            return User.objects.filter(id=user_id, is_active=True).first()


def user_of_address(email: str) -> User | None:
    """Whose address it is; nobody has proved yet to be that person."""
    with scope.at_the_gate():
        return User.objects.filter(email=email.strip().lower()).first()


def caller_of_user(user: User) -> Caller:
    """What a signed-in user is and may."""
    actor = Actor(ActorType.INTERNAL, user.name, user.id)
    rights = frozenset(Right(name) for name in user.rights)
    return Caller(Tenant.objects.get(id=user.tenant_id), actor, rights)
