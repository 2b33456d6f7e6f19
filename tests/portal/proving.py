"""What people prove themselves by: an authenticator's codes, and a passkey of software.

The passkey does what WebAuthn asks of an authenticator (level 3, section 6), with a key
of ES256 and no attestation; its bytes are checked by the library as any others.
"""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData

from tests.cast import NOW, OPERATOR
from valv.core import totp
from valv.storage import scope
from valv.tenants.models import Authenticator, SignIn, User
from valv.tenants.second_factor import begin_authenticator, confirm_authenticator

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost:8000"


@dataclass
class App:
    """An authenticator that a user has set up, and the recovery codes with it."""

    seed: bytes
    recovery: list[str]

    def code(self, at: datetime) -> str:
        return totp.code_of(self.seed, step=totp.step_of(at))


def set_up(user: User) -> App:
    """With an app of its own, long ago."""
    seed = begin_authenticator(user, now=NOW)
    code = totp.code_of(seed, step=totp.step_of(NOW))
    return App(seed, confirm_authenticator(user, code, actor=OPERATOR, now=NOW))


def forget_last_step(user: User) -> None:
    """As if half a minute had passed since the last code."""
    with scope.writing(user.tenant_id):
        Authenticator.objects.filter(user_id=user.id).update(last_step=0)


def age_confirmation(user: User, *, minutes: float) -> None:
    """As if the last proof of all the user's sign-ins were so long ago."""
    with scope.writing(user.tenant_id):
        for row in SignIn.objects.filter(user_id=user.id):
            at = row.confirmed_at - timedelta(minutes=minutes)
            SignIn.objects.filter(id=row.id).update(confirmed_at=at)


@dataclass
class Key:
    """A passkey of software; ``uses`` is its counter."""

    id: bytes = field(default_factory=lambda: token_bytes(16))
    private: Any = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    uses: int = 0
    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED

    def made(self, options: dict[str, Any]) -> str:
        """The answer to being asked for a new one."""
        make: Any = ES256.from_cryptography_key  # of which the library tells no type
        public = make(self.private.public_key())
        held = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = self._data(options["rp"]["id"], ATTESTED) + bytes(held)
        told = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=said, attestationObject=told)

    def used(self, options: dict[str, Any]) -> str:
        """The answer to being asked for any."""
        self.uses += 1
        data = self._data(options["rpId"], 0)
        said = self._said("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(said).digest()
        signature = self.private.sign(signed, ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=said, authenticatorData=data, signature=signature
        )

    def _data(self, host: str, more: int) -> bytes:
        head = hashlib.sha256(host.encode()).digest()
        return head + struct.pack(">BI", self.flags | more, self.uses)

    def _said(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(told).encode()

    def _answer(self, **parts: bytes) -> str:
        written = {name: websafe_encode(part) for name, part in parts.items()}
        id_ = websafe_encode(self.id)
        known = {"id": id_, "rawId": id_, "type": "public-key"}
        return json.dumps({**known, "response": written, "clientExtensionResults": {}})


def add_passkey(client: Client, name: str = "phone") -> Key:
    """Somebody signed in makes one."""
    key = Key()
    asked = client.post("/account/passkeys/options").json()["publicKey"]
    told = {"passkey": key.made(asked), "name": name}
    answer = client.post("/account/passkeys", told)
    assert answer.status_code == 303, answer.content
    return key


def use_passkey(client: Client, key: Key) -> Any:
    asked = client.post("/sign-in/passkey/options").json()["publicKey"]
    return client.post("/sign-in/passkey", {"passkey": key.used(asked)})
