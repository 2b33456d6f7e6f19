"""The database under the tests is the one of production: roles, walls, both parts."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import ProgrammingError, connections
from psycopg import sql

from tests.environment import DATABASE
from tests.peers.postgres import as_superuser
from tests.rows import open_both_databases
from valv.storage import scope
from valv.storage.scope import NoTenant
from valv.tenants.models import StorageSetting, Tenant, User

REWRITING = [
    *(
        f"UPDATE audit_entry SET {column} = {column}"  # noqa: S608 -- names of ours
        for column in (
            *("id", "tenant_id", "at", "action", "actor_type"),
            *("interaction_id", "content"),
        )
    ),
    "UPDATE audit_tile SET position = 0",
    "UPDATE audit_checkpoint SET note = ''",
    "TRUNCATE audit_entry",
    "TRUNCATE audit_tile",
    "TRUNCATE audit_checkpoint",
]


def test_the_run_is_on_the_database_it_says(acme: Tenant) -> None:
    assert {connections[alias].vendor for alias in ("default", "keys")} == {DATABASE}


@pytest.mark.django_db(transaction=True)
def test_what_a_committing_test_leaves_is_flushed(alma: User) -> None:
    assert Tenant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_committing_test_starts_with_nothing(dag: User) -> None:
    assert Tenant.objects.get().slug == "borealis"


@pytest.mark.django_db(transaction=True)
def test_what_is_laid_once_is_not_for_a_test_that_commits(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request.node, "fixturenames", ["laid_once"])

    with pytest.raises(pytest.UsageError, match="is never committed"):
        open_both_databases(request.node)


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
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", REWRITING)
def test_what_the_audit_log_says_was_done_is_not_rewritten(
    acme: Tenant, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope.writing(acme.id),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_upgrade_takes_back_what_the_application_once_might(acme: Tenant) -> None:
    app = connections["default"].settings_dict["USER"]
    with psycopg.connect(as_superuser(os.environ["VALV_DATABASE_URL"])) as able:
        able.execute(
            sql.SQL("GRANT UPDATE ON audit_entry TO {}").format(sql.Identifier(app))
        )

    command = [sys.executable, "-m", "valv.config.main", "upgrade"]
    subprocess.run(command, check=True, capture_output=True)

    test_what_the_audit_log_says_was_done_is_not_rewritten(acme, REWRITING[4])


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
