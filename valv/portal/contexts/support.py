"""Support access, as a tenant sees it and as who supports does."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice
from valv.portal.contexts.interaction import LogEntry


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant; ``state`` is open, over or ended. Empty scopes mean everything."""

    number: int
    to: str
    state: str
    reason: str
    rights: tuple[str, ...]
    queues: tuple[str, ...]
    interactions: tuple[str, ...]
    since: datetime | None
    before: datetime | None
    created_at: datetime
    created_by: str
    until: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    used_at: datetime | None = None
    used_by: str = ""
    tenant: str = ""
    tenant_id: int = 0


@dataclass(frozen=True, slots=True)
class GrantForm:
    """What is typed to let support in; ``who`` are a team or a person each."""

    action: str
    who: tuple[Choice, ...] = ()
    chosen: str = ""
    rights: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset({"see"})
    queues: tuple[Choice, ...] = ()
    in_queues: frozenset[str] = frozenset()
    interactions: str = ""
    since: str = ""
    before: str = ""
    days: str = "1"
    reason: str = ""
    fault: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class SupportPage:
    """The grants of a tenant, what support does there, and the form for a new one."""

    grants: tuple[Grant, ...]
    done: tuple[LogEntry, ...]
    form: GrantForm


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The tenants that let somebody in."""

    grants: tuple[Grant, ...]
    person: str = ""
