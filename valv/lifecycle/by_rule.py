"""By which version of the storage times, and which of its rules, a night took what.

A night's report counts by class, and here by the terms too under which that went.
Versions never change, so a report can still say years later how long was asked for,
and on whose decision.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from valv.core.deletions import Cause, Line
from valv.core.retention import Stored
from valv.core.storage_rules import Terms
from valv.lifecycle.due import Due
from valv.lifecycle.night import Counts, Night

MARK = "by_rule"
CLASSES = frozenset(stored.value for stored in Stored)
DAY = timedelta(days=1)


class Taken(NamedTuple):
    """What of a class went in one night, by a version and those rules that fit."""

    data: Stored
    version: int
    rules: frozenset[str]
    number: int


def noting(night: Night, due: Due) -> Night:
    """The same night, which counts under which terms each batch went as well."""
    kept = due.kept
    told = [kept.version, sorted(kept.terms.matched)]

    def note(counts: Counts) -> None:
        ours = {name: n for name, n in counts.items() if name in CLASSES}
        named = {_name(name, told): n for name, n in ours.items()}
        night.note(counts + Counter(named))

    return replace(night, note=note)


def _name(data: str, told: list[object]) -> str:
    return f"{MARK} {json.dumps([data, *told])}"


def taken_in(report: Mapping[str, int]) -> Iterator[Taken]:
    """What a night's report tells of it; older ones told nothing."""
    for name, count in report.items():
        mark, _, told = name.partition(" ")
        if mark == MARK:
            data, version, rules = json.loads(told)
            yield Taken(Stored(data), version, frozenset(rules), count)


def line_of(taken: Taken, terms: Terms, *, night: date, since: date | None) -> Line:
    """What went, by how many days, which rule and whose decision."""
    period = terms.period(taken.data)
    days = period.days if isinstance(period.days, int) else None
    decision = period.decision
    return Line(
        data=taken.data.value,
        count=taken.number,
        cause=Cause.STORAGE_TIME,
        first_on=night,
        last_on=night,
        newest_on=None if days is None else night - (days + 1) * DAY,
        days=days,
        since=since,
        rule=period.rule,
        decision=" ".join(filter(None, (decision.number, str(decision.on or "")))),
    )
