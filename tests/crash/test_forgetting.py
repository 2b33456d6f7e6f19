"""A job that forgets, cut short at every step, both ways: done, and not.

Each call that changes something fails once, before it was done or after, with its
answer lost. The job never calls itself done then; what is run again ends the same.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connections

from tests.cast import OPERATOR
from tests.crash.faults import Faults, Killed, failing
from tests.held import lay_content
from tests.intake.asking import Source
from tests.laws.laying import ago, blobs, living
from valv.archive.models import Content, Identifier, Interaction
from valv.core.identifiers import Kind
from valv.core.permissions import Right
from valv.lifecycle import forget, jobs, kinds, lease, planning, receipts
from valv.lifecycle.jobs import Running
from valv.lifecycle.models import Job, Receipt
from valv.lifecycle.plans import EVERYTHING, Options
from valv.storage import intents, keys, scope
from valv.storage.blobs.contract import BlobError
from valv.storage.models import Intent
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
PHONE = "+46701234567"
PLACES: list[tuple[Any, str]] = [
    (lease, "take_job"),
    (jobs, "tried"),
    (forget, "tried"),
    (keys, "destroy"),
    (intents, "_discard"),
    (intents, "_strike"),
    (intents, "finish"),
    (receipts, "issue"),
]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


def plant(source: Source, session: str) -> int:
    start = "2026-11-20T09:00:00Z"
    source.put(session, started_at=start, identifiers={"phone": PHONE}, subject="x")
    lay_content(source.tenant, int(source.id_of(session)), body=b"said" * 9)
    caller = Caller(source.tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(
        typed=((Kind.PHONE, PHONE),),
        options=Options(anonymise=True, delete=EVERYTHING),
    )
    job = planning.plan(caller, wanted, now=ago(0))
    return jobs.approve(source.tenant, job.id, at_night=False, now=ago(0)).id


def run(source: Source, job_id: int) -> str:
    return str(kinds.run(source.tenant, job_id, now=ago(0)).state)


def check_forgotten(source: Source, job_id: int) -> None:
    """Nothing is left of the person, and the job says so."""
    tenant = source.tenant
    with scope.reading(tenant.id):
        assert Job.objects.get(id=job_id).state == "done"
        assert not Interaction.objects.filter(anonymised_at=None).exists()
        assert not Interaction.objects.filter(phone_id__isnull=False).exists()
        assert not Content.objects.exclude(blob="").exists()
        assert not Identifier.objects.exists()
        assert not Intent.objects.exists()
        assert Receipt.objects.filter(job_id=job_id).exists()
    assert (living(tenant), blobs(tenant)) == (set(), set())


@pytest.mark.parametrize(
    ("error", "done"),
    [(Killed, False), (OperationalError, True)],
    ids=["killed before", "answer lost"],
)
def test_a_job_cut_short_anywhere_ends_the_same(
    source: Source,
    error: type[BaseException],
    done: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lease, "is_dead", lambda _: True)
    at = 0
    while True:
        at += 1
        job_id = plant(source, f"at-{at}")
        faults = Faults(at, error, done=done)
        state = "cut short"
        with failing(faults, PLACES), suppress(Killed, OperationalError):
            state = run(source, job_id)
        if faults.calls < at:
            break
        if state == "done":
            check_forgotten(source, job_id)
        else:
            kinds.run_waiting(source.tenant, now=ago(-1))
        check_forgotten(source, job_id)
    assert state == "done"
    assert at > 10


class Lost(BlobError):
    def __init__(self) -> None:
        super().__init__("What was asked did not arrive.")


def test_what_the_store_lost_once_is_not_called_done(source: Source) -> None:
    job_id = plant(source, "lost")

    with failing(Faults(1, Lost, done=False), [(intents, "_discard")]):
        assert run(source, job_id) == "partly"

    kinds.run_waiting(source.tenant, now=ago(-1))
    check_forgotten(source, job_id)


@contextmanager
def reading_keys() -> Iterator[None]:
    """Another process reads the keys' file, and what it reads stays in there."""
    path = settings.VALV_DATA / "keys.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM sealing_key").fetchall()
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def impatient() -> Iterator[None]:
    with connections[keys.KEYS_DB].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        yield
        cursor.execute("PRAGMA busy_timeout = 10000")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("until_looked_at", [True, False])
def test_while_a_key_lies_in_the_file_the_job_is_not_done(
    source: Source, until_looked_at: bool
) -> None:
    """Its last keys, of whom it was about, are destroyed after it was looked at."""
    job_id, reader = plant(source, "read"), ExitStack()

    def read(_: Running) -> bool:
        reader.enter_context(reading_keys())
        return False

    def look(running: Running) -> list[str]:
        if until_looked_at:
            reader.close()
        else:
            read(running)
        return forget.FORGET.left(running)

    steps = (*forget.FORGET.steps, read) if until_looked_at else forget.FORGET.steps
    kind = replace(forget.FORGET, steps=steps, left=look)
    with reader:
        assert jobs.run(source.tenant, job_id, kind, now=ago(0)).state == "partly"

    kinds.run_waiting(source.tenant, now=ago(-1))
    check_forgotten(source, job_id)
