"""Until when each part of an interaction is kept, and why: what its storage terms say.

It tells of times and rules, and of nobody. What is under a hold stays, whatever else
says so; what the minimum forbids may not be removed by anybody before its date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from valv.archive.access import readable_interaction
from valv.archive.contents import rows_of
from valv.archive.flags import Flag
from valv.archive.models import Interaction, Survey
from valv.archive.storage_terms import terms_of
from valv.core.interaction import ContentKind, ContentState
from valv.core.retention import FOREVER, Stored, first_night, stored_as
from valv.core.storage_rules import Decision, Terms
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.storage_terms import book, storage_policy, version_numbers


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A class of what is there: when it goes, by which rule and decision.

    ``days`` and ``goes_on`` are None for what is kept for ever; ``rule`` is empty where
    the general times decide. Until ``may_go_on`` a minimum forbids to remove it.
    """

    stored: Stored
    days: int | None
    goes_on: date | None
    rule: str
    decision: Decision
    may_go_on: date | None


@dataclass(frozen=True, slots=True)
class Explained:
    """By which version of the storage times an interaction is kept, part by part."""

    version: int
    held: bool
    parts: list[KeptPart]


def explain(caller: Caller, interaction_id: str) -> Explained:
    """Say when each part goes. Raises Forbidden, or NotFound."""
    zone = ZoneInfo(caller.tenant.timezone)
    with scope.reading(caller.tenant.id):
        row = readable_interaction(caller, interaction_id)
        version = version_numbers().get(book().version_for(row.terms), 0)
        parts = parts_kept(terms_of(row), row, ended_at=row.aged_from, zone=zone)
        return Explained(version, bool(row.held), parts)


def parts_kept(
    terms: Terms, row: Interaction, *, ended_at: datetime, zone: ZoneInfo
) -> list[KeptPart]:
    """Each class that there is something of. Inside a scope."""
    there = _there(row)
    found = [
        _part(terms, stored, ended_at=ended_at, zone=zone)
        for stored in Stored
        if stored in there
    ]
    survey = next((one for one in found if one.stored is Stored.SURVEYS), None)
    if survey is not None and survey.goes_on is not None:
        found += _score_kept(row, survey.goes_on, zone=zone)
    return found


def _score_kept(row: Interaction, goes_on: date, *, zone: ZoneInfo) -> list[KeptPart]:
    """What stays of the score, by day and queue, when the survey itself goes."""
    policy = storage_policy()
    days = policy.times.effective(Stored.SCORES)
    answers = Survey.objects.filter(interaction_id=row.id, score__isnull=False)
    answered = answers.values_list("at", flat=True).first()
    if days == 0 or answered is None:
        return []
    until = first_night(days, ended_at=answered, zone=zone)
    if until is not None and until <= goes_on:
        return []
    shown = None if days is FOREVER else days
    return [KeptPart(Stored.SCORES, shown, until, "", policy.decision, None)]


def _there(row: Interaction) -> set[Stored]:
    restricted = bool(row.restricted)
    kinds = _present(row.id)
    found = {stored_as(kind, restricted=restricted) for kind in kinds}
    if row.flags & Flag.SURVEY:
        found.add(Stored.SURVEYS)
    if row.flags & Flag.RAW:
        found.add(Stored.RAW_EVENTS)
    return found | {Stored.GENERAL}


def _present(interaction_id: int) -> Iterable[ContentKind]:
    number = ContentState.PRESENT.number
    rows = (row for row in rows_of([interaction_id]) if row.state == number)
    return {ContentKind.numbered(row.kind) for row in rows}


def _part(
    terms: Terms, stored: Stored, *, ended_at: datetime, zone: ZoneInfo
) -> KeptPart:
    period, floor = terms.period(stored), terms.floor(stored)
    least = first_night(floor.days, ended_at=ended_at, zone=zone)
    return KeptPart(
        stored=stored,
        days=None if period.days is FOREVER else period.days,
        goes_on=terms.goes_on(stored, ended_at=ended_at, zone=zone),
        rule=period.rule,
        decision=period.decision,
        may_go_on=least if floor.days else None,
    )
