"""The one door to rows: whose they are, who writes, and what a locked store says."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connections, transaction

from tests.cast import NOW
from tests.peers.postgres import as_superuser
from valv.core.errors import Busy
from valv.storage import raw, scope
from valv.storage.scope import NoTenant, OtherTenant
from valv.tenants.models import StorageSetting, Tenant, Token, User

pytestmark = pytest.mark.django_db(transaction=True)


def make_setting() -> None:
    StorageSetting.objects.create(general=1, since=NOW, set_by="test")


def settings_made() -> int:
    return StorageSetting.objects.filter(set_by="test").count()


def test_outside_there_is_no_tenant() -> None:
    with pytest.raises(NoTenant):
        scope.current()


def test_another_tenants_scope_inside_is_a_fault(
    acme: Tenant, borealis: Tenant
) -> None:
    for outer in (scope.reading, scope.writing):
        for inner in (scope.reading, scope.writing):
            with outer(acme.id), pytest.raises(OtherTenant), inner(borealis.id):
                pass


def test_reading_cannot_begin_to_write(acme: Tenant) -> None:
    with (
        scope.reading(acme.id),
        pytest.raises(RuntimeError, match="cannot begin to write"),
        scope.writing(acme.id),
    ):
        pass


def test_reading_inside_writing_sees_what_was_written(acme: Tenant) -> None:
    with scope.writing(acme.id):
        make_setting()
        with scope.reading(acme.id):
            assert settings_made() == 1


def make_two_and_fail(tenant: Tenant) -> None:
    with scope.writing(tenant.id):
        make_setting()
        with scope.writing(tenant.id):
            make_setting()
        raise ZeroDivisionError


def test_an_error_undoes_the_whole_scope(acme: Tenant) -> None:
    with pytest.raises(ZeroDivisionError):
        make_two_and_fail(acme)

    with scope.reading(acme.id):
        assert settings_made() == 0


def test_after_a_scope_there_is_none(acme: Tenant) -> None:
    with pytest.raises(ZeroDivisionError), scope.writing(acme.id):
        raise ZeroDivisionError

    with pytest.raises(NoTenant):
        scope.current()


@pytest.mark.postgresql
def test_reading_refuses_to_write(acme: Tenant) -> None:
    with pytest.raises(DatabaseError, match="read-only"), scope.reading(acme.id):
        make_setting()


def test_a_look_at_the_gate_leaves_the_scope_as_it_was(alma: User) -> None:
    """A nested gate once took the outer scope's rows away with it."""
    with scope.writing(alma.tenant_id):
        with scope.at_the_gate():
            Token.objects.count()
        assert User.objects.count() == 1
        make_setting()
        assert settings_made() == 1


@contextmanager
def locked_by_another() -> Iterator[sqlite3.Connection]:
    name = connections["default"].settings_dict["NAME"]
    with closing(sqlite3.connect(name, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@pytest.fixture
def impatient() -> Iterator[None]:
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        yield
        cursor.execute("PRAGMA busy_timeout = 10000")


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
def test_reading_takes_no_lock_and_waits_for_none(acme: Tenant) -> None:
    with locked_by_another(), scope.reading(acme.id):
        assert settings_made() == 0


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
def test_a_locked_store_is_busy(acme: Tenant) -> None:
    with locked_by_another(), pytest.raises(Busy), scope.writing(acme.id):
        pass


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
def test_reading_sees_one_moment(acme: Tenant) -> None:
    with scope.reading(acme.id):
        before = StorageSetting.objects.count()
        with locked_by_another() as other:
            other.execute("DELETE FROM storage_setting")
            other.execute("COMMIT")
            assert StorageSetting.objects.count() == before == 1


class Refused(Exception):
    """What a test leaves a scope by."""


def test_a_look_at_the_gate_that_fails_leaves_the_scope_as_it_was(alma: User) -> None:
    with scope.writing(alma.tenant_id):
        with suppress(Refused), scope.at_the_gate():
            raise Refused
        assert User.objects.count() == 1
        make_setting()


SEEN = "SELECT count(*) FROM storage_setting"
PREPARED = "SELECT count(*) FROM pg_prepared_statements"


def counted(sql: str) -> int:
    """By a statement that asks for no tenant."""
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


@pytest.mark.postgresql
def test_what_a_refused_scope_would_see_nothing_later_sees(acme: Tenant) -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with scope.reading(acme.id):
            pass

    with transaction.atomic():
        assert counted(SEEN) == 0


@pytest.mark.postgresql
def test_around_a_scope_no_rows_are_seen(acme: Tenant) -> None:
    with transaction.atomic():
        for end in (nullcontext(), pytest.raises(Refused)):
            with end, scope.writing(acme.id):
                assert counted(SEEN) == 1
                if not isinstance(end, nullcontext):
                    raise Refused
            assert counted(SEEN) == 0


@pytest.mark.postgresql
def test_a_refusal_forgets_no_prepared_statement(acme: Tenant) -> None:
    with suppress(Refused), scope.reading(acme.id):
        raw.rows(SEEN, [])
        raise Refused

    assert counted(PREPARED) > 0


@pytest.mark.postgresql
def test_a_connection_that_was_lost_is_made_anew(acme: Tenant) -> None:
    process = counted("SELECT pg_backend_pid()")
    with psycopg.connect(as_superuser(os.environ["VALV_DATABASE_URL"])) as able:
        able.execute("SELECT pg_terminate_backend(%s, 5000)", [process])

    with pytest.raises(OperationalError), scope.reading(acme.id):
        pass
    with scope.reading(acme.id):
        assert settings_made() == 0
