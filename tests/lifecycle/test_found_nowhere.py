"""From the commit of a forgetting on the person is found nowhere."""

from contextlib import suppress

import pytest

from tests.cast import OPERATOR
from tests.crash.faults import Faults, Killed, failing
from tests.intake.asking import Source
from tests.laws.laying import PHONE, ago, lay
from valv.archive import people
from valv.archive.models import Interaction
from valv.core.identifiers import Kind
from valv.core.permissions import Right
from valv.core.phones import read_phone
from valv.lifecycle import forget, jobs, kinds, lease, planning
from valv.lifecycle.lease import LeaseLost
from valv.lifecycle.models import Job
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
START = "2026-11-20T09:00:00Z"
ASKED = ["phone=0701234567", "phone=*34567"]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


def found(source: Source) -> list[int]:
    answers = [source.ask("GET", f"/interactions?{asked}") for asked in ASKED]
    return [len(answer.json()["items"]) for answer in answers]


def approved(tenant: Tenant) -> int:
    caller = Caller(tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),))
    job = planning.plan(caller, wanted, now=ago(0))
    jobs.approve(tenant, job.id, at_night=False, now=ago(0))
    return job.id


def test_who_has_them_in_memory_finds_nobody_though_every_key_still_opens(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever forgot died at that commit: no key is gone, no worker was told."""
    tenant = source.tenant
    lay(source, "one")
    before = found(source)
    monkeypatch.setattr(lease, "is_dead", lambda _: True)
    job_id = approved(tenant)

    with failing(Faults(1, Killed, done=False), [(keys, "destroy")]), suppress(Killed):
        kinds.run(tenant, job_id, now=ago(0))

    (row,) = source.rows(Interaction, session_id="one-call")
    assert row.phone_id is not None
    assert keys.read(tenant.id, KeyKind.IDENTIFIER, [row.phone_id])
    assert all(before)
    assert not any(found(source))
    assert source.item("one-call")["identifiers"]["phone"] is None
    assert kinds.run_waiting(tenant, now=ago(-1))
    assert not any(found(source))


def test_who_forgot_them_remembers_nobody(source: Source) -> None:
    """What was typed, found and blanked is in no memory of the process either."""
    tenant = source.tenant
    lay(source, "one")
    said = [{"at": START, "from": "customer", "text": f"Ring {PHONE}"}]
    party = {"phone": PHONE}
    source.put("C", started_at=START, ended_at=START, media="chat", identifiers=party)
    source.put_chat_log("C", said)
    assert all(found(source))
    job_id = approved(tenant)
    assert people.held()
    assert spelled() > 0

    assert kinds.run(tenant, job_id, now=ago(0)).state == "done"

    assert (people.held(), spelled()) == ([], 0)


def spelled() -> int:
    return int(read_phone.cache_info().currsize)


def test_who_lost_the_job_to_another_forgets_nobody(source: Source) -> None:
    tenant = source.tenant
    lay(source, "one")
    job_id = approved(tenant)
    held = lease.take_job(tenant, job_id, states=jobs.RUNNABLE, now=ago(0))
    running = jobs.opened(held)
    with scope.writing(tenant.id):
        Job.objects.update(runner="another")

    with pytest.raises(LeaseLost):
        forget.vanish(running)

    assert all(found(source))
