"""Copying the archive, and losing it all to have it back from a copy."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from tests.memories import forget
from valv.archive import contents
from valv.core.retention import StorageTimes
from valv.jobs.command import OK, main
from valv.lifecycle import restored
from valv.storage import copied_tables, copies, keys, schema

# Where a restoring may be killed: what it does, one thing after the other.
STEPS: list[tuple[Any, str]] = [
    (copies, "put_back_keys"),
    (copies, "put_back_data"),
    (copies, "put_back_blobs"),
    (restored, "_unlink"),
    (restored, "_cut"),
    (contents, "entomb"),
]


@dataclass
class Copied:
    """A model as it was when a copy was made, and what keys and blobs there were."""

    stamp: str
    calls: dict[str, Any]
    pending: list[Any]
    holds: dict[int, str]
    times: StorageTimes
    stored: frozenset[Any]


@contextmanager
def lost() -> Iterator[None]:
    """Everything is lost, as when a machine burns, and may be put back meanwhile.

    The empty tables of PostgreSQL stay, so nothing is left for an administrator to do.
    """
    for alias in (copies.DATA_DB, keys.KEYS_DB):
        _lose(connections[alias])
    shutil.rmtree(settings.VALV_DATA / "blobs", ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "prepare", lambda _: None)
        patch.setattr(copied_tables, "_set_numbers", lambda *_: None)
        yield
    forget()


def _lose(connection: Any) -> None:
    if connection.vendor != "sqlite":
        connection.ops.execute_sql_flush(())
        return
    connection.close()
    file = Path(str(connection.settings_dict["NAME"]))
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def put_back(folder: Path, stamp: str) -> None:
    assert main(["restore", str(folder), "--data", stamp], user="root") == OK
