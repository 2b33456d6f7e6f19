"""What was to come and has not: counted by day, listed by interaction."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.archive.asking import caller_at
from tests.intake.asking import Source, event
from tests.intake.sounds import tone, wav
from valv.archive.models import Queue
from valv.core.completeness import Gap
from valv.core.daily_figures import Figures
from valv.core.retention import StorageTimes
from valv.intake import counting
from valv.intake.completeness import affected, confirm_queues, days, new_queues
from valv.intake.counting import count_day, count_due
from valv.intake.models import DayCount, Missing
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

DAY = date(2026, 11, 20)
EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
SOUND = wav(tone(440, seconds=1))
EVER = (1 << 60, 1 << 60)


def call(session: str, *left_out: str, queue: str = "Support") -> list[Any]:
    whole = [
        event(0, "session.started", session=session, media="phone"),
        event(5, "queue.entered", session=session, queue=queue),
        event(9, "agent.connected", session=session, agent="a7"),
        event(10, "recording.started", session=session, n=1, agent="a7"),
        event(90, "recording.stopped", session=session, n=1, agent="a7"),
        event(95, "agent.disconnected", session=session, agent="a7"),
        event(96, "session.ended", session=session, outcome="answered"),
    ]
    return [one for one in whole if one["type"] not in left_out]


def record(source: Source, session: str) -> None:
    path = f"/interactions/{session}/recordings/1?started_at=2026-11-20T09:00:10Z"
    assert source.ask("PUT", path, SOUND).status_code in (200, 201)


def counted(source: Source, *, now: datetime = EVENING) -> Figures:
    """The figures, which the list and the kept row must agree with."""
    figures = count_day(source.tenant, DAY, now=now)
    rows = source.rows(Missing)
    by_kind = dict.fromkeys(figures.gaps, 0)
    for row in rows:
        by_kind[Gap.numbered(row.kind)] += 1
    assert by_kind == dict(figures.gaps)
    return figures


def told(figures: Figures) -> dict[str, int]:
    return {gap.value: n for gap, n in figures.gaps.items() if n}


def lacking(source: Source, **more: Any) -> dict[str, list[tuple[str, int, bool]]]:
    caller = caller_at(source.tenant)
    asked = {"gap": None, "after": EVER, "limit": 50, "now": EVENING, **more}
    found, _ = affected(caller, DAY, DAY, **asked)
    return {
        one.session_id: [(gap.value, n, is_here) for gap, n, is_here in one.gaps]
        for one in found
    }


def test_a_recording_is_missing_until_it_comes(source: Source) -> None:
    source.tell(*call("S1"), *call("S2"))
    record(source, "S1")

    assert told(counted(source, now=EVENING - timedelta(hours=8))) == {}
    assert told(counted(source)) == {"recording": 1}
    assert lacking(source) == {"S2": [("recording", 1, False)]}

    record(source, "S2")
    assert lacking(source) == {"S2": [("recording", 1, True)]}
    assert told(counted(source)) == {}
    assert lacking(source) == {}


def test_a_refused_recording_is_not_missing(source: Source) -> None:
    refusal = event(3, "consent.refused", session="S1", purpose="recording")
    source.tell(*call("S1"), refusal)

    assert told(counted(source)) == {}


@pytest.mark.parametrize(
    ("left_out", "gap"),
    [
        ("session.started", "start"),
        ("agent.connected", "agent"),
        ("recording.started", "recording_start"),
    ],
)
def test_what_the_events_show_is_missing_until_it_is_told(
    source: Source, left_out: str, gap: str
) -> None:
    source.tell(*call("S1", left_out))
    record(source, "S1")
    assert gap in told(counted(source))

    source.tell(*[one for one in call("S1") if one["type"] == left_out])

    assert told(counted(source)) == {}


def test_a_call_without_end_is_missing_it_after_a_day(source: Source) -> None:
    source.tell(*call("S1", "session.ended", "recording.started", "recording.stopped"))

    assert told(counted(source)) == {}
    assert told(counted(source, now=EVENING + timedelta(days=1))) == {"end": 1}


def test_a_call_that_was_only_stated_lacks_nothing(source: Source) -> None:
    source.put("S1", started_at="2026-11-20T09:00:00Z")

    assert counted(source, now=EVENING + timedelta(days=9)).expected == 0


def chat(session: str, *, refused: bool = False) -> list[Any]:
    started = event(0, "session.started", session=session, media="chat")
    refusal = event(1, "chat.storage_refused", session=session)
    return [
        started,
        *([refusal] if refused else []),
        event(4, "agent.connected", session=session, agent="a7"),
        event(9, "session.ended", session=session),
    ]


def test_an_answered_chat_lacks_its_log_unless_it_was_refused(source: Source) -> None:
    source.tell(*chat("S1"), *chat("S2", refused=True), *chat("S3"))
    said = [{"at": "2026-11-20T09:00:05Z", "from": "customer", "text": "Hej"}]
    source.put_chat_log("S3", said)

    assert told(counted(source)) == {"chat_log": 1}
    assert list(lacking(source)) == ["S1"]


def test_a_running_number_that_is_missing_is_told(source: Source) -> None:
    numbered = [{**one, "sequence": n} for n, one in enumerate(call("S1"), start=1)]
    source.tell(*numbered[:2], *numbered[3:])
    record(source, "S1")
    assert told(counted(source)) == {"numbers": 1, "agent": 1}

    source.tell(numbered[2])

    assert told(counted(source)) == {}


def test_a_queue_is_new_until_an_administrator_confirms_it(source: Source) -> None:
    source.tell(*call("S1"), *call("S2", queue="Sales"))
    for session in ("S1", "S2"):
        record(source, session)
    caller = caller_at(source.tenant)
    assert new_queues(caller) == ["Sales", "Support"]
    assert told(counted(source)) == {}

    assert confirm_queues(caller, ["Support"], now=EVENING) == 1
    figures = counted(source)
    assert (told(figures), figures.missing) == ({"queue": 1}, 0)
    assert lacking(source) == {"S2": [("queue", 0, False)]}

    assert confirm_queues(caller, ["Sales", "Support"], now=EVENING) == 1
    assert told(counted(source)) == {}
    assert {one.confirmed_at for one in source.rows(Queue)} == {EVENING}


def test_days_are_local_and_counted_when_due(source: Source) -> None:
    source.tell(*call("S1"))
    tenant = source.tenant

    first = count_due(tenant, now=EVENING)
    again = count_due(tenant, now=EVENING + timedelta(minutes=9))
    later = count_due(tenant, now=EVENING + timedelta(minutes=10))

    assert (len(first), first[0], again) == (15, DAY, [])
    assert later == [DAY - timedelta(days=n) for n in range(3)]
    (row,) = source.rows(DayCount, date=DAY)
    assert (row.interactions, row.expected, row.gaps) == (1, 3, {"recording": 1})


def test_what_started_after_local_midnight_is_of_the_next_day(source: Source) -> None:
    late = {"media": "phone"}
    at = ("2026-11-20T22:59:59Z", "2026-11-20T23:00:00Z")
    source.tell(
        *(
            {**event(n, "session.started", session=f"S{n}", **late), "at": moment}
            for n, moment in enumerate(at)
        )
    )

    assert counted(source, now=EVENING + timedelta(days=1)).interactions == 1


def test_of_two_who_find_a_day_due_one_counts_it(source: Source) -> None:
    claims = [
        counting._claim(source.tenant, DAY, None, now=EVENING + timedelta(seconds=n))
        for n in range(2)
    ]

    assert claims == [True, False]


def test_days_whose_calls_are_about_to_go_keep_their_figures(source: Source) -> None:
    source.tell(*call("S1"))
    count_due(source.tenant, now=EVENING)
    times = StorageTimes(general=3)
    caller = caller_at(source.tenant)
    set_storage_times(source.tenant, times, actor=caller.actor, now=EVENING)

    later = count_due(source.tenant, now=EVENING + timedelta(days=5))

    assert DAY not in later
    assert len(later) == 4
    assert days(caller, DAY, DAY).figures[0].interactions == 1


def test_one_tenants_days_are_not_anothers(source: Source, borealis: Tenant) -> None:
    source.tell(*call("S1"))
    counted(source)
    other = Source.of(borealis)

    assert count_day(borealis, DAY, now=EVENING).interactions == 0
    assert lacking(other) == {}
    assert days(caller_at(borealis), DAY, DAY).figures == []
    assert lacking(source)


def test_the_list_is_paged_and_narrowed_without_a_gap(source: Source) -> None:
    for n in range(7):
        source.tell(*call(f"S{n}", *(["session.started"] if n % 2 else [])))
    counted(source)
    caller, seen, after = caller_at(source.tenant), list[str](), EVER

    while True:
        found, last = affected(
            caller, DAY, DAY, gap=None, after=after, limit=2, now=EVENING
        )
        seen += [one.session_id for one in found]
        if last is None:
            break
        after = last

    assert sorted(seen) == [f"S{n}" for n in range(7)]
    assert sorted(lacking(source, gap=Gap.START)) == ["S1", "S3", "S5"]
    assert lacking(source, gap=Gap.END) == {}


def test_a_page_never_counts(
    source: Source, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        source.tell(*call(f"S{n}"))
    counted(source)

    with django_assert_max_num_queries(14):
        assert len(lacking(source, limit=3)) == 3
    with django_assert_max_num_queries(14):
        assert len(lacking(source, limit=12)) == 12
