"""Signed notes and checkpoints, as C2SP writes them (signed-note, tlog-checkpoint).

A checkpoint says in three lines which log, how many entries and which root; the note
puts the log's Ed25519 signature under it. Plain text, so that it can be mailed, printed
and kept anywhere. A note that is not signed by the key asked for is refused whole.
"""

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from valv.core.errors import Malformed
from valv.core.merkle import HASH

ED25519 = b"\1"
KEY_ID = 4
LONGEST = 4096
MOST_ENTRIES = 1 << 62
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a log has come: its first ``size`` entries have this ``root``."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """The log's own key, from a seed of 32 bytes."""

    origin: str
    seed: bytes

    def sign(self, text: str) -> str:
        """The note: the text, an empty line, the signature."""
        key = _private(self.seed)
        signed = _key_id(self.origin, self._public()) + key.sign(text.encode())
        return f"{text}\n— {self.origin} {b64encode(signed).decode()}\n"

    def key(self) -> str:
        """The public key, in the form that verifiers are given: name+id+key."""
        public = self._public()
        told = b64encode(ED25519 + public).decode()
        return f"{self.origin}+{_key_id(self.origin, public).hex()}+{told}"

    def _public(self) -> bytes:
        return _private(self.seed).public_key().public_bytes_raw()


@lru_cache(maxsize=64)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID]


def checked(note: str, key: str) -> Checkpoint:
    """The checkpoint in a note that the key has signed. Raises Malformed."""
    name, public = _read_key(key)
    text, gap, signatures = note.partition("\n\n")
    if len(note) > LONGEST or not gap:
        raise Malformed("That is no signed note.", field="checkpoint")
    body = text + "\n"
    for signer, told in _SIGNATURE.findall(signatures):
        if signer == name and _is_signed(body, told, name, public):
            return _read(body, origin=name)
    raise Malformed("The checkpoint is not signed by this log.", field="checkpoint")


def _is_signed(body: str, told: str, name: str, public: bytes) -> bool:
    try:
        signed = b64decode(told, validate=True)
        if signed[:KEY_ID] != _key_id(name, public):
            return False
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signed[KEY_ID:], body.encode())
    except (binascii.Error, InvalidSignature):
        return False
    return True


def _read_key(key: str) -> tuple[str, bytes]:
    try:
        name, told_id, told = key.split("+", 2)
        public = b64decode(told, validate=True)
    except ValueError:
        raise Malformed("That is no verifier key.", field="key") from None
    fits = public[:1] == ED25519 and len(public) == HASH + 1
    if not fits or _key_id(name, public[1:]).hex() != told_id:
        raise Malformed("That is no verifier key.", field="key")
    return name, public[1:]


def _read(body: str, *, origin: str) -> Checkpoint:
    lines = body.split("\n")
    fits = len(lines) > 3 and lines[0] == origin
    if not fits or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise Malformed("That is no checkpoint of this log.", field="checkpoint")
    try:
        root = b64decode(lines[2], validate=True)
    except binascii.Error:
        root = b""
    if len(root) != HASH or int(lines[1]) > MOST_ENTRIES:
        raise Malformed("That is no checkpoint of this log.", field="checkpoint")
    return Checkpoint(origin, int(lines[1]), root)
