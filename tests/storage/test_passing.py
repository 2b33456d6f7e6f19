"""Writes in passing: not waited for, and nobody else's wait is shortened."""

from collections.abc import Iterator

import pytest
from django.db import connection

from valv.storage import scope
from valv.storage.passing import writing_in_passing

pytestmark = pytest.mark.django_db(transaction=True)
SQLITES_NORMAL, SQLITES_FULL = 1, 2


@pytest.fixture(autouse=True)
def _durable_as_in_production(transactional_db: None) -> Iterator[None]:
    """The server of the tests waits for nothing; here it does, for once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")
    yield
    connection.close()


def setting() -> object:
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")
        return cursor.fetchone()[0]


def test_only_what_is_written_in_passing_is_not_waited_for() -> None:
    with scope.writing(1):
        usual = setting()
    with writing_in_passing(1):
        passing = setting()
    with scope.writing(1):
        after = setting()

    assert usual == after
    assert (usual, passing) in {(SQLITES_FULL, SQLITES_NORMAL), ("on", "off")}


def test_a_write_in_passing_that_fails_leaves_no_trace() -> None:
    with pytest.raises(LookupError), writing_in_passing(1):
        raise LookupError

    assert setting() in {SQLITES_FULL, "on"}
