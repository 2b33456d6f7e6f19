"""One gapless order, whoever writes at once and whoever is killed meanwhile."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from django.db import connections

from tests.audit.logs import enter, lay, tamper
from tests.cast import NOW, OPERATOR
from valv.audit.actions import Action
from valv.audit.changes import adopt_log
from valv.audit.models import Entry, SignedCheckpoint, Tile
from valv.audit.operations import Act, record
from valv.audit.tree import sequence
from valv.audit.verify import settle, verify
from valv.core.errors import Busy
from valv.jobs.work import work
from valv.storage import scope
from valv.tenants.models import Tenant

WRITERS, PROCESSES, EACH = 50, 5, 4


def numbers(tenant: Tenant) -> list[int | None]:
    with scope.reading(tenant.id):
        found = Entry.objects.order_by("seq", "id")
        return list(found.values_list("seq", flat=True))


def write(tenant: Tenant, writer: int) -> None:
    """Some entries, each its own transaction, and a sequencer among them."""
    try:
        for n in range(EACH):
            _until_done(lambda n=n: enter(tenant, 1, about=writer * 100 + n))
        _until_done(lambda: sequence(tenant.id))
    finally:
        connections.close_all()


def _until_done(act: object) -> None:
    for _ in range(50):
        try:
            act()  # type: ignore[operator]
        except Busy:
            continue
        return
    raise AssertionError("always busy")


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_make_one_gapless_order(acme: Tenant) -> None:
    settle(acme.id)
    before = len(numbers(acme))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda n: write(acme, n), range(WRITERS)))
    settle(acme.id)

    assert numbers(acme) == list(range(1, before + WRITERS * EACH + 1))
    assert verify(acme.id).ok


@pytest.mark.django_db(transaction=True)
def test_writers_that_are_killed_lose_nothing_that_stands(acme: Tenant) -> None:
    """Five processes of ten writers each; three of them die by kill -9 at work."""
    settle(acme.id)
    before = len(numbers(acme))
    processes = [begin_writer(acme, n) for n in range(PROCESSES)]
    stand = [int(process.stdout.readline()) for process in processes if process.stdout]
    for process in processes[::2]:
        process.kill()
    for process in processes:
        said, _ = process.communicate(timeout=120)
        stand += map(int, said.split())
    settle(acme.id)

    with scope.reading(acme.id):
        plays = Entry.objects.filter(action="play")
        found = set(plays.values_list("interaction_id", flat=True))
    assert set(stand) <= found
    assert numbers(acme) == list(range(1, before + len(found) + 1))
    assert verify(acme.id).ok


def begin_writer(tenant: Tenant, number: int) -> "subprocess.Popen[bytes]":
    told = (tenant.id, 1000 * (number + 1), WRITERS // PROCESSES, EACH)
    command = [sys.executable, "-m", "tests.audit.writer", *map(str, told)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


@pytest.mark.django_db(transaction=True)
def test_the_worker_numbers_what_a_crash_left(acme: Tenant) -> None:
    enter(acme, 3)
    assert None in numbers(acme)
    stop = Event()
    worker = Thread(target=_work, args=(stop,))
    worker.start()
    for _ in range(200):
        if None not in numbers(acme):
            break
        stop.wait(0.1)
    stop.set()
    worker.join()

    assert None not in numbers(acme)


def _work(stop: Event) -> None:
    try:
        work(lambda: NOW, stop)
    finally:
        connections.close_all()


def test_more_than_a_batch_is_numbered_in_order(acme: Tenant) -> None:
    enter(acme, 2100)
    settle(acme.id)

    with scope.reading(acme.id):
        plays = Entry.objects.filter(action="play").order_by("id")
        found = [seq or 0 for seq in plays.values_list("seq", flat=True)]
    assert found == list(range(found[0], found[0] + 2100))


def test_each_tenant_counts_for_itself(acme: Tenant, borealis: Tenant) -> None:
    lay(acme, 3)
    lay(borealis, 300)

    for tenant in (acme, borealis):
        assert verify(tenant.id).ok
        assert numbers(tenant) == list(range(1, len(numbers(tenant)) + 1))


def test_an_entry_goes_with_its_transaction(acme: Tenant) -> None:
    settle(acme.id)
    before = numbers(acme)
    with pytest.raises(ZeroDivisionError):
        fail_after_recording(acme)
    lay(acme, 1)

    assert numbers(acme) == [*before, len(before) + 1]


def fail_after_recording(tenant: Tenant) -> None:
    with scope.writing(tenant.id):
        record(Act(Action.PLAY), actor=OPERATOR, now=NOW)
        raise ZeroDivisionError


def an_older_valv(tenant: Tenant) -> None:
    """Take the tree away, and the number of an entry that was purged then."""
    lay(tenant, 20)
    with scope.writing(tenant.id):
        Tile.objects.all().delete()
        SignedCheckpoint.objects.all().delete()
        Entry.objects.filter(seq=5).delete()
        Entry.objects.update(mac=None, salts=None)
    tamper(tenant, "UPDATE audit_entry SET details = '{ \"n\" : 1}' WHERE seq = 9")


def test_a_log_of_before_the_tree_is_taken_over(acme: Tenant) -> None:
    an_older_valv(acme)
    count = len(numbers(acme))

    assert adopt_log(acme.id, actor=OPERATOR, now=NOW) == count

    assert verify(acme.id).ok
    assert numbers(acme) == list(range(1, count + 2))
    with scope.reading(acme.id):
        told = Entry.objects.get(action="operate")
    assert told.details == {"audit_entries_adopted": count}


def test_it_is_taken_over_once(acme: Tenant) -> None:
    """Or an upgrade would make good whatever was put in."""
    an_older_valv(acme)
    adopt_log(acme.id, actor=OPERATOR, now=NOW)
    tamper(acme, "UPDATE audit_entry SET actor = 'Bo' WHERE seq = 3")

    assert adopt_log(acme.id, actor=OPERATOR, now=NOW) == 0
    found = verify(acme.id).first_bad
    assert found is not None
    assert found.seq == 3
