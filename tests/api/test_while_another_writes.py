"""Requests while somebody else writes for a long time: read at once, or wait once."""

from collections.abc import Iterator
from time import monotonic

import pytest
from django.db import connection, connections

from tests.intake.asking import Source
from valv.archive.models import Interaction
from valv.tenants.models import Tenant, Token

pytestmark = pytest.mark.django_db(transaction=True)
START = "2026-11-20T09:00:00.000Z"
PATIENCE = 40.0
LOCK = (
    "SELECT set_config('valv.tenant', '{}', true);"
    "LOCK TABLE api_token, session IN EXCLUSIVE MODE"
)


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


@pytest.fixture
def _somebody_writes(source: Source) -> Iterator[None]:
    """Another connection that holds the lock, and does not let go of it."""
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if _is_sqlite() else "BEGIN")
        if not _is_sqlite():
            cursor.execute(LOCK.format(source.tenant.id))
        yield
        cursor.execute("ROLLBACK")
    other.close()


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


@pytest.fixture
def _patient() -> Iterator[None]:
    """A connection that waits for others so long that nobody could overlook it."""
    milliseconds = int(PATIENCE * 1000)
    with connection.cursor() as cursor:
        cursor.execute(
            f"PRAGMA busy_timeout = {milliseconds}"
            if _is_sqlite()
            else f"SET lock_timeout = {milliseconds}"
        )
    yield
    connection.close()


@pytest.mark.usefixtures("_patient", "_somebody_writes")
def test_whoever_reads_does_not_wait_to_note_that_a_token_was_used(
    source: Source,
) -> None:
    began = monotonic()

    answer = source.ask("GET", "/interactions")

    assert answer.status_code == 200
    assert monotonic() - began < PATIENCE / 2
    assert [token.last_used_at for token in source.rows(Token)] == [None]


@pytest.mark.usefixtures("_somebody_writes")
def test_the_first_to_read_on_a_new_connection_does_not_wait_either(
    source: Source,
) -> None:
    connection.close()

    assert source.rows(Interaction) == []


@pytest.mark.sqlite
@pytest.mark.usefixtures("_somebody_writes")
def test_whoever_writes_waits_once_and_is_told_to_come_again(source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 5000")
    began = monotonic()

    answer = source.put("S1", started_at=START)

    waited = monotonic() - began
    connection.close()
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert 5 <= waited < 9
    assert source.rows(Interaction) == []
