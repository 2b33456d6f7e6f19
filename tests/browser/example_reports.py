"""Made-up results, storage times and nights."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import get_language

from tests.browser.example_hits import AGENTS, NOW, QUEUES, identity_of
from tests.browser.example_interactions import entries
from valv.core.deletions import Cause, DeletionReport, Line
from valv.core.retention import Stored
from valv.lifecycle.processing import (
    Category,
    ProcessingRecord,
    Recipient,
    Safeguard,
)
from valv.portal import words
from valv.portal.contexts.reports import (
    AuditPage,
    DeletionReportPage,
    NightDay,
    NightRun,
    SurveyRow,
    SurveysPage,
    TonightPage,
    Verdict,
)
from valv.sharing.deletion_sheet import told


def _survey_row(i: int) -> SurveyRow:
    score = (9, 10, 3, 7, 8)[i % 5]
    state, identity, _also = identity_of(i, "phone")
    return SurveyRow(
        href=f"/interactions/{i}",
        at=NOW - timedelta(hours=5 * i),
        score=str(score),
        highest=10,
        mood="low" if score < 7 else "mid" if score < 9 else "high",
        comment=("Snabbt och vänligt.", "", "Fick vänta för länge i kön.")[i % 3],
        session=f"7f3a{i:04x}",
        identity_state=state,
        identity=identity,
        media="chat" if i % 4 == 2 else "phone",
        queue=QUEUES[i % 5],
        agents=AGENTS[i % 4],
    )


def surveys() -> SurveysPage:
    counts = (4, 2, 3, 6, 5, 9, 14, 31, 62, 88, 71)
    return SurveysPage(
        period="2026-10-24 – 2026-11-23",
        rows=tuple(_survey_row(i) for i in range(14)),
        distribution=tuple(enumerate(counts)),
        trend=tuple(
            (
                date(2026, 10, 24) + timedelta(days=i),
                7.4 + (i * 37 % 17) / 10 - 0.6,
                6 + i % 9,
            )
            for i in range(30)
        ),
        values={"from": "2026-10-24", "to": "2026-11-23"},
        queues=tuple((name, name) for name in QUEUES),
        count=295,
        mean=8.1,
        next="/surveys?after=x",
        may_export=True,
    )


def tonight() -> TonightPage:
    def night(i: int) -> NightDay:
        taken = (
            ("general", 180 + 31 * i % 70),
            ("recordings", 95 + 53 * i % 80),
            ("chat_logs", 24 + 7 * i % 20),
            ("transcripts", 12),
            ("surveys", 9 + i),
            ("raw_events", 0),
        )
        return NightDay(date(2026, 11, 24) + timedelta(days=i), taken)

    def run(i: int, state: str, *faults: str) -> NightRun:
        at = datetime(2026, 11, 23, 23, 0, tzinfo=UTC) - timedelta(days=i + 1)
        taken = (
            ("general", 201),
            ("recordings", 118),
            ("chat_logs", 31),
            ("identifiers", 44),
        )
        on = date(2026, 11, 23) - timedelta(days=i)
        return NightRun(on, state, at, at + timedelta(seconds=41), taken, 3, faults)

    return TonightPage(
        starts_at=datetime(2026, 11, 23, 23, 0, tzinfo=UTC),
        days=tuple(night(i) for i in range(14)),
        held=3,
        runs=(
            run(0, "done"),
            run(1, "partly", "2 recordings could not be removed from the store."),
            run(2, "done"),
        ),
    )


def processing_record() -> ProcessingRecord:
    """As a tenant has it that measures all but one."""
    counts = dict.fromkeys(words.RECIPIENTS, 3)
    return ProcessingRecord(
        controller="Acme",
        country="SE",
        timezone="Europe/Stockholm",
        at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        purposes=tuple(words.SERVES),
        people=tuple(words.PEOPLE),
        categories=tuple(
            Category(stored.value, None if n == 1 else 30 * n, 1_200 * n)
            for n, stored in enumerate(Stored)
        ),
        recipients=tuple(Recipient(who, count) for who, count in counts.items()),
        safeguards=tuple(Safeguard(what, what != "holds") for what in words.SAFEGUARDS),
    )


KEY = (
    "valv/0b7f6f5e-2c55-4a4a-9d0c-4f7b1d3a9e21/1+a1b2c3d4"
    "+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh"
)


def deletion_report() -> DeletionReportPage:
    first, last = date(2026, 1, 1), date(2026, 11, 23)
    line = Line(
        data="general",
        count=18412,
        cause=Cause.STORAGE_TIME,
        first_on=first,
        last_on=last,
        newest_on=date(2026, 5, 26),
        days=180,
        since=date(2025, 12, 1),
    )
    own = replace(line, data="recordings", count=20318, days=14, newest_on=last)
    hand = replace(line, count=2, cause=Cause.BY_HAND, oldest_on=first)
    job = replace(
        line,
        data="interactions",
        count=4,
        cause=Cause.FORGET,
        newest_on=None,
        job="3771329365974790129",
        entry=4711,
        request="3771329365974790128",
    )
    lines = (line, own, hand, job)
    report = DeletionReport("Acme", first, last, last, 326, 2, lines)
    made = told(report, (get_language() or "en")[:2])
    return DeletionReportPage(str(first), str(last), made, "from=2026-01-01")


def audit_log() -> AuditPage:
    return AuditPage(
        entries=entries(16),
        values={"from": "2026-11-01"},
        several={"action": ("play", "delete"), "content": ("recording",)},
        next="1795957500000.4184",
        verdict=Verdict(ok=True, size=4_200, pending=1, key=KEY),
        may_verify=True,
    )
