"""The second factor: codes by time (RFC 6238), and recovery codes in their stead.

A seed is sealed under the tenant's key and shown while it is being set up, never
again. Recovery codes are kept as hashes; each opens once. A user who has a passkey has
a second factor as well.
"""

import re
from base64 import b32encode
from datetime import datetime
from os import urandom

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core import totp
from valv.core.errors import Conflict, Malformed
from valv.core.people import Actor
from valv.storage import keys, scope
from valv.storage.sealed import open_value, seal_value
from valv.tenants.models import User
from valv.tenants.queries import hash_of
from valv.tenants.signin_models import (
    Authenticator,
    Passkey,
    ProviderIdentity,
    RecoveryCode,
    SignIn,
)

CODES = 10
CODE_BYTES = 10  # 80 bits, so that a plain hash cannot be guessed
DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def has_authenticator(user: User) -> bool:
    """Needs the tenant's scope, as all that reads here does."""
    return Authenticator.objects.filter(
        user_id=user.id, confirmed_at__isnull=False
    ).exists()


def has_second_factor(user: User) -> bool:
    return has_authenticator(user) or Passkey.objects.filter(user_id=user.id).exists()


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user_id=user.id).count()


def begin_authenticator(user: User, *, now: datetime) -> bytes:
    """A new seed, to be confirmed; one that was never confirmed is given up.

    Raises Conflict if the user has an authenticator already.
    """
    with scope.writing(user.tenant_id):
        if has_authenticator(user):
            raise Conflict("There is an authenticator already. Remove it first.")
        waiting = Authenticator.objects.filter(user_id=user.id).first()
        if waiting is not None:
            return _seed_of(waiting)
        seed = urandom(totp.SEED_BYTES)
        sealed = seal_value(seed, **_seal(user))
        Authenticator.objects.create(user_id=user.id, seed=sealed, made_at=now)
    return seed


def _seal(user: User) -> dict[str, bytes]:
    context = f"authenticator:{user.tenant_id}:{user.id}".encode()
    return {"key": keys.of_tenant(user.tenant_id), "context": context}


def _seed_of(row: Authenticator) -> bytes:
    context = f"authenticator:{row.tenant_id}:{row.user_id}".encode()
    key = keys.of_tenant(row.tenant_id)
    return open_value(bytes(row.seed), key=key, context=context)


def confirm_authenticator(
    user: User, code: str, *, actor: Actor, now: datetime
) -> list[str]:
    """Put the seed in force that the code is of; answers new recovery codes.

    Raises Malformed for a code that is not of it, Conflict where none is waiting.
    """
    with scope.writing(user.tenant_id):
        row = _locked(user, confirmed=False)
        if row is None:
            raise Conflict("No authenticator is being set up.")
        step = totp.step_matching(_seed_of(row), _digits(code), at=now, after=0)
        if step is None:
            raise Malformed("That is not its code now.", field="code")
        rows = Authenticator.objects.filter(id=row.id)
        rows.update(confirmed_at=now, last_step=step)
        SignIn.objects.filter(user_id=user.id).update(limited=False)
        _note(user, "authenticator", actor=actor, now=now)
        return _new_codes(user)


def _locked(user: User, *, confirmed: bool) -> Authenticator | None:
    rows = Authenticator.objects.select_for_update().filter(user_id=user.id)
    return rows.filter(confirmed_at__isnull=not confirmed).first()


def _digits(code: str) -> str:
    return re.sub(r"\s", "", code)


def takes_code(user: User, code: str, *, now: datetime) -> bool:
    """Whether it is the code now, and not taken before; then it is taken."""
    typed = _digits(code)
    if not DIGITS.fullmatch(typed):
        return False
    with scope.writing(user.tenant_id):
        row = _locked(user, confirmed=True)
        if row is None:
            return False
        step = totp.step_matching(_seed_of(row), typed, at=now, after=row.last_step)
        if step is None:
            return False
        Authenticator.objects.filter(id=row.id).update(last_step=step)
    return True


def takes_recovery_code(user: User, code: str, *, actor: Actor, now: datetime) -> bool:
    """Whether it is one of the user's; then it is used up, and entered."""
    typed = re.sub(r"[\s-]", "", code).upper()
    with scope.writing(user.tenant_id):
        rows = RecoveryCode.objects.filter(user_id=user.id, hash=hash_of(typed))
        used = rows.delete()[0] > 0
        if used:
            _note(user, "recovery_code", actor=actor, now=now)
    return used


def new_recovery_codes(user: User, *, actor: Actor, now: datetime) -> list[str]:
    """Ten new ones in the place of all before; shown this once and not kept."""
    with scope.writing(user.tenant_id):
        if not has_authenticator(user):
            raise Conflict("They stand in for an authenticator, and there is none.")
        _note(user, "recovery_codes", actor=actor, now=now)
        return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    made = [b32encode(urandom(CODE_BYTES)).decode() for _ in range(CODES)]
    RecoveryCode.objects.filter(user_id=user.id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user.id, hash=hash_of(code)) for code in made
    )
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in made]


def remove_authenticator(user: User, *, actor: Actor, now: datetime) -> None:
    """Take it away, and its recovery codes with it."""
    with scope.writing(user.tenant_id):
        if Authenticator.objects.filter(user_id=user.id).delete()[0]:
            _note(user, "authenticator_removed", actor=actor, now=now)
        RecoveryCode.objects.filter(user_id=user.id).delete()


def reset_second_factor(user: User, *, actor: Actor, now: datetime) -> None:
    """For one who lost it: all factors go, and all sign-ins end."""
    with scope.writing(user.tenant_id):
        for model in (Authenticator, RecoveryCode, Passkey, ProviderIdentity, SignIn):
            model.objects.filter(user_id=user.id).delete()
        _note(user, "second_factor_reset", actor=actor, now=now)


def _note(user: User, what: str, *, actor: Actor, now: datetime) -> None:
    details = {"setting": what, "user": user.id}
    record(Act(Action.SETTING, details=details), actor=actor, now=now)
