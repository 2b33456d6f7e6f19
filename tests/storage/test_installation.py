"""The two databases and the master key belong together, or the start is refused."""

import subprocess
import sys
from uuid import uuid4

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from tests.cast import NOW
from valv.config.checks import check_start
from valv.core.errors import Misconfigured
from valv.storage import installation, keys
from valv.storage.keys import KEYS_DB, KeyKind
from valv.storage.models import Installation, KeyInstallation
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_whole_installation_starts(acme: Tenant) -> None:
    check_start(["serve"])


def test_without_one_the_start_is_refused(db: None) -> None:
    with pytest.raises(Misconfigured, match="valv init"):
        check_start(["serve"])


def test_keys_of_another_installation_are_refused(acme: Tenant) -> None:
    KeyInstallation.objects.using(KEYS_DB).update(installation_id=uuid4())

    with pytest.raises(Misconfigured, match="belongs to another installation"):
        check_start(["nightly"])


def test_keys_older_than_the_data_are_refused(acme: Tenant) -> None:
    Installation.objects.update(generation=7)

    with pytest.raises(Misconfigured, match="older than the data"):
        check_start(["serve"])


def test_keys_newer_than_the_data_are_what_a_crash_leaves(acme: Tenant) -> None:
    keys.destroy(acme.id, {KeyKind.TEXT: [1]})

    check_start(["serve"])


def test_a_wrong_master_key_is_refused(acme: Tenant, settings: Settings) -> None:
    settings.VALV_MASTER_KEY = b"\1" * 32

    with pytest.raises(Misconfigured, match="master key does not open"):
        check_start(["serve"])


def test_beginning_twice_changes_nothing(acme: Tenant) -> None:
    before = Installation.objects.get().installation_id

    assert not installation.begin(now=NOW)

    assert Installation.objects.get().installation_id == before


def test_a_crash_while_beginning_is_mended_by_beginning_again(db: None) -> None:
    installation.begin(now=NOW)
    Installation.objects.all().delete()

    assert installation.begin(now=NOW)

    installation.check()


def test_the_keys_of_another_archive_are_never_written_over(acme: Tenant) -> None:
    before = KeyInstallation.objects.using(KEYS_DB).get().installation_id
    Installation.objects.all().delete()

    with pytest.raises(Misconfigured, match="keys of another archive"):
        installation.begin(now=NOW)

    assert KeyInstallation.objects.using(KEYS_DB).get().installation_id == before


@pytest.mark.sqlite
@pytest.mark.parametrize("alias", ["default", KEYS_DB])
def test_a_schema_of_a_newer_version_is_refused(acme: Tenant, alias: str) -> None:
    recorder = MigrationRecorder(connections[alias])
    recorder.record_applied("archive", "9999_of_tomorrow")

    try:
        with pytest.raises(Misconfigured, match="newer Valv"):
            installation.check()
    finally:
        recorder.record_unapplied("archive", "9999_of_tomorrow")


def test_the_schema_can_be_prepared_again(acme: Tenant) -> None:
    command = [sys.executable, "-m", "valv.config.main", "upgrade"]

    subprocess.run(command, check=True, capture_output=True)

    check_start(["serve"])
    assert Tenant.objects.get() == acme


def test_copies_are_asked_for_until_confirmed(acme: Tenant) -> None:
    assert installation.warnings() == [installation.NO_COPIES]

    installation.confirm_copies(now=NOW)

    assert installation.warnings() == []


@pytest.mark.postgresql
@pytest.mark.parametrize("role", ["postgres", "valv_admin"])
def test_a_role_with_power_is_refused(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    from psycopg import connect

    from valv.config import checks

    settings = connections["default"].settings_dict
    login = {"dbname": settings["NAME"], "host": settings["HOST"], "user": role}
    with connect(**login, autocommit=True) as powerful:

        class Powerful:
            vendor = "postgresql"
            cursor = powerful.cursor

        monkeypatch.setattr(checks, "connections", {"default": Powerful()})
        with pytest.raises(Misconfigured, match="superuser or owns the tables"):
            checks._check_role()
