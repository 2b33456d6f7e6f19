"""What an import did: interactions counted, and what did not come in named."""

from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from valv.core.errors import Malformed, Refused, ValvError
from valv.intake.arrivals import Outcome, Result

RANK = {Result.UNCHANGED: 0, Result.UPDATED: 1, Result.IMPORTED: 2}


class RefusedSource(Struct, frozen=True):
    """Something a rule refused, and from where it came."""

    source: str
    rule: str
    reason: str


class FailedSource(Struct, frozen=True):
    """Something that could not be read, and from where it came."""

    source: str
    reason: str


@dataclass(slots=True)
class Report:
    """Each interaction counts once, however many sources told of it."""

    refused: list[RefusedSource] = field(default_factory=list)
    failed: list[FailedSource] = field(default_factory=list)
    results: dict[int | str, Result] = field(default_factory=dict)

    def count(self, interaction: int | str, result: Result) -> None:
        """Note what became of an interaction; the most that happened to it stands."""
        before = self.results.get(interaction, Result.UNCHANGED)
        self.results[interaction] = max(before, result, key=lambda one: RANK[one])

    def take(self, source: str, outcome: Outcome) -> None:
        self.count(outcome.interaction_id, outcome.result)
        for refusal in outcome.refused:
            self.refuse(source, refusal.rule, refusal.detail)
        for reason in outcome.amiss:
            self.fail(source, reason)

    def note(self, source: str, error: ValvError) -> None:
        """Name what was wrong with a source, never what is in it."""
        if isinstance(error, Refused):
            self.refuse(source, error.rule, error.detail)
            return
        at = error.field if isinstance(error, Malformed) else None
        self.fail(source, f"{at}: {error.detail}" if at else error.detail)

    def refuse(self, source: str, rule: str, reason: str) -> None:
        self.refused.append(RefusedSource(source, rule, reason))

    def fail(self, source: str, reason: str) -> None:
        self.failed.append(FailedSource(source, " ".join(reason.split())))

    def counted(self, result: Result) -> int:
        return sum(one is result for one in self.results.values())

    def as_json(self) -> dict[str, Any]:
        counts = {result.value: self.counted(result) for result in Result}
        return {**counts, "refused": self.refused, "failed": self.failed}
