"""What of a user's proofs counts, at the door and when they confirm it is them."""

from dataclasses import dataclass
from datetime import datetime

from valv.core.people import Actor, ActorType
from valv.storage import scope
from valv.tenants.access_log import How
from valv.tenants.models import User
from valv.tenants.second_factor import (
    codes_left,
    has_authenticator,
    takes_code,
    takes_recovery_code,
)
from valv.tenants.signin_models import Passkey
from valv.tenants.signin_settings import rules_in_force


@dataclass(frozen=True, slots=True)
class Factors:
    """By what a user can prove to be there; ``codes`` are recovery codes left."""

    password: bool
    code: bool
    passkey: bool
    codes: int

    @property
    def provider_only(self) -> bool:
        return not (self.password or self.code or self.passkey)


def own_factors(user: User) -> Factors:
    with scope.reading(user.tenant_id):
        return Factors(
            password=user.has_usable_password() and password_counts(user),
            code=has_authenticator(user),
            passkey=Passkey.objects.filter(user_id=user.id).exists(),
            codes=codes_left(user),
        )


def password_counts(user: User) -> bool:
    """Whether the tenant lets this user in by password.

    Where only the provider's word counts, the one break-glass user still may.
    """
    with scope.reading(user.tenant_id):
        rules = rules_in_force()
    return not rules.provider_only or rules.break_glass == user.id


def passkey_counts(user: User) -> bool:
    """Whether the tenant lets this user in by passkey; as with a password."""
    return password_counts(user)


def code_of(
    user: User, code: str, *, now: datetime, only_recovery: bool = False
) -> How | None:
    """What kind of code it is, if it is one of the user's; then it is used up."""
    actor = Actor(ActorType.INTERNAL, user.name, user.id)
    if not only_recovery and takes_code(user, code, now=now):
        return How.CODE
    if takes_recovery_code(user, code, actor=actor, now=now):
        return How.RECOVERY
    return None
