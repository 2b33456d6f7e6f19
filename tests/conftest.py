"""What every test may ask for: both databases as in production, and the cast.

The databases are built by ``schema.prepare``, as ``valv init`` does, so on PostgreSQL
the tests connect as the role that owns nothing. At the end of a run stands the list of
what was left out and how to get it.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management.color import no_style
from django.core.management.sql import sql_flush
from django.db import connections, transaction
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from psycopg import Connection
from pytest_django import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.environment import DATABASE
from tests.laid import lay_tables
from tests.memories import forget
from tests.missing import LEFT_OUT, left_out_lines
from tests.peers.postgres import as_superuser
from tests.rows import ALIASES, ASK_FOR_ROWS, open_both_databases

# How long a machine takes says nothing about what it was given.
hypothesis.register_profile("valv", suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("valv")
# A run keeps nearly all that it makes: to look often for what it does not is in vain.
gc.set_threshold(20_000, 20, 20)

pytest_plugins = [
    "tests.cast",
    "tests.parallel",
    "tests.peers.ceph",
    "tests.peers.smtp",
]

URLS = {"default": "VALV_DATABASE_URL", "keys": "VALV_KEYS_URL"}
TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname <> 'django_migrations'
"""
# Where nearly all that tests lay falls; a test that rolled it back would make it anew.
LAY_MONTH = "SELECT valv_ensure_month(%s::date)"
DROP_MONTH = "SELECT valv_drop_month(%s::date)"
OTHER_MONTHS = """
    SELECT month FROM (SELECT to_date(right(c.relname, 6), 'YYYYMM') AS month
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'public.interaction'::regclass) AS known
    WHERE month <> date_trunc('month', %s)::date
"""
HERE = Path(__file__).parent
PURE = {"core", "browser", "intake", "portal", "sharing", "storage", "test_house.py"}
AFTER_A_FILE: list[Callable[[], None]] = []


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Build both databases once a run, and empty them as one who may."""
    from tests.cast import NOW  # a plugin, whose assertions are told well
    from valv.storage import schema

    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        prepare = lay_tables if DATABASE == "sqlite" else schema.prepare
        prepare(settings.VALV_DATA)
        _empty_quickly(patch)
        emptying = dict[str, Callable[[], None]]()
        for alias in ALIASES if DATABASE == "postgresql" else ():
            url = as_superuser(os.environ[URLS[alias]])
            able = stack.enter_context(psycopg.connect(url, autocommit=True))
            if alias == "default":
                able.execute(LAY_MONTH, [NOW])
                AFTER_A_FILE.append(partial(_drop_months, able, NOW))
            emptying[alias] = _emptying(able)
        if emptying:  # of the class: a browser's event loop has connections of its own
            ops = type(connections["default"].ops)
            patch.setattr(
                ops,
                "execute_sql_flush",
                lambda ops, _: emptying[ops.connection.alias](),
            )
        yield
        connections.close_all()


@pytest.fixture(scope="session", autouse=True)
def _look_once_for_files() -> Iterator[None]:
    """Each client has a WhiteNoise of its own, which would look for all files anew."""
    look, known = WhiteNoiseMiddleware.add_files_from_finders, dict[str, Any]()

    def look_once(noise: WhiteNoiseMiddleware) -> None:
        if not known:
            look(noise)
            known.update(noise.files)
        noise.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


def _empty_quickly(patch: pytest.MonkeyPatch) -> None:
    """After a test that commits Django asks anew what tables there are, and connects.

    Connections stay, for they have nothing that the next test must not find.
    """
    statements = {alias: sql_flush(no_style(), connections[alias]) for alias in ALIASES}

    def empty(case: Any) -> None:
        for alias in case._databases_names(include_mirrors=False):
            connections[alias].ops.execute_sql_flush(statements[alias])

    patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
    patch.setattr(TransactionTestCase, "_should_reload_connections", lambda _: False)


def _emptying(connection: Connection) -> Callable[[], None]:
    """Deletes all rows, which the application's role may not.

    Few as they are, that takes a tenth of the time in which tables are truncated.
    """
    connection.execute("SET session_replication_role = replica")  # in any order
    tables = connection.execute(TABLES).fetchall()
    deletions = "; ".join(f'DELETE FROM "{name}"' for (name,) in tables)  # noqa: S608

    def empty() -> None:
        connection.execute(deletions.encode())

    return empty


def _drop_months(connection: Connection, kept: datetime) -> None:
    """Each night of a later test would drop them, and each query plan for them."""
    for (month,) in connection.execute(OTHER_MONTHS, [kept]).fetchall():
        connection.execute(DROP_MONTH, [month])
    connection.execute(LAY_MONTH, [kept])  # a night of later may have dropped it


@pytest.fixture(scope="module", autouse=True)
def _leave_nothing() -> Iterator[None]:
    """What its committed tests made goes with a file, when nothing is open any more.

    Its connections too: beside a browser's event loop Django has others, and a fork
    would take along those that it no longer knows.
    """
    yield
    connections.close_all()
    for clear in AFTER_A_FILE:
        clear()


@pytest.fixture(autouse=True)
def _forget_other_tests(request: pytest.FixtureRequest) -> None:
    """Tenants' numbers come again after a rollback, with other keys and no blobs."""
    forget()
    if "laid_once" not in request.fixturenames:
        shutil.rmtree(settings.VALV_DATA / "blobs", ignore_errors=True)


@pytest.fixture(scope="module")
def laid_once(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A transaction around all tests of a file, for rows that they only read.

    What a fixture of the module lays in it is there for each of them; what a test
    changes is taken back at its end, as always, but for blobs that it discards.
    """
    with django_db_blocker.unblock(), ExitStack() as stack:
        forget()
        shutil.rmtree(settings.VALV_DATA / "blobs", ignore_errors=True)
        for alias in ALIASES:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Give tests with rows both databases; leave those of the other kind out."""
    other = "sqlite" if DATABASE == "postgresql" else "postgresql"
    left = [item for item in items if item.get_closest_marker(other)]
    items[:] = [item for item in items if not item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left)
    for item in items:
        open_both_databases(item)
        _mark_peer(item)
        _mark_pure(item)


def pytest_collection_finish() -> None:
    """What is collected stays to the end: nobody need look for garbage in it."""
    gc.collect()
    gc.freeze()


def _mark_peer(item: pytest.Item) -> None:
    if "ceph" in getattr(item, "fixturenames", ()) or "[s3" in item.name:
        item.add_marker("s3")
        item.add_marker("once")


def _mark_pure(item: pytest.Item) -> None:
    """What asks for no rows in these rooms has no database elsewhere either."""
    room = item.path.relative_to(HERE).parts[0]
    if room in PURE and not ASK_FOR_ROWS.intersection(
        getattr(item, "fixturenames", ())
    ):
        item.add_marker("once")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of a run in parallel sends home what it left out."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = dict(LEFT_OUT)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    LEFT_OUT.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"ran on {DATABASE}")
    if LEFT_OUT:
        terminalreporter.line("Left out, for want of:")
    for line in left_out_lines():
        terminalreporter.line(f"  {line}")
