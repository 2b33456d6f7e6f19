"""What stands around a page, and the pages that only ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class Notice:
    """A word about what was just done; ``kind`` is done, note or fault."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page.

    ``pages`` are the URL names of the pages this person may open, ``here`` the one
    shown; ``theme`` is light, dark or system; ``support`` is set while the tenant's
    support access is in use, and is shown on every page.
    """

    language: str = "en"
    theme: str = "system"
    here: str = ""
    pages: frozenset[str] = frozenset()
    person: str = ""
    tenant: str = ""
    support: str = ""
    is_support: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInPage:
    """``next`` is a checked local path; ``providers`` are (URL, name) pairs.

    Who is ``waiting`` may type a code along with the password.
    """

    next: str = ""
    fault: str = ""
    action: str = "/sign-in"
    waiting: bool = False
    providers: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInCodePage:
    """The second step: a code from an authenticator, or a recovery code."""

    next: str = ""
    fault: str = ""
    by_code: bool = True
    by_passkey: bool = True


@dataclass(frozen=True, slots=True)
class CopyPage:
    """Asks where a copy of a chat log is to go; ``uses`` if it is restricted."""

    action: str
    back: str
    address: str = ""
    uses: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """Asks what is right of whom an interaction is with; ``known`` is what stands."""

    action: str
    back: str
    known: tuple[tuple[str, str], ...]
    kind: str = ""
    value: str = ""
    reason: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReasonPage:
    """Asks why, before an act that was tried. ``hidden`` fields travel along.

    ``target`` is the id of the part of the page that the act's answer takes the place
    of; "" where it is a page or a file of its own.
    """

    action: str
    back: str
    proposed: tuple[str, ...] = ()
    hidden: tuple[Choice, ...] = ()
    target: str = ""
    reason: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Asks once more before something is deleted.

    ``what`` is recording, chat_log or transcript, and ``reason`` what was typed.
    """

    action: str
    what: str
    back: str
    n: int = 1
    reason: str = ""
    fault: str = ""
