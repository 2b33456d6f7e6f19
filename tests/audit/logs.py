"""A log to verify, and hands that reach past Valv into the database."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection

from tests.cast import NOW
from tests.owner import as_owner
from valv.audit import tree
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.audit.verify import settle
from valv.core.people import Actor, ActorType
from valv.storage import scope
from valv.tenants.models import Tenant

ANNA = Actor(ActorType.INTERNAL, "Anna Ek", 7)
TABLES = ("audit_entry", "audit_tile", "audit_checkpoint")


def lay(tenant: Tenant, count: int, *, about: int = 1000, actor: Actor = ANNA) -> None:
    """As many plays, of the interactions ``about`` and on, and their numbers."""
    enter(tenant, count, about=about, actor=actor)
    settle(tenant.id)


def enter(
    tenant: Tenant, count: int, *, about: int = 1000, actor: Actor = ANNA
) -> None:
    """As ``lay``, and they wait for their numbers."""
    with scope.writing(tenant.id):
        acts = [
            Act(
                Action.PLAY,
                about + n,
                "recording:1",
                identifier_id=50 + n,
                reason=f"Klagomål {n}",
                details={"n": n},
            )
            for n in range(count)
        ]
        record(acts, actor=actor, now=NOW + timedelta(seconds=count))


def tamper(tenant: Tenant, statement: str, *values: Any) -> None:
    """Change the database past Valv, as one who owns its tables."""
    with scope.writing(tenant.id), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _let_tamper()
            told = cursor.mogrify(statement, values)
            cursor.execute("SELECT tamper(%s)", [told])
            assert cursor.fetchone()[0]
        else:
            cursor.execute(statement, values)
            assert cursor.rowcount


@cache
def _let_tamper() -> None:
    """As its owner in the test's transaction, which no other connection sees into."""
    as_owner("""
        CREATE OR REPLACE FUNCTION tamper(statement text) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER AS $$
        DECLARE changed bigint;
        BEGIN
            EXECUTE statement;
            GET DIAGNOSTICS changed = ROW_COUNT;
            RETURN changed;
        END $$
    """)


def held(tenant: Tenant) -> dict[str, tuple[list[str], list[Any]]]:
    """A copy of the tenant's log: the columns and rows of its tables."""
    found = {}
    with scope.reading(tenant.id), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} WHERE tenant_id = %s", [tenant.id])  # noqa: S608
            names = [column[0] for column in cursor.description]
            found[table] = (names, cursor.fetchall())
    return found


def restore(tenant: Tenant, copy: dict[str, tuple[list[str], list[Any]]]) -> None:
    """Put an old copy in the place of what is there."""
    with scope.writing(tenant.id), connection.cursor() as cursor:
        for table, (names, rows) in copy.items():
            cursor.execute(f"DELETE FROM {table} WHERE tenant_id = %s", [tenant.id])  # noqa: S608
            marks = ", ".join(["%s"] * len(names))
            columns = ", ".join(names)
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608
                [tuple(row) for row in rows],
            )


def note_of(tenant: Tenant) -> str:
    """The newest signed checkpoint."""
    with scope.reading(tenant.id):
        newest = tree.head()
    assert newest is not None
    return newest[1]
