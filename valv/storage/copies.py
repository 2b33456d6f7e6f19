"""Copies of both databases and of the blobs, and putting them back.

The data goes first and the keys second, and each copy of the keys replaces the last:
copies of the data may be kept for any time, for what was forgotten since does not open.
Neither is a dump of a running file; each is what one moment saw. The master key is not
copied: without it none of this can be read.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from valv.core.errors import Conflict, Malformed, Misconfigured
from valv.storage import blobstore, copied_tables
from valv.storage.blobs.contract import BlobMissing
from valv.storage.keys import KEYS_DB

DATA_DB = "default"
STAMP = "%Y%m%dT%H%M%S.%fZ"
FILES = {DATA_DB: "valv.sqlite3", KEYS_DB: "keys.sqlite3"}
TOLD = "copy.json"


def back_up(folder: Path, *, now: datetime) -> str:
    """Copy data, blobs and keys into a folder; answers the name of the data's copy.

    Raises Conflict if there is a copy of this very moment already.
    """
    stamp = now.strftime(STAMP)
    place = folder / "data" / stamp
    if place.exists():
        raise Conflict("There is a copy of this very moment already.")
    for broken_off in place.parent.glob("*.half"):
        shutil.rmtree(broken_off)
    _whole(place, lambda half: _copy(DATA_DB, half))
    copy_blobs(folder / "blobs")
    _whole(folder / "keys", lambda half: _copy(KEYS_DB, half))
    return stamp


def _whole(place: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder whole or not at all; what stood there before is replaced.

    So is what one that was broken off has left: of the keys nothing older may stay.
    """
    half, old = (place.with_name(place.name + end) for end in (".half", ".old"))
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700, parents=True)
    fill(half)
    for file in half.iterdir():
        _sync(file)
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    half.rename(place)
    if old.exists():
        shutil.rmtree(old)
    _sync(place.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(alias: str, place: Path) -> None:
    connection = connections[alias]
    connection.ensure_connection()
    told: dict[str, Any] = {"vendor": connection.vendor, "schema": _schema(alias)}
    if connection.vendor == "sqlite":
        file = place / FILES[alias]
        file.touch(mode=0o600)
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
    else:
        told["tables"] = copied_tables.copy_out(alias, place)
    (place / TOLD).write_text(json.dumps(told), encoding="utf-8")


def _schema(alias: str) -> list[str]:
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def copy_blobs(place: Path) -> None:
    """Let a folder hold the blobs that there are, and no others.

    What went meanwhile is not copied: its key is gone too.
    """
    store, known = blobstore.store(), set[str]()
    for blob in list(store.list("")):
        known.add(blob.key)
        file = place / blob.key
        if file.is_file() and file.stat().st_size == blob.size:
            continue
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _write(file, store.open(blob.key))
        except BlobMissing:
            known.discard(blob.key)
    for file in _files(place):
        if file.relative_to(place).as_posix() not in known:
            file.unlink()


def _write(file: Path, chunks: Iterator[bytes]) -> None:
    half = file.with_name(file.name + ".half")
    with half.open("wb") as out:
        out.writelines(chunks)
        out.flush()
        os.fsync(out.fileno())
    half.rename(file)


def _files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def copy_named(folder: Path, stamp: str | None) -> Path:
    """The copy of the data of that name, the newest unless stated. Raises Malformed."""
    copies = sorted(path for path in (folder / "data").glob("*Z") if path.is_dir())
    found = [path for path in copies if stamp in (None, path.name)]
    if not found or not (folder / "keys" / TOLD).is_file():
        raise Malformed("There is no such copy in that folder.", field="folder")
    return found[-1]


def put_back_keys(folder: Path) -> None:
    _put_back(KEYS_DB, folder / "keys")


def put_back_data(place: Path) -> None:
    _put_back(DATA_DB, place)


def put_back_blobs(folder: Path) -> None:
    """Put the copied blobs where they are read from; those that are there stay."""
    store, place = blobstore.store(), folder / "blobs"
    there = {blob.key for blob in store.list("")}
    for file in _files(place):
        key = file.relative_to(place).as_posix()
        if key not in there and not key.endswith(".half"):
            with file.open("rb") as held:
                store.put(key, iter(lambda held=held: held.read(1 << 20), b""))  # type: ignore[misc]


def _put_back(alias: str, place: Path) -> None:
    told = json.loads((place / TOLD).read_text(encoding="utf-8"))
    connection = connections[alias]
    if told["vendor"] != connection.vendor:
        raise Misconfigured(
            f"The copy is of {told['vendor']}. Name such a database in "
            "VALV_DATABASE_URL and VALV_KEYS_URL, or none for SQLite."
        )
    if connection.vendor == "sqlite":
        _put_file(place / FILES[alias], Path(str(connection.settings_dict["NAME"])))
        return
    if told["schema"] != _schema(alias):
        raise Misconfigured(
            "The copy was made by another version of Valv. Restore it with that one, "
            "then upgrade."
        )
    copied_tables.copy_in(alias, place, told["tables"])


def _put_file(copy: Path, target: Path) -> None:
    for name in (f"{target.name}-wal", f"{target.name}-shm"):
        target.with_name(name).unlink(missing_ok=True)
    with copy.open("rb") as held:
        _write(target, iter(lambda: held.read(1 << 20), b""))
    target.chmod(0o600)
