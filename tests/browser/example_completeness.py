"""Made-up completeness: a month with one bad day."""

from datetime import date, timedelta

from tests.browser.example_hits import NOW, QUEUES
from valv.core.completeness import Gap
from valv.portal import words
from valv.portal.contexts.completeness import (
    Alarm,
    CompletenessPage,
    Day,
    Lacking,
    News,
)

BAD = 21


def _day(i: int) -> Day:
    missing = (
        ("recording", 40 if i == BAD else 1 + i * 7 % 4),
        ("end", i * 5 % 3),
        ("chat_log", 12 if i == BAD else i % 2),
        ("agent", i * 3 % 2),
    )
    there = tuple((gap, n) for gap, n in missing if n)
    return Day(
        on=date(2026, 10, 25) + timedelta(days=i),
        interactions=140 + i * 13 % 50,
        expected=420 + i * 31 % 90,
        missing=there,
        percent=100 * sum(n for _, n in there) / (420 + i * 31 % 90),
        is_worse=i == BAD,
    )


def _row(i: int) -> Lacking:
    gaps = ((("recording", 2), False), (("chat_log", 0), False), (("end", 0), True))
    (gap, n), is_here = gaps[i % 3]
    said = f"Recording {n} not here" if n else words.word(words.GAPS, gap)
    return Lacking(
        href=f"/interactions/{i}",
        at=NOW - timedelta(minutes=47 * i),
        media="chat" if i % 3 == 1 else "phone",
        session=f"7f3a{i:04x}",
        queue=QUEUES[i % 5],
        gaps=((said, is_here),),
    )


def alarm(**faults: str) -> Alarm:
    return Alarm(
        content_hours="4",
        end_hours="24",
        worse_by="5",
        webhook="https://larm.example/valv",
        secret="3f0c9a" * 10,
        news=(
            News(NOW, "waiting", "status 503"),
            News(NOW - timedelta(days=1), "taken"),
            News(NOW - timedelta(days=9), "given_up", "no answer (TimeoutError)"),
        ),
        faults=faults,
    )


def completeness(**more: object) -> CompletenessPage:
    known: dict[str, object] = {
        "days": tuple(map(_day, range(30))),
        "rows": tuple(map(_row, range(12))),
        "values": {"from": "2026-10-25", "to": "2026-11-23", "gap": ""},
        "gaps": tuple((g.value, words.word(words.GAPS, g.value)) for g in Gap),
        "totals": (("recording", 102), ("chat_log", 27), ("end", 30), ("agent", 15)),
        "expected": 13_902,
        "missing": 174,
        "percent": 1.25,
        "highest": 20,
        "counted_at": NOW,
        "next": "/completeness?after=1.2",
        "new_queues": ("Kampanj höst", "Test 4"),
        "alarm": alarm(),
        **more,
    }
    return CompletenessPage(**known)  # type: ignore[arg-type]


def nothing_missing() -> CompletenessPage:
    return completeness(
        rows=(), totals=(), missing=0, percent=0.0, new_queues=(), alarm=None, next=""
    )
