"""Law 7 on PostgreSQL's own files: what a deleted row leaves in them opens no more.

PostgreSQL keeps a row that was changed or deleted until its space is used again. Here
somebody's old snapshot keeps all of them; then the files of the tables themselves are
read, byte by byte, after a person was forgotten.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from tests.intake.asking import Source
from tests.laws.forms import forms_of
from tests.laws.test_forgotten import (
    ADDRESSES,
    NUMBERS,
    PLANTED,
    plant_call,
    plant_chat,
)
from tests.peers.postgres import as_superuser, folder_of
from valv.audit.verify import settle
from valv.jobs.command import OK, main
from valv.storage import keys
from valv.storage.keys import KeyKind
from valv.storage.schema import WITHOUT_STATISTICS
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
NIGHTS = 3  # one may find somebody at the table, and leaves it to the next
DATA, KEYS = "VALV_DATABASE_URL", "VALV_KEYS_URL"
SEALED = {
    "identifier": "sealed",
    "interaction": "text",
    "raw_event": "body",
    "survey": "comment",
    "consent": "sealed",
    "chat_part": "sealed",
}
GATHERED = "SELECT attname FROM pg_stats WHERE tablename = %s"
FILES = (
    "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
)


@dataclass(frozen=True)
class Cluster:
    """A database of the run's own server, and the files that its tables lie in."""

    url: str

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(as_superuser(self.url), autocommit=True)

    def values(self, table: str, column: str) -> set[bytes]:
        with self.connect() as able:
            found = able.execute(f"SELECT {column} FROM {table}")  # noqa: S608
            return {bytes(value) for (value,) in found if value}

    def gather(self) -> None:
        """Let the planner look at all columns, as it does when many rows changed."""
        with self.connect() as able:
            able.execute("ANALYZE")

    def gathered(self, table: str) -> set[str]:
        with self.connect() as able:
            return {column for (column,) in able.execute(GATHERED, [table])}

    def bytes(self) -> bytes:
        """All that lies in its tables and indexes, rows that are dead among it.

        The system's own are among them: it keeps values of columns as statistics.
        """
        with self.connect() as able:
            able.execute("CHECKPOINT")
            paths = [path for (path,) in able.execute(FILES) if path]
        folder = folder_of(self.url)
        return b"".join((folder / path).read_bytes() for path in paths)


@pytest.fixture
def data() -> Iterator[Cluster]:
    """The data, of which an old snapshot keeps every dead row.

    What the tests before this one left in the files is cleared away first.
    """
    cluster = Cluster(os.environ[DATA])
    with cluster.connect() as able:
        able.execute("VACUUM FULL")
    with cluster.connect() as able, able.transaction():
        able.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        able.execute("SELECT")
        yield cluster


def test_dead_rows_hold_nothing_that_opens(acme: Tenant, data: Cluster) -> None:
    held = Cluster(os.environ[KEYS])
    strangers = held.values("sealing_key", "wrapped")
    source = Source.of(acme)
    plant_call(source, "call", NUMBERS[0])
    plant_chat(source, "chat", ADDRESSES[0])
    sealed = {place: data.values(*place) for place in SEALED.items()}
    assert all(sealed.values())
    wrapped = held.values("sealing_key", "wrapped") - strangers

    data.gather()
    held.gather()
    words = ["--phone", NUMBERS[3], "--email", ADDRESSES[1]]
    assert main(["forget", *words, "--delete-content", "--yes"], user="root") == OK

    living = {place: data.values(*place) for place in SEALED.items()}
    lying = data.bytes()
    for place, values in sealed.items():
        dead = values - living[place]
        assert dead
        assert [value for value in dead if value not in lying] == []
    assert [text for text in PLANTED if any(f in lying for f in forms_of(text))] == []
    gone = wrapped - held.values("sealing_key", "wrapped")
    assert gone
    assert lying_after_nights(held, gone) == []


def lying_after_nights(held: Cluster, gone: set[bytes]) -> list[bytes]:
    left = list(gone)
    for _ in range(NIGHTS):
        assert keys.vacuum()
        lying = held.bytes()
        left = [key for key in left if key in lying]
    return left


def test_an_upgrade_clears_keys_out_of_statistics(acme: Tenant) -> None:
    held = Cluster(os.environ[KEYS])
    with held.connect() as able:
        able.execute("ALTER TABLE sealing_key ALTER wrapped SET STATISTICS -1")
    keys.create(acme.id, KeyKind.TEXT, range(100))
    wrapped = held.values("sealing_key", "wrapped")
    held.gather()
    keys.destroy(acme.id, {KeyKind.TEXT: range(100)})
    gone = wrapped - held.values("sealing_key", "wrapped")
    assert "wrapped" in held.gathered("sealing_key")

    upgrade = [sys.executable, "-m", "valv.config.main", "upgrade"]
    for _ in range(NIGHTS):
        subprocess.run(upgrade, check=True, capture_output=True)

    assert lying_after_nights(held, gone) == []


@pytest.mark.parametrize(("table", "column"), WITHOUT_STATISTICS.items())
def test_nothing_is_gathered_of_what_must_leave_no_trace(
    acme: Tenant, data: Cluster, table: str, column: str
) -> None:
    settle(acme.id)
    cluster = {"sealing_key": Cluster(os.environ[KEYS])}.get(table, data)
    assert cluster.values(table, column)

    cluster.gather()

    listed = cluster.gathered(table)
    assert listed
    assert column not in listed
