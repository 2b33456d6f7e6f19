"""The recording rules as they are told, typed and changed."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class Told:
    """What one mode is laid on; ``places`` are pairs of what it is and its name."""

    mode: str
    places: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RulesTold:
    """The rules of one version, to be read."""

    modes: tuple[Told, ...]
    groups: tuple[Choice, ...]
    consent_needed: bool
    acceptance_needed: bool
    refuse_unruled: bool
    question: str
    question_version: str


@dataclass(frozen=True, slots=True)
class VersionTold:
    """A version: since when, on whose decision, and what it said."""

    version: int
    since: datetime | None
    set_by: str
    reason: str
    rules: RulesTold


@dataclass(frozen=True, slots=True)
class TypedRule:
    """A rule as it stands in the form."""

    mode: str = ""
    on: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """A user group as it stands in the form, an agent on each line."""

    name: str = ""
    agents: str = ""


@dataclass(frozen=True, slots=True)
class TypedPolicy:
    """The form; ``switches`` are the names of those that are on."""

    rules: tuple[TypedRule, ...]
    groups: tuple[TypedGroup, ...]
    switches: frozenset[str]
    question: str
    question_version: str
    reason: str
    version: str


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change before it is saved, in words; empty is what is not there."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RecordingRulesPage:
    """``typed`` is None for whoever may only read; ``changes`` until a preview."""

    current: VersionTold
    older: tuple[VersionTold, ...]
    typed: TypedPolicy | None = None
    changes: tuple[PolicyChange, ...] | None = None
    fault: str = ""
    queues: tuple[str, ...] = ()
    agents: tuple[Choice, ...] = ()
