"""One's own account, and how a tenant's people sign in."""

from dataclasses import dataclass, field
from datetime import datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class ConfirmingPage:
    """Asks for a proof, and carries along what was sent in ``hidden``.

    ``by_provider`` is the address to prove it at, for one who has no other way.
    """

    action: str
    email: str = ""
    hidden: tuple[Choice, ...] = ()
    by_password: bool = True
    by_code: bool = False
    by_passkey: bool = False
    by_provider: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ShownSignIn:
    """Where somebody is signed in; ``here`` is the one that looks."""

    id: str
    how: str
    browser: str
    network: str
    began_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """A passkey, by the name its owner gave it."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One's own account.

    ``must`` a second factor be set up before anything else is open. ``codes`` are
    recovery codes, shown this once.
    """

    name: str
    email: str
    has_password: bool
    has_authenticator: bool
    codes_left: int
    passkeys: tuple[ShownPasskey, ...]
    sign_ins: tuple[ShownSignIn, ...]
    passkeys_possible: bool
    must: bool = False
    codes: tuple[str, ...] = ()
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthenticatorPage:
    """A seed to take into an authenticator, as a picture and as letters."""

    picture: str
    written: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SignInSettingsPage:
    """How the tenant's people sign in, as typed.

    ``people`` are (id, name) of who may be the break-glass user; ``gives`` are the
    (value, words) that a group of the provider may give.
    """

    values: dict[str, str]
    on: frozenset[str]
    has_secret: bool
    callback: str
    people: tuple[Choice, ...]
    gives: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    faults: dict[str, str] = field(default_factory=dict)
    changed_at: datetime | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class ShownAccess:
    """A line of the access log; ``user`` is empty for somebody unknown."""

    at: datetime
    user: str
    how: str
    went_well: bool
    browser: str
    network: str


@dataclass(frozen=True, slots=True)
class AccessLogPage:
    """The access log; ``next`` is the cursor of what is older, if there is more."""

    items: tuple[ShownAccess, ...]
    days: int
    next: str = ""
