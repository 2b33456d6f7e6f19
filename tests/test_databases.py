"""The database under the tests is the one of production: roles, walls, both parts."""

import pytest
from django.db import ProgrammingError, connections

from tests.environment import DATABASE
from valv.storage import scope
from valv.storage.scope import NoTenant
from valv.tenants.models import StorageSetting, Tenant, User


def test_the_run_is_on_the_database_it_says(acme: Tenant) -> None:
    assert {connections[alias].vendor for alias in ("default", "keys")} == {DATABASE}


@pytest.mark.django_db(transaction=True)
def test_what_a_committing_test_leaves_is_flushed(alma: User) -> None:
    assert Tenant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_committing_test_starts_with_nothing(dag: User) -> None:
    assert Tenant.objects.get().slug == "borealis"


def test_a_query_outside_a_tenants_scope_is_refused(alma: User) -> None:
    with pytest.raises(NoTenant):
        StorageSetting.objects.count()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_application_owns_nothing(acme: Tenant) -> None:
    with (
        pytest.raises(ProgrammingError, match="must be owner"),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute("DROP TABLE storage_setting")


@pytest.mark.postgresql
def test_a_forgotten_filter_shows_no_other_tenants_rows(alma: User, dag: User) -> None:
    with scope.reading(alma.tenant_id), connections["default"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM valv_user")

        assert cursor.fetchall() == [(alma.tenant_id,)]


@pytest.mark.postgresql
def test_outside_a_scope_there_are_no_rows(alma: User) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM valv_user")

        assert cursor.fetchone() == (0,)
