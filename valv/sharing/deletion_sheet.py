"""The deletion report as a table of words: on a page, as CSV, and printed.

Nothing in it is anybody's data, so to take it out is not entered in the log.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO

from valv.core.deletions import Cause, DeletionReport, Line
from valv.sharing.deletion_words import WORDS
from valv.sharing.pdf_table import Sheet, pdf

CSV = "text/csv"
DASH = "–"
COLUMNS = ("data", "count", "removed", "span", "rule", "decision")
COUNT = COLUMNS.index("count")

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """The report in words; each row has a cell for each heading."""

    title: str
    about: str
    notes: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    page: str


def told(report: DeletionReport, language: str) -> Told:
    """The report in a language; in English where there is no other."""
    words = WORDS.get(language, WORDS["en"])
    nights = words["nights"].format(nights=report.nights, unfinished=report.unfinished)
    hand = any(line.cause is Cause.BY_HAND for line in report.lines)
    notes = [nights, words["hand"] if hand else "", _lack(report, words)]
    return Told(
        title=words["title"],
        about=words["period"].format(
            tenant=report.tenant,
            from_on=report.from_on,
            to_on=report.to_on,
            made_on=report.made_on,
        ),
        notes=tuple(filter(None, notes)),
        headings=tuple(words[name] for name in COLUMNS),
        rows=tuple(_row(line, words) for line in report.lines),
        page=words["page"],
    )


def _lack(report: DeletionReport, words: Words) -> str:
    return "" if report.lines else words["nothing"]


def _row(line: Line, words: Words) -> tuple[str, ...]:
    tell = TELL[line.cause]
    return (
        words[line.data],
        str(line.count),
        _between(line.first_on, line.last_on),
        _span(line, words),
        *tell(line, words),
    )


def _between(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} {DASH} {last}"


def _span(line: Line, words: Words) -> str:
    if line.newest_on is None:
        return ""
    if line.oldest_on is None:
        return words["until"].format(day=line.newest_on)
    return _between(line.oldest_on, line.newest_on)


def _by_time(line: Line, words: Words) -> tuple[str, str]:
    rule = words["with_others"]
    if line.days is not None:
        rule = words["storage_time"].format(days=line.days)
    if line.rule:
        rule += ", " + words["by_rule"].format(rule=line.rule)
    set_on = words["as_begun"]
    if line.since is not None:
        set_on = words["set_on"].format(day=line.since)
    return rule, ", ".join(filter(None, (line.decision, set_on)))


def _by_hand(_: Line, words: Words) -> tuple[str, str]:
    return words["by_hand"], words["log"]


def _by_job(line: Line, words: Words) -> tuple[str, str]:
    decision = words["job"].format(job=line.job, entry=line.entry)
    if line.request is not None:
        decision += ", " + words["request"].format(request=line.request)
    return words[line.cause.value], decision


TELL: Mapping[Cause, Callable[[Line, Words], tuple[str, str]]] = {
    Cause.STORAGE_TIME: _by_time,
    Cause.BY_HAND: _by_hand,
    Cause.DELETE: _by_job,
    Cause.FORGET: _by_job,
}


def file_name(report: DeletionReport, media_type: str) -> str:
    ending = media_type.partition("/")[2]
    return f"deletion-report_{report.from_on}_{report.to_on}.{ending}"


def deletion_csv(report: DeletionReport, language: str) -> bytes:
    """A heading and a line for each; RFC 4180, in UTF-8 with the mark Excel needs."""
    out, made = StringIO(newline=""), told(report, language)
    csv.writer(out).writerows([made.headings, *made.rows])
    return out.getvalue().encode("utf-8-sig")


def deletion_pdf(report: DeletionReport, language: str, *, now: datetime) -> bytes:
    """The same to print and to file away."""
    made = told(report, language)
    sheet = Sheet(
        title=made.title,
        notes=(made.about, *made.notes),
        headings=made.headings,
        rows=made.rows,
        shares=(2.2, 0.8, 2, 2.2, 2.2, 3.2),
        at_right=(COUNT,),
        page=made.page,
    )
    return pdf(sheet, now=now)
