"""How PostgreSQL finds what a batch of a job cuts: in the span of what it lists.

What is prepared is planned once for whatever is bound: of a list alone it could not
tell which months to leave out, nor which of a long job's items to pass over.
"""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import OPERATOR
from tests.intake.asking import Source
from tests.laws.laying import PHONE, ago, lay
from valv.core.identifiers import Kind
from valv.core.permissions import Right
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.plans import EVERYTHING, Options
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
LISTING = re.compile(r"(?:SELECT .*? FROM|DELETE FROM|UPDATE) (\w+) .*= ANY\(%s\)")
SPAN = "BETWEEN %s AND %s"


def told_by_months() -> set[str]:
    """Tables of months, and that of a job's items, which may be as long."""
    models = apps.get_models()
    months = {m._meta.db_table for m in models if hasattr(m, "partition_key")}
    return months | {"job_item"}


def prepared_while(job_id: int, tenant: Tenant) -> list[str]:
    """What the whole of a job prepares; Django's own statements tell their values."""
    heard: list[str] = []

    def listen(execute: Any, sql: Any, *given: Any) -> Any:
        heard.append(str(sql))
        return execute(sql, *given)

    with CaptureQueriesContext(connection), connection.execute_wrapper(listen):
        kinds.run(tenant, job_id, now=ago(0))
    return [sql for sql in heard if '"' not in sql]


def test_whatever_a_batch_lists_is_sought_in_its_own_span(acme: Tenant) -> None:
    lay(Source.of(acme), "one")
    caller = Caller(acme, OPERATOR, frozenset(Right))
    options = Options(anonymise=True, delete=EVERYTHING)
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),), options=options)
    job = planning.plan(caller, wanted, now=ago(0))
    jobs.approve(acme, job.id, at_night=False, now=ago(0))

    heard = filter(None, map(LISTING.match, prepared_while(job.id, acme)))

    listing = [found for found in heard if found[1] in told_by_months()]
    assert {found[1] for found in listing} >= {
        *("interaction", "raw_event", "other_party", "survey", "consent", "job_item"),
    }
    assert [found[0] for found in listing if SPAN not in found.string] == []
