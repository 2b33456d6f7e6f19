"""Raw events, as a list of their own or under their interaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One event; ``fields`` are names and values, None where the person was cut."""

    at: datetime
    type: str
    session: str
    href: str
    event_id: str
    sequence: int | None
    fields: tuple[Choice, ...] | None


@dataclass(frozen=True, slots=True)
class RawEvents:
    """Those of one interaction, oldest first; ``more`` that there are more."""

    rows: tuple[RawEvent, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class RawDataPage:
    """A page of the list; ``next`` is the ``after`` value of the page that follows."""

    rows: tuple[RawEvent, ...]
    values: Mapping[str, str]
    types: tuple[Choice, ...]
    chosen: tuple[str, ...] = ()
    faults: Mapping[str, str] | None = None
    next: str = ""
    may_export: bool = False
