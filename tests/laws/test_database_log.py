"""What PostgreSQL's own logs tell: no key that is destroyed later.

A server's log outlives every row, and is often sent elsewhere. Of settings that would
put keys in one, or keep what is written ahead, `valv doctor` warns.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connections
from psycopg import sql

from tests.crash.installed import install, write_vcons
from tests.peers import postgres
from tests.peers.postgres import as_superuser, log_of
from valv.storage import installation, keys
from valv.storage.keys import KEYS_DB, KeyKind
from valv.storage.schema import ROLE_FILES
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
DATABASES = ("VALV_DATABASE_URL", "VALV_KEYS_URL")
TELLING = (*postgres.CARELESS, "log_statement=all", "log_parameter_max_length=0")
SET = "ALTER ROLE {} SET {} = {}"
RESET = "ALTER ROLE {} RESET ALL"
BYTES = re.compile(r"\\x[0-9a-f]{32}")
Logging = Callable[..., None]
Said = Callable[[], str]


def _as_superuser(statement: str, *parts: sql.Composable) -> None:
    """And let the application sign in anew, as it heeds then what was set."""
    role = sql.Identifier(connections[KEYS_DB].settings_dict["USER"])
    with psycopg.connect(as_superuser(os.environ["VALV_KEYS_URL"])) as able:
        able.execute(sql.SQL(statement).format(role, *parts))
    connections[KEYS_DB].close()


@pytest.fixture
def logging() -> Iterator[Logging]:
    """How the server logs what the application does with keys."""

    def let(**settings: int) -> None:
        for name, value in settings.items():
            _as_superuser(SET, sql.Identifier(name), sql.Literal(str(value)))

    yield let
    _as_superuser(RESET)


@pytest.fixture
def said() -> Said:
    """What the server has logged since the test began."""
    log = log_of(os.environ["VALV_KEYS_URL"])
    before = log.stat().st_size
    return lambda: log.read_bytes()[before:].decode()


def test_a_log_of_all_that_runs_holds_no_key(
    acme: Tenant, logging: Logging, said: Said
) -> None:
    logging(log_min_duration_statement=0, log_parameter_max_length=0)

    keys.create(acme.id, KeyKind.TEXT, range(3))
    keys.keep(acme.id, KeyKind.CONTENT, {7: bytes(32)})
    keys.read(acme.id, KeyKind.TEXT, range(3))
    keys.destroy(acme.id, {KeyKind.TEXT: range(3)})

    assert "INSERT INTO sealing_key" in said()
    assert not BYTES.search(said())


def test_a_statement_that_fails_is_logged_without_its_keys(
    acme: Tenant, logging: Logging, said: Said
) -> None:
    logging(log_parameter_max_length_on_error=-1)
    keys.create(acme.id, KeyKind.TEXT, [1])

    with pytest.raises(IntegrityError):
        keys.create(acme.id, KeyKind.TEXT, [1])

    assert "duplicate key" in said()
    assert "INSERT INTO sealing_key" in said()
    assert not BYTES.search(said())


def test_nothing_that_is_done_leaves_a_secret_in_the_log(tmp_path: Path) -> None:
    server = postgres.start(TELLING)
    urls = {name: server.make_database(name.lower()) for name in DATABASES}
    made = install(tmp_path / "data", **urls)
    secrets = _wrapped(urls)
    made.run("import", str(write_vcons(tmp_path / "vcons", count=2)))
    secrets |= _wrapped(urls)
    made.run("keys", "rotate")
    secrets |= _wrapped(urls)
    made.run("forget", "--phone", "+46701230000", "--delete-content", "--yes")
    roles = [made.data / name for name in ROLE_FILES.values()]
    secrets |= {json.loads(role.read_text())["PASSWORD"] for role in roles}

    log = log_of(urls["VALV_KEYS_URL"]).read_text(encoding="utf-8")
    assert "INSERT INTO sealing_key" in log
    assert [secret for secret in secrets if secret in log] == []


def _wrapped(urls: dict[str, str]) -> set[str]:
    """The keys that there are, as a log would spell them."""
    with psycopg.connect(as_superuser(urls["VALV_KEYS_URL"])) as able:
        return {key.hex() for (key,) in able.execute("SELECT wrapped FROM sealing_key")}


def test_doctor_names_a_log_that_would_hold_keys(
    acme: Tenant, logging: Logging
) -> None:
    assert not _is_warned()

    logging(log_min_duration_statement=1000)
    assert _is_warned()

    logging(log_parameter_max_length=0)
    assert not _is_warned()


def test_doctor_names_a_write_ahead_log_that_is_kept_for_nobody(acme: Tenant) -> None:
    assert not _is_warned(of=installation.KEPT)

    with psycopg.connect(as_superuser(os.environ["VALV_KEYS_URL"])) as able:
        able.execute("SELECT pg_create_physical_replication_slot('away', true)")
    try:
        assert _is_warned(of=installation.KEPT)
    finally:
        with psycopg.connect(as_superuser(os.environ["VALV_KEYS_URL"])) as able:
            able.execute("SELECT pg_drop_replication_slot('away')")


@pytest.mark.parametrize("mode", ["off", "always"])
def test_doctor_names_a_write_ahead_log_that_is_archived(
    tmp_path: Path, mode: str
) -> None:
    server = postgres.start((*postgres.CARELESS, f"archive_mode={mode}"))
    urls = {name: server.make_database(name.lower()) for name in DATABASES}
    made = install(tmp_path / "data", **urls)
    with psycopg.connect(as_superuser(urls["VALV_KEYS_URL"])) as able:
        (heeded,) = able.execute("SHOW archive_mode").fetchone() or ("",)

    said = json.loads(made.run("doctor", "--json"))["warnings"]

    assert (installation.KEPT in said) == (heeded == "always")


def _is_warned(of: str = installation.TOLD) -> bool:
    begins = of.partition("{")[0]
    return any(one.startswith(begins) for one in installation.warnings())
