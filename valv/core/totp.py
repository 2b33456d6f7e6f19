"""Codes of an authenticator by time (RFC 6238): six digits, a new one each 30 s.

A code is taken from the step now, the one before and the one after, for clocks differ,
and each step once: a code that was seen over a shoulder opens nothing again.
"""

import base64
from datetime import datetime
from hmac import compare_digest
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SEED_BYTES = 20  # RFC 4226 section 4, R6
STEP, DIGITS = 30, 6
AROUND = (0, -1, 1)


def code_of(seed: bytes, *, step: int) -> str:
    made = TOTP(seed, DIGITS, SHA1(), STEP)  # noqa: S303 -- what authenticators know
    return made.generate(step * STEP).decode()


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def step_matching(seed: bytes, code: str, *, at: datetime, after: int) -> int | None:
    """The step whose code it is, later than ``after``; None for no such step."""
    typed = code.encode()
    here = step_of(at)
    found = [
        step
        for step in (here + offset for offset in AROUND)
        if compare_digest(code_of(seed, step=step).encode(), typed) and step > after
    ]
    return found[0] if found else None


def written(seed: bytes) -> str:
    """As one types it into an authenticator: base32 in groups of four."""
    text = base64.b32encode(seed).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address_of(seed: bytes, *, account: str, issuer: str) -> str:
    """The otpauth address that a picture carries to an authenticator."""
    asked = {
        "secret": base64.b32encode(seed).decode(),
        "issuer": issuer,
        "period": STEP,
        "digits": DIGITS,
    }
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"
