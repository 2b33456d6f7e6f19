"""Data keys: made, read, destroyed for good, and never mixed up between tenants."""

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import IntegrityError, connections

from tests.files import held_under
from valv.core.errors import Busy, Misconfigured
from valv.storage import keys
from valv.storage.keys import KEYS_DB, KeyKind
from valv.storage.models import KeyInstallation, SealingKey
from valv.storage.sealed import Tampered
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = KeyKind.TEXT
WAITING = (
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE datname = current_database() AND NOT granted"
)
CUTTING_OFF = (
    "SELECT count(*) FROM pg_stat_progress_vacuum v JOIN pg_stat_activity USING (pid)"
    " WHERE v.datname = current_database() AND phase = 'truncating heap'"
    " AND backend_type = 'client backend'"
)
DONE = "SELECT vacuum_count FROM pg_stat_all_tables WHERE relname = 'sealing_key'"


def generation() -> int:
    return KeyInstallation.objects.using(KEYS_DB).get().generation


def test_a_key_that_was_made_is_read_again(acme: Tenant) -> None:
    made = keys.create(acme.id, TEXT, [1, 2])

    assert keys.read(acme.id, TEXT, [1, 2, 3]) == made
    assert made[1] != made[2]


def test_a_key_is_made_once(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, [1])

    with pytest.raises(IntegrityError):
        keys.create(acme.id, TEXT, [1])


def test_a_destroyed_key_is_gone_and_the_generation_rises(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, range(600))
    before = generation()

    after = keys.destroy(acme.id, {TEXT: range(599)})

    assert list(keys.read(acme.id, TEXT, range(600))) == [599]
    assert after == generation() == before + 1


def test_destroying_twice_is_no_error(acme: Tenant) -> None:
    keys.destroy(acme.id, {TEXT: [1]})
    keys.destroy(acme.id, {TEXT: [1]})

    assert keys.read(acme.id, TEXT, [1]) == {}


def test_another_tenants_key_is_neither_read_nor_destroyed(
    acme: Tenant, borealis: Tenant
) -> None:
    made = keys.create(acme.id, TEXT, [1])

    keys.destroy(borealis.id, {TEXT: [1]})

    assert keys.read(borealis.id, TEXT, [1]) == {}
    assert keys.read(acme.id, TEXT, [1]) == made


def test_a_key_moved_to_another_object_does_not_open(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, [1])
    SealingKey.objects.using(KEYS_DB).filter(kind=TEXT, object_id=1).update(object_id=2)

    with pytest.raises(Tampered):
        keys.read(acme.id, TEXT, [2])


def test_a_tenant_without_keys_says_what_to_do(acme: Tenant) -> None:
    SealingKey.objects.using(KEYS_DB).all().delete()
    keys.of_tenant.cache_clear()

    with pytest.raises(Misconfigured, match="Restore the newest copy"):
        keys.of_tenant(acme.id)


def test_without_a_master_key_nothing_is_made(acme: Tenant, settings: Any) -> None:
    settings.VALV_MASTER_KEY = None
    keys.of_tenant.cache_clear()

    with pytest.raises(Misconfigured, match="valv init"):
        keys.create(acme.id, TEXT, [1])


@contextmanager
def locked_by_another(mode: str) -> Iterator[None]:
    name = connections[KEYS_DB].settings_dict["NAME"]
    with closing(sqlite3.connect(name, isolation_level=None)) as other:
        other.execute(mode)
        other.execute("SELECT count(*) FROM sealing_key")
        yield


@pytest.fixture
def impatient() -> Iterator[None]:
    """Waits for no lock."""
    with connections[KEYS_DB].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        yield
        cursor.execute("PRAGMA busy_timeout = 10000")


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
def test_a_locked_key_database_is_busy_and_destroys_nothing(acme: Tenant) -> None:
    made = keys.create(acme.id, TEXT, [1])

    with locked_by_another("BEGIN IMMEDIATE"):
        with pytest.raises(Busy):
            keys.destroy(acme.id, {TEXT: [1]})
        with pytest.raises(Busy):
            keys.create(acme.id, TEXT, [2])

    assert keys.read(acme.id, TEXT, [1, 2]) == made


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
def test_a_reader_keeps_a_destroyed_key_in_the_file(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, [1])

    with locked_by_another("BEGIN"):
        keys.destroy(acme.id, {TEXT: [1]})
        assert not keys.is_settled()

    assert keys.is_settled()


@pytest.mark.sqlite
def test_a_destroyed_key_is_in_no_file(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, [1])
    (row,) = SealingKey.objects.using(KEYS_DB).filter(kind=TEXT)
    wrapped = bytes(row.wrapped)
    assert wrapped in on_disk()

    keys.destroy(acme.id, {TEXT: [1]})
    assert keys.is_settled()

    assert wrapped not in on_disk()


def on_disk() -> bytes:
    file = Path(str(connections[KEYS_DB].settings_dict["NAME"]))
    held = held_under(file.parent)
    return b"".join(read for path, read in held if path.name.startswith(file.name))


@pytest.mark.postgresql
def test_the_table_of_keys_is_vacuumed_by_its_owner(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, range(100))
    keys.destroy(acme.id, {TEXT: range(100)})

    assert keys.vacuum()

    with psycopg.connect(os.environ["VALV_KEYS_URL"]) as connection:
        options = connection.execute(
            "SELECT reloptions FROM pg_class WHERE relname = 'sealing_key'"
        ).fetchone()
    assert options
    assert "autovacuum_vacuum_scale_factor=0" in options[0]


@pytest.mark.postgresql
def test_nobody_waits_for_a_vacuum_that_waits_for_an_idle_transaction(
    acme: Tenant,
) -> None:
    """It is done all the same, but for cutting off the file's empty end."""
    keys.create(acme.id, TEXT, range(100))
    keys.destroy(acme.id, {TEXT: range(100)})
    app = connections[keys.KEYS_DB].get_connection_params()
    url, waited = os.environ["VALV_KEYS_URL"], 0
    with (
        psycopg.connect(**app) as idle,
        psycopg.connect(url, autocommit=True) as watching,
        ThreadPoolExecutor() as pool,
    ):
        idle.execute("SELECT FROM sealing_key")
        before = told_by(watching, DONE)
        vacuumed = pool.submit(keys.vacuum)
        while not vacuumed.done():
            waited += told_by(watching, WAITING) + told_by(watching, CUTTING_OFF)

        assert (vacuumed.result(), waited) == (True, 0)
        assert told_by(watching, DONE) == before + 1


def told_by(watching: psycopg.Connection, sql: LiteralString) -> int:
    ((number,),) = watching.execute(sql).fetchall()
    return int(number)


def test_the_walk_over_keys_misses_none(acme: Tenant) -> None:
    keys.create(acme.id, TEXT, range(1001))

    assert list(keys.ids_between(acme.id, TEXT)) == list(range(1001))
    assert list(keys.ids_between(acme.id, TEXT, since=5, until=7)) == [5, 6]
