"""The rules of secure links: how long, how often, and what a code is worth.

A link alone opens nothing. Its visitor also needs the code that was last sent, to be
entered soon and with few tries, and accepts the terms; then a visit lasts two hours.
``docs/secure-links.md`` says what guessing is worth.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from valv.core.errors import Malformed

MOST_DAYS, MOST_PLAYS = 30, 50
CODE_DIGITS = 6
CODE_LIVES = timedelta(minutes=10)
CODE_PAUSE = timedelta(seconds=30)
CODE_TRIES, MOST_CODES = 5, 20
VISIT_LIVES = timedelta(hours=2)
TERMS = 1  # the version of the terms that are shown
_TENANT, _SECRET = 4, 32


class Ended(StrEnum):
    """Why a link leads nowhere any more."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    USED = "used"
    UNSENT = "unsent"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Limits:
    """For how many days a link lives, and how often what it leads to may be opened."""

    days: int
    plays: int

    def __post_init__(self) -> None:
        """Raises Malformed, naming the field."""
        for name, most in (("days", MOST_DAYS), ("plays", MOST_PLAYS)):
            if not 1 <= getattr(self, name) <= most:
                raise Malformed(f"A number from 1 to {most}.", field=name)

    def expires_at(self, now: datetime) -> datetime:
        return now + timedelta(days=self.days)


def token_of(tenant_id: int, secret: bytes) -> str:
    """What stands in a link: whose it is, and 32 bytes that nobody guesses.

    48 letters, digits, - and _.
    """
    return urlsafe_b64encode(tenant_id.to_bytes(_TENANT) + secret).decode()


def tenant_in(token: str) -> int | None:
    """Whose a token is; None for what is no token."""
    try:
        raw = urlsafe_b64decode(token)
    except ValueError:
        return None
    return int.from_bytes(raw[:_TENANT]) if len(raw) == _TENANT + _SECRET else None
