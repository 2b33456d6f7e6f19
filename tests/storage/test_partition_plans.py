"""How PostgreSQL finds rows: by an index that answers, in the months that are asked.

With sequential scans off, for the tests hold few rows; what an index orders is not
sorted. Where another index would answer too there are many rows, and they are counted.
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
from tests.held import lay_content, lay_interaction
from tests.owner import as_owner
from valv.archive.models import Content, Identifier, Interaction
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.people import SYSTEM
from valv.core.retention import Stored
from valv.core.storage_rules import StoragePolicy, Terms
from valv.lifecycle.due import Due, Kept, general_due, present, unheld
from valv.lifecycle.matching import ANY_HELD, HELD_WITH, TOLD_APART
from valv.storage import scope
from valv.storage.raw import change, one_of, one_of_months, rows
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
MONTHS = [NOW.replace(month=9), NOW.replace(month=10), NOW]
KNOWN = 2_000
APART = 1_000
COPY = """
    INSERT INTO {0} SELECT (jsonb_populate_record(one, {1})).*
    FROM {0} AS one, generate_series(1, %s) AS step
    WHERE tenant_id = %s
"""
OF_WHICH = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
    WHERE i.inhrelid = %s::regclass
"""
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


def copy_many(acme: Tenant, table: str, *keys: str) -> None:
    """Many rows like the one that is there, and the planner knows of them."""
    other = ", ".join(f"'{key}', {key} + {APART} * step" for key in keys)
    copy = COPY.format(table, f"jsonb_build_object({other})")
    with scope.writing(acme.id):
        change(copy, [KNOWN, acme.id])
    as_owner(f"ANALYZE {table}")


def indexes_in(plan: str, table: str) -> set[str]:
    """By which of a table's indexes its rows of this month are found."""
    month = rf"using (\w+) on {table}_{NOW:%Y%m}\b"
    return {
        name for part in re.findall(month, plan) for (name,) in rows(OF_WHICH, [part])
    }


def is_sorted(plan: str) -> bool:
    return re.search(r"\bSort  \(cost", plan) is not None


def test_no_plan_is_compiled(acme: Tenant) -> None:
    with scope.reading(acme.id):
        assert rows("SHOW jit", []) == [("off",)]


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
    due = Due(Kept(Terms(StoragePolicy()), [0]), NOW)
    with scope.reading(acme.id):
        plan = plan_of_rows(general_due(due))

    assert plan.count("(terms = 0) AND (aged_from <") == len(laid)
    assert not is_sorted(plan)


@pytest.fixture
def many(acme: Tenant, laid: list[int]) -> None:
    """Many calls with a recording, of which one is held, and another restricted."""
    lay_content(acme, laid[2])
    copy_many(acme, "interaction", "id")
    copy_many(acme, "content", "interaction_id", "id")
    with scope.writing(acme.id):
        Interaction.objects.filter(id=laid[2] + APART).update(held=True)
        Interaction.objects.filter(id=laid[2] + 2 * APART).update(restricted=True)


def test_what_is_held_is_found_by_its_own_index(acme: Tenant, many: None) -> None:
    where, values = one_of("+i.phone_id", [1, 2])
    with scope.reading(acme.id):
        asked = [
            plan_of(ANY_HELD, [acme.id]),
            plan_of(HELD_WITH[0].format(where), [acme.id, *values]),
            plan_of_rows(Interaction.objects.filter(held=True)),
        ]
        found = [indexes_in(plan, "interaction") for plan in asked]

    assert found == [{"interaction_held"}] * len(asked)


@pytest.mark.parametrize("stored", [Stored.RECORDINGS, Stored.RESTRICTED])
def test_what_is_restricted_is_found_by_its_own_index(
    acme: Tenant, many: None, stored: Stored
) -> None:
    with scope.reading(acme.id):
        found = indexes_in(plan_of_rows(present(stored)), "interaction")

    assert found == {"interaction_restricted"}


def test_whose_events_may_tell_of_somebody_else_is_found_by_its_own_index(
    acme: Tenant, many: None
) -> None:
    with scope.reading(acme.id):
        plan = plan_of(TOLD_APART, [acme.id, -1, 500])
        found = indexes_in(plan, "interaction")

    assert found == {"interaction_told_apart"}
    assert not is_sorted(plan)


def test_what_is_due_is_told_from_what_is_held_by_its_own_index(
    acme: Tenant, many: None
) -> None:
    with scope.reading(acme.id):
        plan = plan_of_rows(unheld(Content.objects.all()))
        found = indexes_in(plan, "interaction")

    assert found == {"interaction_held"}
    assert "Anti Join" in plan
    assert "SubPlan" not in plan


def test_what_the_log_says_of_somebody_is_not_sought_in_all_of_it(acme: Tenant) -> None:
    with scope.writing(acme.id):
        record(Act(Action.SEND, identifier_id=1), actor=SYSTEM, now=NOW)
    copy_many(acme, "audit_entry", "id", "identifier_id")
    with scope.reading(acme.id):
        plan = plan_of_rows(Entry.objects.filter(identifier_id__in=[1, 2]))

    assert "audit_identifier" in plan
