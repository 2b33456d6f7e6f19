"""Secure links: the form to send one, the list of them, and the visitor's page."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice
from valv.portal.contexts.interaction import Link, Turn


@dataclass(frozen=True, slots=True)
class LinksPage:
    """The newest links; ``next`` asks for older ones."""

    links: tuple[Link, ...]
    next: int | None = None


@dataclass(frozen=True, slots=True)
class NewLinkPage:
    """Asks what to share, with whom and for how long; ``uses`` if it is restricted.

    ``faults`` are by field; ``places`` are (value, name) of what may be shared.
    """

    action: str
    back: str
    places: tuple[Choice, ...]
    chosen: frozenset[str]
    address: str = ""
    code_to: str = ""
    days: str = "7"
    plays: str = "5"
    reason: str = ""
    uses: tuple[str, ...] = ()
    by_sms: bool = False
    faults: tuple[Choice, ...] = ()

    def fault(self, name: str) -> str:
        return dict(self.faults).get(name, "")


@dataclass(frozen=True, slots=True)
class SharedItem:
    """One copy on the visitor's page; ``audio`` or ``turns`` once it is opened."""

    id: int
    kind: str
    n: int
    seconds: float | None = None
    audio: str = ""
    turns: tuple[Turn, ...] | None = None


@dataclass(frozen=True, slots=True)
class SharedPage:
    """What a visitor sees: ``step`` is nowhere, ask, code or open."""

    step: str
    token: str = ""
    tenant: str = ""
    fault: str = ""
    items: tuple[SharedItem, ...] = ()
    plays_left: int = 0
    expires_at: datetime | None = None
