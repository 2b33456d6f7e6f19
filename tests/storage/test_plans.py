"""How SQLite finds rows, as long as nobody told it how many there are of what."""

import re
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.archive.asking import ask
from tests.cast import NOW
from tests.held import lay_interaction
from valv.archive.models import Content, Identifier, Interaction, RawEvent
from valv.audit.models import Entry
from valv.core.retention import ALONE, StorageTimes, Stored
from valv.core.storage_rules import StoragePolicy
from valv.lifecycle.by_hand import carried
from valv.lifecycle.cutting import NAMED
from valv.lifecycle.foreseen import foreseen
from valv.lifecycle.matching import OWNED, TOLD_APART
from valv.lifecycle.queries import in_store
from valv.lifecycle.unused import LIVING
from valv.storage import scope
from valv.storage.raw import one_of, rows
from valv.tenants.models import Tenant, User
from valv.tenants.signin import caller_of_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
MANY = range(400)


@pytest.mark.parametrize(
    ("model", "key"),
    [(Interaction, "id"), (RawEvent, "interaction_id"), (Content, "interaction_id")],
)
def test_many_are_looked_up_and_not_sought_among_all_of_a_tenant(
    acme: Tenant, model: type[Interaction | RawEvent | Content], key: str
) -> None:
    with scope.reading(acme.id):
        rows = model.objects.filter(**{f"{key}__in": MANY})
        plan = rows.explain()

    assert f"({key}=?)" in plan
    assert "tenant_id=?" not in plan


def test_whoever_is_told_is_looked_up_and_not_sought_among_all_who_are_known(
    acme: Tenant,
) -> None:
    with scope.reading(acme.id):
        plan = Identifier.objects.filter(hash__in=[b"one", b"two"]).explain()

    assert "(tenant_id=? AND hash=?)" in plan


def test_a_session_is_found_by_what_it_means_and_not_sought_in_all_of_time(
    acme: Tenant,
) -> None:
    lay_interaction(acme, session="A1")
    with CaptureQueriesContext(connection) as asked:
        found = ask(acme, session="A1").items
    walks = [one["sql"] for one in asked if "started_at + 0" in one["sql"]]
    with connection.cursor() as cursor:
        plans = [
            str(cursor.execute(f"EXPLAIN QUERY PLAN {walk}").fetchall())
            for walk in walks
        ]

    assert len(found) == 1
    assert plans
    assert all("(id=?)" in plan and "tenant_id=?" not in plan for plan in plans)


def test_what_was_deleted_by_hand_is_not_sought_in_the_whole_log(acme: Tenant) -> None:
    with scope.writing(acme.id), CaptureQueriesContext(connection) as asked:
        carried(dict.fromkeys(MANY, False), zone=ZoneInfo("Europe/Stockholm"))
    with connection.cursor() as cursor:
        (sql,) = (one["sql"] for one in asked if "audit_entry" in one["sql"])
        plan = str(cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())

    assert "(tenant_id=? AND interaction_id=?)" in plan


def test_what_the_log_says_of_somebody_is_not_sought_in_all_of_it(acme: Tenant) -> None:
    with scope.reading(acme.id):
        plan = Entry.objects.filter(identifier_id__in=[1, 2]).explain()

    assert "audit_identifier (tenant_id=? AND identifier_id=?)" in plan


def test_whom_the_log_of_an_interaction_names_is_not_sought_in_all_of_it(
    acme: Tenant,
) -> None:
    where, values = one_of("interaction_id", MANY)
    with scope.reading(acme.id):
        asked = rows(f"EXPLAIN QUERY PLAN {NAMED.format(where)}", [acme.id, *values])

    assert "(tenant_id=? AND interaction_id=?)" in str(asked)


def test_the_newest_of_a_tenant_is_found_by_the_tenant(acme: Tenant) -> None:
    with scope.reading(acme.id):
        plan = Interaction.objects.order_by("-started_at", "-id")[:1].explain()

    assert "(tenant_id=?)" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("sql", "column"), [(LIVING, "id"), (OWNED, "owner_id")], ids=["values", "names"]
)
def test_whom_to_forget_is_not_sought_among_all_who_are_known(
    acme: Tenant, sql: str, column: str
) -> None:
    where, values = one_of(column, MANY)
    with scope.reading(acme.id):
        plan = str(rows(f"EXPLAIN QUERY PLAN {sql.format(where)}", [acme.id, *values]))

    assert f"{column}=?" in plan
    assert "(tenant_id=?)" not in plan


def test_whose_events_may_tell_of_somebody_else_is_listed_and_not_sought_in_all(
    acme: Tenant,
) -> None:
    with scope.reading(acme.id):
        asked = rows(f"EXPLAIN QUERY PLAN {TOLD_APART}", [acme.id, -1, 500])
    plan = str(asked)

    assert "interaction_told_apart (tenant_id=? AND id>?)" in plan
    assert "(interaction_id=?)" in plan
    assert "TEMP B-TREE" not in plan


def plans_of(acme: Tenant, heard: CaptureQueriesContext, mark: str) -> dict[str, str]:
    """Of each statement in which something stands."""
    asked = [one["sql"] for one in heard if mark in one["sql"]]
    with scope.reading(acme.id):
        return {sql: str(rows(f"EXPLAIN QUERY PLAN {sql}", [])) for sql in asked}


def preview_plans(acme: Tenant, policy: StoragePolicy, mark: str) -> list[str]:
    """The plans by which a preview looks for what is due, told chats left out.

    Those are few, and listed.
    """
    with CaptureQueriesContext(connection) as heard:
        foreseen(acme, NOW.date(), policy)
    plans = plans_of(acme, heard, mark)
    return [plan for sql, plan in plans.items() if '"chat_part"' not in sql]


def test_what_a_change_would_take_is_walked_to_and_not_sought_in_what_stays(
    acme: Tenant,
) -> None:
    policy = StoragePolicy(times=StorageTimes(general=9, recordings=3, raw_events=3))
    plans = preview_plans(acme, policy, '"aged_from" <')
    many = [plan for plan in plans if "terms=? AND aged_from<?" in plan]
    few = [plan for plan in plans if plan not in many]

    assert len(many) >= len(Stored) - len(ALONE)
    assert not any("TEMP B-TREE" in plan for plan in many)
    assert all(re.search("interaction_(held|restricted)", plan) for plan in few)


def test_what_is_held_is_taken_off_and_not_asked_of_each(acme: Tenant) -> None:
    plans = preview_plans(acme, StoragePolicy(), "COUNT(*)")
    held = [plan for plan in plans if "interaction_held" in plan]

    assert len(held) == len(Stored) - len(ALONE)
    assert all(re.search(r"\((interaction_)?id=\?", plan) for plan in held)
    assert not any("aged_from<?" in plan for plan in held)


def test_since_when_something_is_kept_is_read_off_the_ends_of_an_index(
    acme: Tenant, cleo: User
) -> None:
    """Of general information by its start, of the restricted by their list."""
    with CaptureQueriesContext(connection) as heard:
        in_store(caller_of_user(cleo))
    ends = plans_of(acme, heard, 'MIN("').values()
    bare = [plan for plan in ends if re.search("(content|survey|raw_event)_kept", plan)]
    counts = plans_of(acme, heard, 'COUNT(*) FROM (SELECT "raw_event"').values()

    assert len(bare) == len(Stored) - len(ALONE) - 2
    assert all("terms=?" in plan for plan in bare)
    assert all("COVERING INDEX raw_event_kept" in plan for plan in counts)
    assert counts
