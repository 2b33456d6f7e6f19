"""What the page of API tokens shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token; ``scopes`` are codes, ``state`` is of ``core.tokens``.

    ``may_rotate`` says whether this person has all rights that it has.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    state: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None = None
    may_rotate: bool = True


@dataclass(frozen=True, slots=True)
class TokensPage:
    """Tokens that let in, and those that do not any more.

    ``secret`` is shown once, just made, with the name of its token. ``typed`` is what
    stood in the form, ``may_give`` the scopes this person may give.
    """

    valid: tuple[TokenRow, ...]
    ended: tuple[TokenRow, ...] = ()
    may_give: tuple[str, ...] = ()
    longest: int | None = None
    keep_hours: int = 24
    secret: str = ""
    secret_of: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
