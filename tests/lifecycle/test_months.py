"""Partitions of closed months: they go when nobody has a row in them any more."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection

from tests.cast import NOW, OPERATOR
from tests.crash.faults import Faults, Killed, failing
from tests.held import lay_interaction
from tests.intake.asking import Source
from tests.peers.postgres import as_superuser
from valv.archive.models import Interaction
from valv.core.moments import format_moment
from valv.core.retention import FOREVER, StorageTimes
from valv.lifecycle import nightly
from valv.storage import months, scope
from valv.storage.months import drop_empty
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

OLD = datetime(2026, 3, 10, 12, tzinfo=UTC)
COLUMNS = [field.attname for field in Interaction._meta.local_concrete_fields]
MARCH, APRIL, MAY, JUNE = (date(2026, n, 1) for n in range(3, 7))
NOVEMBER, MONTH = date(2026, 11, 1), timedelta(days=31)
STEPS = [(months, "_dropped"), (months, "forget")]
PARTS = (
    "SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE c.relkind = 'r' AND c.relname LIKE %s"
)


@pytest.fixture
def able() -> Iterator[psycopg.Connection]:
    """One whom no policy hides a row from."""
    url = as_superuser(os.environ["VALV_DATABASE_URL"])
    with psycopg.connect(url) as connected:
        yield connected


def parts_of(month: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [f"%\\_{month:%Y%m}"])
        return int(cursor.fetchone()[0])


def write_in_march(able: psycopg.Connection, tenant: Tenant) -> None:
    """An interaction, in a transaction that is still open."""
    months.ensure([MARCH])
    now = lay_interaction(tenant)
    others = ", ".join(column for column in COLUMNS if column != "id")
    copied = f"SELECT {others}, %s FROM interaction WHERE id = %s"  # noqa: S608
    able.execute(
        f"INSERT INTO interaction ({others}, id) {copied}", [in_march(now), now]
    )


def in_march(id_: int) -> int:
    return id_ - (250 * 86_400_000 << 21)


def drop_month(month: date = MARCH) -> bool:
    url = as_superuser(os.environ["VALV_DATABASE_URL"])
    with psycopg.connect(url) as connected:
        told = connected.execute("SELECT valv_drop_month(%s)", [month]).fetchall()
    return bool(told[0][0])


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def run(tenant: Tenant) -> nightly.Report:
    return nightly.run(tenant, NOW.date(), now=NOW, actor=OPERATOR)


def held(tenant: Tenant) -> int:
    with scope.reading(tenant.id):
        return Interaction.objects.count()


def test_a_month_goes_in_the_night_that_takes_its_last_row(acme: Tenant) -> None:
    lay_interaction(acme, session="old", started_at=OLD)
    lay_interaction(acme, session="new")
    every = parts_of(NOVEMBER)
    assert parts_of(MARCH) == every

    report = run(acme)

    assert (report.counts["general"], report.is_whole) == (1, True)
    assert (parts_of(MARCH), parts_of(NOVEMBER)) == (0, every)


def test_a_month_in_which_another_tenant_has_a_row_stays(
    acme: Tenant, borealis: Tenant
) -> None:
    kept = StorageTimes(general=FOREVER, recordings=None, chat_logs=None)
    set_storage_times(borealis, kept, actor=OPERATOR, now=NOW)
    lay_interaction(acme, session="ours", started_at=OLD)
    lay_interaction(borealis, session="theirs", started_at=OLD)

    assert run(acme).is_whole

    assert parts_of(MARCH)
    assert (held(acme), held(borealis)) == (0, 1)


def test_what_is_held_keeps_its_month(acme: Tenant) -> None:
    lay_interaction(acme, started_at=OLD, held=True)

    run(acme)

    assert (bool(parts_of(MARCH)), held(acme)) == (True, 1)


def test_a_month_that_somebody_reads_goes_the_next_night(
    acme: Tenant, able: psycopg.Connection
) -> None:
    lay_interaction(acme, started_at=OLD)
    able.execute("SELECT FROM interaction_202603")

    assert run(acme).is_whole
    assert parts_of(MARCH)

    able.rollback()
    run(acme)
    assert parts_of(MARCH) == 0


def test_a_row_that_is_being_written_keeps_its_month(
    acme: Tenant, able: psycopg.Connection
) -> None:
    write_in_march(able, acme)

    assert drop_empty(before=NOW.date()) == []


def test_a_row_committed_while_the_drop_waits_keeps_its_month(
    acme: Tenant, able: psycopg.Connection
) -> None:
    write_in_march(able, acme)

    with ThreadPoolExecutor() as pool:
        dropped = pool.submit(drop_month)
        while not dropped.done() and not somebody_waits():
            pass
        able.commit()
        assert dropped.result() is False

    assert parts_of(MARCH)


def test_what_hangs_on_no_interaction_keeps_no_month(
    acme: Tenant, able: psycopg.Connection
) -> None:
    months.ensure([MARCH])
    id_ = in_march(lay_interaction(acme))
    columns = "tenant_id, interaction_id, agent_id, started_at"
    row = f"VALUES ({acme.id}, {id_}, 1, 1)"
    able.execute(f"INSERT INTO participation ({columns}) {row}")
    able.commit()

    assert MARCH in drop_empty(before=APRIL)


def test_a_row_that_a_policy_hides_is_not_lost(
    acme: Tenant, able: psycopg.Connection
) -> None:
    lay_interaction(acme, started_at=OLD)
    for act in ("ENABLE", "FORCE"):
        able.execute(f"ALTER TABLE interaction_202603 {act} ROW LEVEL SECURITY")
    able.commit()

    with pytest.raises(DatabaseError):
        drop_empty(before=NOW.date())

    able.execute("ALTER TABLE interaction_202603 NO FORCE ROW LEVEL SECURITY")
    able.execute("ALTER TABLE interaction_202603 DISABLE ROW LEVEL SECURITY")
    able.commit()
    assert held(acme) == 1


@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "answer lost"])
def test_whoever_dies_as_they_drop_a_month_has_dropped_all_of_it_or_nothing(
    able: psycopg.Connection, *, is_done: bool
) -> None:
    months.ensure([MARCH])
    every = parts_of(MARCH)
    able.execute("SELECT valv_drop_month(%s)", [MARCH])
    if is_done:
        able.commit()

    able.close()

    assert parts_of(MARCH) == (0 if is_done else every)
    assert (MARCH in drop_empty(before=APRIL)) is not is_done
    assert parts_of(MARCH) == 0


@pytest.mark.parametrize(
    ("error", "done"),
    [(Killed, False), (OperationalError, True)],
    ids=["killed before", "answer lost"],
)
def test_a_drop_cut_short_anywhere_ends_the_same(
    acme: Tenant, error: type[BaseException], *, done: bool
) -> None:
    source, at = Source.of(acme), 0
    kept = lay_interaction(acme, started_at=OLD, held=True)
    while True:
        at += 1
        months.ensure([APRIL, MAY])
        faults = Faults(at, error, done=done)
        with failing(faults, STEPS), suppress(Killed, OperationalError):
            drop_empty(before=JUNE)
        if faults.calls < at:
            break
        late = source.put(f"late-{at}", started_at=format_moment(OLD + MONTH))
        assert late.status_code == 201
        run(acme)
        assert held(acme) == 1
    with scope.reading(acme.id):
        assert Interaction.objects.get().id == kept
    assert (bool(parts_of(MARCH)), parts_of(APRIL), parts_of(MAY)) == (True, 0, 0)
    assert at > len(STEPS)


def test_the_month_that_runs_stays_though_it_is_empty(acme: Tenant) -> None:
    months.ensure([NOVEMBER])

    assert NOVEMBER not in drop_empty(before=date(2026, 11, 30))
    assert parts_of(NOVEMBER)
    assert NOVEMBER in drop_empty(before=date(2026, 12, 1))


def test_a_month_that_was_never_made_does_not_go() -> None:
    assert drop_month(date(1999, 3, 1)) is False


def test_what_comes_late_makes_its_month_again(
    acme: Tenant, able: psycopg.Connection
) -> None:
    source = Source.of(acme)
    months.ensure([MARCH])
    # By another process, so that this one takes the month for made.
    able.execute("SELECT valv_drop_month(%s)", [MARCH])
    able.commit()

    answer = source.put("late", started_at=format_moment(OLD))

    assert answer.status_code == 201
    assert held(acme) == 1
    later = NOW + timedelta(days=1)
    nightly.run(acme, later.date(), now=later, actor=OPERATOR)
    assert (held(acme), parts_of(MARCH)) == (0, 0)
