"""Made-up people to be anonymised, and what is found of them."""

from datetime import timedelta

from tests.browser.example_hits import NOW, QUEUES
from valv.portal.contexts.privacy import (
    AlsoSeenRow,
    AnonymisePage,
    EntryRow,
    HitRow,
    JobPage,
    JobProgress,
    JobRow,
    LinePlanned,
    LineRefused,
    ManyPage,
    PersonKnown,
    TypedPerson,
)

RECEIPT = """valv receipt of deletion 1
log valv/0b6f0f4e-5a52-4a0e-9d0e-2f4f7c6f7a11/1
entry 4711
job 3765203606964170587
asked 2026-11-23T13:05:00.000Z
ended 2026-11-23T13:05:01.204Z
act forget, anonymise, delete recording, delete chat_log, delete transcript
state done
count chat_logs 3
count identifiers 4
count interactions 17
count recordings 12

— valv/0b6f0f4e-5a52-4a0e-9d0e-2f4f7c6f7a11/1 8Jk2Zm9yIGEgbWFkZS11cCByZWNlaXB0
"""
ID = "3765203606964170587"


def anonymise(fault: str = "") -> AnonymisePage:
    return AnonymisePage(
        typed=TypedPerson(phone="070-123 45 67"),
        jobs=tuple(_row(i) for i in range(5)),
        entries=(EntryRow(1, f"/anonymise/{ID}", NOW, "Cleo Ek", NOW),),
        wrong="phone" if fault else "",
        fault=fault,
    )


def nobody_yet() -> AnonymisePage:
    return AnonymisePage(typed=TypedPerson())


def many_persons() -> ManyPage:
    planned = [(2, 17, 0), (3, 0, 0), (5, 1_204, 2)]
    return ManyPage(
        planned=tuple(
            LinePlanned(n, ID, "#", found, held) for n, found, held in planned
        ),
        refused=(LineRefused(4, "phone"), LineRefused(6, "email")),
        leaves="raw data",
    )


def _row(i: int) -> JobRow:
    state = ("running", "waiting", "partly", "done", "done")[i]
    return JobRow(
        href=f"/anonymise/{i}",
        created_at=NOW - timedelta(days=9 * i),
        by="Cleo Lind",
        about=("+46701234567, anna@example.com", "+46731234567", "@kim", "", "")[i],
        state=state,
        kind="forget",
        matched=(17, 3, 41, 5_021, 1)[i],
        held=2 * (state == "partly"),
    )


def _hit(i: int, who: str = "Anna Exempel, +46701234567") -> HitRow:
    return HitRow(
        id=str(i),
        href=f"/interactions/{i}",
        at=NOW - timedelta(days=3 * i, hours=i),
        media=("phone", "chat", "phone", "email")[i % 4],
        who=who,
        queue=QUEUES[i % 5],
        contents=("1", "1", "2", "")[i % 4],
        struck=i == 4,
        held=i == 2,
    )


def _job(state: str, **more: object) -> JobPage:
    known: dict[str, object] = {
        "progress": JobProgress(state, "#", done=9, total=17, is_going=False),
        "known": (
            PersonKnown(
                "phone",
                "+46701234567",
                "+46 70 123 45 67 · 070-123 45 67 · 0701234567 · 0046701234567",
            ),
            PersonKnown("email", "anna@example.com"),
        ),
        "places": (
            ("archive", 17), ("surveys", 4), ("raw_data", 121), ("consents", 9),
            ("audit_log", 2), ("recordings", 12), ("chat_logs", 1),
        ),
        "hits": tuple(_hit(i) for i in range(8)),
        "more_hits": 10,
        **more,
    }  # fmt: skip
    known |= {"id": ID, "kind": "forget", "created_at": NOW, "by": "Cleo Lind"}
    return JobPage(typed=TypedPerson(), **known)  # type: ignore[arg-type]


def plan() -> JobPage:
    seen = (
        AlsoSeenRow("1", "phone", "+46812345678", 3, 214),
        AlsoSeenRow("2", "email", "kim@example.com", 1, 2),
    )
    progress = JobProgress("planned", "#", done=0, total=17, held=1)
    return _job("planned", progress=progress, also_seen=seen, keeps_recordings=True)


def running() -> JobPage:
    return _job("running", gone_at=NOW, keeps_recordings=True)


def partly() -> JobPage:
    progress = JobProgress("partly", "#", done=17, total=17, held=2, failed=True)
    return _job("partly", progress=progress, gone_at=NOW)


def done() -> JobPage:
    progress = JobProgress("done", "#", done=17, total=17)
    return _job(
        "done",
        progress=progress,
        known=(),
        gone_at=NOW,
        ended_at=NOW,
        hits=tuple(_hit(i, "Anonymised") for i in range(4)),
        receipt=RECEIPT,
        may_delete=True,
        keeps_recordings=True,
    )
