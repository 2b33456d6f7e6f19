"""Law 11: a forgotten filter shows nothing of another tenant.

Two locks, each tried alone: the scope, with the database's taken off, and the
database's, with the scope's filter forgotten.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import ProgrammingError, connections, models

from tests.intake.asking import Source
from tests.laws.laying import lay, lay_the_rest, owned, rows
from tests.owner import as_owner
from valv.archive.models import Interaction
from valv.storage import scope
from valv.storage.models import TenantManager
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


def count_of(model: Any) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")  # noqa: S608
        return int(cursor.fetchone()[0])


@pytest.fixture
def theirs(source: Source) -> dict[str, int]:
    """How many rows Acme has in each table: some in each, or nothing is tried."""
    lay_the_rest(source.tenant, lay(source, "ours"))
    held = {table: len(found) for table, found in rows(source.tenant).items()}
    lacking = {table for table, number in held.items() if not number}
    assert lacking <= MAY_BE_EMPTY
    return held


MAY_BE_EMPTY = {"valv_user", "storage_setting", "epoch"}


@pytest.mark.postgresql
def test_the_database_alone_holds(
    theirs: dict[str, int], borealis: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TenantManager, "get_queryset", models.Manager.get_queryset)
    with scope.reading(borealis.id):
        for model in owned():
            seen = set(model.objects.values_list("tenant_id", flat=True))
            assert seen <= {borealis.id}, model._meta.db_table
    with scope.writing(borealis.id):
        assert Interaction.objects.update(held=True) == 0


@pytest.mark.postgresql
def test_a_select_without_a_filter_shows_ones_own(
    theirs: dict[str, int], borealis: Tenant
) -> None:
    with scope.reading(borealis.id):
        own = {model: model.objects.count() for model in owned()}
        assert {model: count_of(model) for model in owned()} == own


@pytest.mark.postgresql
def test_the_application_may_not_touch_a_partition(
    theirs: dict[str, int], acme: Tenant
) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition")
        partitions = [name for (name,) in cursor.fetchall() if not name.endswith("idx")]
    tables = [name for name in partitions if name[-6:].isdigit()]
    assert tables
    for table in tables:
        refused_by(lambda table=table: select_from(acme, table))  # type: ignore[misc]


def refused_by(act: Callable[[], object]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        act()


def select_from(tenant: Tenant, table: str) -> None:
    with scope.reading(tenant.id), connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table}")  # noqa: S608


def test_the_scope_alone_holds(theirs: dict[str, int], borealis: Tenant) -> None:
    """On SQLite there is no other lock; on PostgreSQL it is taken off."""
    with without_row_level_security(), scope.reading(borealis.id):
        assert count_of(Interaction) == theirs["interaction"]
        for model in owned():
            seen = set(model.objects.values_list("tenant_id", flat=True))
            assert seen <= {borealis.id}, model._meta.db_table


@contextmanager
def without_row_level_security() -> Iterator[None]:
    if connections["default"].vendor != "postgresql":
        yield
        return
    alter("NO FORCE", "DISABLE")
    try:
        yield
    finally:
        alter("FORCE", "ENABLE")


def alter(*acts: str) -> None:
    tables = [model._meta.db_table for model in owned()]
    as_owner(
        *(
            f"ALTER TABLE {table} {act} ROW LEVEL SECURITY"
            for table in tables
            for act in acts
        )
    )
