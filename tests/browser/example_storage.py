"""Made-up storage times and rules, and changes of them."""

from datetime import date

from tests.browser.example_hits import NOW, QUEUES
from valv.portal.contexts.storage import (
    Changing,
    ClassForeseen,
    HowChanged,
    StorageChange,
    StorageRulesPage,
    StorageTime,
    StorageTimesPage,
    TypedRule,
    TypedTime,
    WaitingChange,
)

TOLD = (
    ("Queue", "Skador, Ärenden"),
    ("Medium", "Phone"),
    ("At most", "Recordings 1 825 days, Transcripts 365 days"),
    ("At least", "Recordings 365 days"),
    ("Decision", "2026/114 2026-09-01"),
)


def _change() -> StorageChange:
    recordings = ClassForeseen(
        "recordings",
        before=30,
        after=14,
        goes=1_804,
        oldest_on=date(2026, 10, 24),
        newest_on=date(2026, 11, 8),
        bytes=4_812_330_112,
        held=12,
        under_minimum=104,
        samples=tuple((date(2026, 10, 24 + i), f"/interactions/{i}") for i in range(5)),
    )
    said = (
        ("Minimum period", "", "Recordings 7 days"),
        ("Rule “Claims”", "", "; ".join(f"{name}: {told}" for name, told in TOLD)),
    )
    return StorageChange((recordings, ClassForeseen("transcripts", 90, 180, 0)), said)


def _changing(*, preview: bool, waits: bool = False) -> Changing:
    waiting = WaitingChange(
        asked_at=NOW,
        asked_by="Alma Berg",
        said=(("Recordings", "30 days", "14 days"), *_change().said),
        may_confirm=True,
    )
    return Changing(
        version="3",
        change=_change() if preview else None,
        waiting=waiting if waits else None,
    )


def storage_times(*, preview: bool, waits: bool = False) -> StorageTimesPage:
    typed = TypedTime
    fault = "A whole number of days, from 0 to 36500." if preview else ""
    return StorageTimesPage(
        times=(
            StorageTime(typed("general", "days", "180"), 180, 41_204, NOW.date()),
            StorageTime(typed("recordings", "days", "14", "7"), 14, 3_911, NOW.date()),
            StorageTime(typed("chat_logs", "days", "x", "", fault), 30, 870),
            StorageTime(typed("transcripts", "follow", ""), 180, 640, NOW.date()),
            StorageTime(typed("raw_events", "ever", ""), None, 412_880, more=True),
            StorageTime(typed("log_entries", "days", "92"), 92, 8_112, NOW.date()),
            StorageTime(typed("scores", "days", "760"), 760, 5_207, NOW.date()),
        ),
        changing=_changing(preview=preview, waits=waits),
        how=HowChanged("3", two_persons=True, wrong="From 0 to 90." if preview else ""),
        number="2026/114",
        decided_on="2026-09-01",
        rules=("Claims", "Youth line"),
        changed_at=NOW,
        changed_by="Alma Berg",
    )


def storage_rules(*, preview: bool) -> StorageRulesPage:
    times = tuple(
        TypedTime(key, *how)
        for key, *how in (
            ("general", "follow", ""),
            ("recordings", "days", "1825", "365"),
            ("transcripts", "days", "365"),
            ("surveys", "ever", ""),
        )
    )
    claims = TypedRule(
        name="Claims",
        queue="Skador\nÄrenden",
        media=frozenset({"phone"}),
        times=times,
        number="2026/114",
        decided_on="2026-09-01",
        told=TOLD,
    )
    wrong = TypedRule(name="Youth line", restricted="yes", times=times, fault="Not so.")
    return StorageRulesPage(
        rules=(claims, wrong) if preview else (claims,),
        changing=_changing(preview=preview),
        names={"queue": tuple(QUEUES), "group": ("Day",), "topic": ("Damage",)},
    )
