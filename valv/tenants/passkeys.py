"""Passkeys (WebAuthn level 3): made, used to sign in or confirm, and removed.

All are discoverable and verify their user, so one alone is two factors, and no page
needs to know whose address it is before. A challenge is answered once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.db import IntegrityError
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Conflict, Malformed, NotFound
from valv.core.people import Actor
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.tenants.models import User
from valv.tenants.queries import hash_of
from valv.tenants.signin import tenant_of
from valv.tenants.signin_models import Passkey, SignIn

LONGEST_NAME, LONGEST_ANSWER, MOST = 60, 20_000, 20
VERIFIED = UserVerificationRequirement.REQUIRED
FORGED = "That passkey was not taken."


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser is asked, and what to remember until it answers."""

    options: dict[str, Any]
    state: Any


def host() -> str:
    """For which host passkeys are: that of the public address."""
    return urlsplit(settings.VALV_PUBLIC_URL).hostname or ""


def _server() -> Fido2Server:
    parts = urlsplit(settings.VALV_PUBLIC_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    entity = PublicKeyCredentialRpEntity(id=host(), name="Valv")
    return Fido2Server(entity, verify_origin=lambda said: said == origin)


def begin_making(user: User) -> Challenge:
    """Ask for a new passkey; those there already are named, so none is made twice."""
    with scope.reading(user.tenant_id):
        held = [_data(row) for row in Passkey.objects.filter(user_id=user.id)]
    entity = PublicKeyCredentialUserEntity(
        # A handle tells nobody whose it is, as section 14.6.1 asks.
        id=hash_of(f"{settings.SECRET_KEY}:{user.tenant_id}:{user.id}"),
        name=user.email,
        display_name=user.name,
    )
    options, state = _server().register_begin(
        entity,
        held,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
    )
    return Challenge(dict(options), state)


def finish_making(
    user: User, state: Any, answer: str, *, name: str, actor: Actor, now: datetime
) -> None:
    """Keep the passkey that was made. Raises Malformed or Conflict."""
    made = _registered(state, answer)
    shown = name.strip()[:LONGEST_NAME]
    if not (shown and shown.isprintable()):
        raise Malformed("Give it a name.", field="name")
    refuse_traces(shown, region=tenant_of(user).region, field="name")
    with scope.writing(user.tenant_id):
        if Passkey.objects.filter(user_id=user.id).count() >= MOST:
            raise Conflict("There are too many already.")
        _keep(user, made, name=shown, now=now)
        SignIn.objects.filter(user_id=user.id).update(limited=False)
        _note(user, "passkey", actor=actor, now=now)


def _registered(state: Any, answer: str) -> AttestedCredentialData:
    try:
        response = RegistrationResponse.from_dict(_json(answer))
        made = _server().register_complete(state, response).credential_data
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Malformed(FORGED, field="passkey") from None
    if made is None:
        raise Malformed(FORGED, field="passkey")
    return made


def _keep(
    user: User, made: AttestedCredentialData, *, name: str, now: datetime
) -> None:
    row = Passkey(
        user_id=user.id,
        credential_id=made.credential_id,
        credential=bytes(made),
        name=name,
        made_at=now,
    )
    try:
        row.save(force_insert=True)
    except IntegrityError:
        raise Conflict("That passkey is here already.") from None


def begin_using() -> Challenge:
    """Ask for any passkey made here; whose it is, is told by the answer."""
    options, state = _server().authenticate_begin(user_verification=VERIFIED)
    return Challenge(dict(options), state)


def user_of_passkey(state: Any, answer: str, *, now: datetime) -> User | None:
    """Whose passkey answered; None for a wrong, unknown or copied one.

    A counter that does not rise tells of a copy (section 6.1.1).
    """
    try:
        said = _json(answer)
        credential_id = websafe_decode(said["rawId"])
        response = AuthenticationResponse.from_dict(said)
    except (ValueError, KeyError, TypeError, AttributeError, Malformed):
        return None
    with scope.at_the_gate(writes=True):
        rows = Passkey.objects.select_for_update()
        row = rows.filter(credential_id=credential_id).first()
        if row is None or not _verified(state, row, response):
            return None
        uses = response.response.authenticator_data.counter
        if uses <= row.uses and (uses or row.uses):
            return None
        Passkey.objects.filter(id=row.id).update(uses=uses, used_at=now)
        return User.objects.filter(id=row.user_id, is_active=True).first()


def _verified(state: Any, row: Passkey, response: AuthenticationResponse) -> bool:
    try:
        _server().authenticate_complete(state, [_data(row)], response)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return False
    return True


def _data(row: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(row.credential))


def _json(answer: str) -> Mapping[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise Malformed(FORGED, field="passkey")
    try:
        return msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        raise Malformed(FORGED, field="passkey") from None


def passkeys_of(user: User) -> list[Passkey]:
    with scope.reading(user.tenant_id):
        return list(Passkey.objects.filter(user_id=user.id).order_by("made_at"))


def remove_passkey(user: User, number: int, *, actor: Actor, now: datetime) -> None:
    """Raises NotFound for one that is not the user's."""
    with scope.writing(user.tenant_id):
        if not Passkey.objects.filter(user_id=user.id, id=number).delete()[0]:
            raise NotFound
        _note(user, "passkey_removed", actor=actor, now=now)


def _note(user: User, what: str, *, actor: Actor, now: datetime) -> None:
    details = {"setting": what, "user": user.id}
    record(Act(Action.SETTING, details=details), actor=actor, now=now)
