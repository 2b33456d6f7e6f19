"""A hold and a forgetting at the same moment, each in a connection of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from tests.archive.factories import Made, make
from tests.cast import NOW, OPERATOR
from valv.archive import holds
from valv.archive.models import Hold, Identifier, Interaction
from valv.core.identifiers import Kind
from valv.core.permissions import Right
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.models import Job
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
PHONE = "0701234567"


def cover(hold: Hold, row: Interaction) -> None:
    holds.cover(hold, [row.id], actor=OPERATOR, now=NOW)


def arrive(hold: Hold, row: Interaction) -> None:
    """Told anew, it comes under the hold's rule; of nobody is anything told."""
    Hold.objects.filter(id=hold.id).update(rule={"media": ["phone"]})
    items = holds.hold_arriving([(row, [])])
    row.save(update_fields=["held"])
    holds.keep_items(items, now=NOW)
    assert len(items) == 1


@pytest.mark.parametrize("come_under", [cover, arrive])
def test_who_a_hold_covers_is_not_forgotten_before_it_is_committed(
    acme: Tenant, come_under: Callable[[Hold, Interaction], None]
) -> None:
    made = Made(started_at=NOW, identifiers={"phone": PHONE})
    number = make(acme, made, now=NOW)
    job = planned(acme)

    with ThreadPoolExecutor(1) as pool:
        with scope.writing(acme.id):
            hold = Hold.objects.create(name="Case", placed_at=NOW, complete_at=NOW)
            come_under(hold, Interaction.objects.get(id=number))
            forgetting = pool.submit(forget, acme, job)
            until_it_waits(forgetting)
        ended = forgetting.result()

    with scope.reading(acme.id):
        assert Interaction.objects.get(id=number).held
        assert Identifier.objects.filter(sealed__isnull=False).count() == 1
    assert (ended.state, ended.report["held"]) == ("partly", 1)


def planned(tenant: Tenant) -> Job:
    caller = Caller(tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),))
    job = planning.plan(caller, wanted, now=NOW)
    return jobs.approve(tenant, job.id, at_night=False, now=NOW)


def forget(tenant: Tenant, job: Job) -> Job:
    try:
        return kinds.run(tenant, job.id, now=NOW)
    finally:
        connections.close_all()


def until_it_waits(forgetting: Future[Any]) -> None:
    """Until it waits for a lock, or is over because it waited for none."""
    with connection.cursor() as cursor:
        while not forgetting.done():
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchall():
                return
