"""The register of requests: all of them, and one with what can be done next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request; codes are of ``core.privacy_requests``.

    ``who`` is empty once it names nobody; ``job`` is the address of the job's page.
    """

    id: str
    kind: str
    state: str
    who: str
    received_on: date
    due_on: date
    registered_by: str
    extended_for: str = ""
    checked_by: str = ""
    decision: str = ""
    decided_for: str = ""
    decided_at: datetime | None = None
    answered_how: str = ""
    answered_at: datetime | None = None
    job: str = ""


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """``faults`` are sentences by field, ``typed`` what stood there."""

    waiting: tuple[RequestRow, ...]
    answered: tuple[RequestRow, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request. ``jobs`` are jobs that may have done it, by id and words."""

    row: RequestRow
    jobs: tuple[tuple[str, str], ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
