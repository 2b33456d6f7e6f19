"""How PostgreSQL finds rows: by an index that answers, in the months that are asked.

With sequential scans off, for the tests hold few rows; what an index orders is not
sorted.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from tests.archive.asking import ask
from tests.cast import NOW
from tests.held import lay_interaction
from tests.owner import as_owner
from valv.archive.models import Identifier
from valv.core.storage_rules import StoragePolicy, Terms
from valv.lifecycle.due import Due, Kept, general_due
from valv.storage import scope
from valv.storage.raw import one_of_months
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
MONTHS = [NOW.replace(month=9), NOW.replace(month=10), NOW]
KNOWN = 2_000
OTHERWISE = ("enable_seqscan", "enable_bitmapscan", "enable_sort")


@pytest.fixture
def laid(acme: Tenant) -> list[int]:
    """An interaction in each of three months."""
    return [
        lay_interaction(acme, session=f"S{n}", started_at=at)
        for n, at in enumerate(MONTHS)
    ]


def plan_of(sql: str, given: Sequence[Any] | None = None) -> str:
    with connection.cursor() as cursor:
        for other in OTHERWISE:
            cursor.execute(f"SET LOCAL {other} = off")
        cursor.execute(f"EXPLAIN {sql}", given)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    return plan


def plan_for_any(sql: str, given: Sequence[Any]) -> str:
    """As it is prepared, once for any values: months are left out when it is run."""
    numbers = count(1)
    prepared = re.sub("%s", lambda _: f"${next(numbers)}", sql)
    marks = ", ".join(["%s"] * len(given))
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE asked AS {prepared}")
        cursor.execute(f"EXPLAIN EXECUTE asked({marks})", given)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
    return plan


def plan_of_rows(found: QuerySet[Any]) -> str:
    return plan_of(*found.query.sql_with_params())


def plans_of_page(acme: Tenant, table: str, **asked: Any) -> list[str]:
    """Of each statement of a search that reads a table."""
    with CaptureQueriesContext(connection) as heard:
        ask(acme, **asked)
    with scope.reading(acme.id):
        return [plan_of(s["sql"]) for s in heard if f" FROM {table} " in s["sql"]]


def is_sorted(plan: str) -> bool:
    return re.search(r"\bSort  \(cost", plan) is not None


def test_many_are_looked_for_in_their_own_months(acme: Tenant, laid: list[int]) -> None:
    where, given = one_of_months("id", laid[1:2])
    sql = f"SELECT 1 FROM interaction WHERE tenant_id = %s AND {where}"  # noqa: S608
    with scope.reading(acme.id):
        plan = plan_for_any(sql, [acme.id, *given])

    assert set(re.findall(r"on interaction_(\d{6})", plan)) == {f"{MONTHS[1]:%Y%m}"}
    assert f"Subplans Removed: {len(MONTHS) - 1}" in plan


def test_a_session_is_found_by_its_name(acme: Tenant, laid: list[int]) -> None:
    (by_name,) = plans_of_page(acme, "session", session="S1")
    (read,) = plans_of_page(acme, "interaction i", session="S1")

    assert re.search(r"Index Cond: .*session_id.* = 'S1'", by_name)
    assert set(re.findall(r"on interaction_(\d{6})", read)) == {f"{MONTHS[1]:%Y%m}"}


def test_the_newest_are_walked_to_in_order(acme: Tenant, laid: list[int]) -> None:
    (plan,) = plans_of_page(acme, "interaction i")

    assert plan.count("Index Scan Backward using") == len(laid)
    assert not is_sorted(plan)


def test_whoever_is_told_is_looked_up_by_hash(acme: Tenant) -> None:
    with scope.writing(acme.id):
        Identifier.objects.bulk_create(
            Identifier(id=n, kind=n % 4, hash=b"%d" % n, written_at=NOW)
            for n in range(KNOWN)
        )
    as_owner("ANALYZE identifier")
    with scope.reading(acme.id):
        plan = plan_of_rows(Identifier.objects.filter(hash__in=[b"1", b"2"]))

    assert "identifier_once" in plan
    assert "AND (hash = ANY" in plan


def test_what_is_due_is_walked_to_oldest_first(acme: Tenant, laid: list[int]) -> None:
    due = Due(Kept(Terms(StoragePolicy()), 0), NOW)
    with scope.reading(acme.id):
        plan = plan_of_rows(general_due(due))

    assert plan.count("(terms = 0) AND (aged_from <") == len(laid)
    assert not is_sorted(plan)
