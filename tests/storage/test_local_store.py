"""What only a folder can do wrong: temporary files, modes, syncs and full disks."""

import errno
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from valv.storage.blobs.contract import BlobExists, BlobMissing, BlobStoreFailed
from valv.storage.blobs.local import CHUNK, TEMPORARY, LocalStore

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "blobs")


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names, as they are synced, of what is synced."""
    seen: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    return seen


def _temporaries(store: LocalStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.name[0] == "."]


def _leave_temporary(store: LocalStore, *, modified_at: datetime) -> Path:
    path = store.folder / "t1" / f"{TEMPORARY}0123"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"half")
    os.utime(path, (modified_at.timestamp(),) * 2)
    return path


def test_files_and_folders_are_the_owners_alone(store: LocalStore) -> None:
    store.put("t1/deep/blob", [b"body"])

    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in [store.folder, *store.folder.rglob("*")]
    }
    assert modes == {"blobs": 0o700, "t1": 0o700, "deep": 0o700, "blob": 0o600}


def test_the_bytes_are_synced_before_their_name(
    store: LocalStore, syncs: list[str]
) -> None:
    store.put("t1/blob", [b"body"])

    assert [name.startswith(TEMPORARY) for name in syncs][-2:] == [True, False]
    assert syncs[-1] == "t1"
    assert "blobs" in syncs


def test_a_discard_is_synced_also_when_nothing_is_there(
    store: LocalStore, syncs: list[str]
) -> None:
    store.put("t1/blob", [b"body"])
    store.discard("t1/blob")
    syncs.clear()

    store.discard("t1/blob")

    assert syncs == ["t1"]


def test_no_temporary_file_is_left(store: LocalStore) -> None:
    def breaking_off() -> Iterator[bytes]:
        yield b"half"
        raise LookupError

    store.put("t1/blob", [b"body"])
    with pytest.raises(BlobExists):
        store.put("t1/blob", [b"other"])
    with pytest.raises(LookupError):
        store.put("t1/other", breaking_off())

    assert _temporaries(store) == []


def test_a_blob_shows_only_when_it_is_whole(store: LocalStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        assert list(store.list()) == []
        with pytest.raises(BlobMissing):
            store.open("t1/blob")
        yield b"whole"

    assert store.put("t1/blob", chunks()) == 9


def test_a_leftover_is_not_listed_and_is_swept_when_old(store: LocalStore) -> None:
    store.put("t1/blob", [b"body"])
    leftover = _leave_temporary(store, modified_at=LONG_AGO)

    assert [info.key for info in store.list()] == ["t1/blob"]
    assert store.sweep_temporary(older_than=LONG_AGO + timedelta(seconds=1)) == 1

    assert not leftover.exists()
    assert [info.key for info in store.list()] == ["t1/blob"]


def test_a_young_temporary_file_is_left_to_its_writer(store: LocalStore) -> None:
    writing = _leave_temporary(store, modified_at=LONG_AGO)

    assert store.sweep_temporary(older_than=LONG_AGO) == 0

    assert writing.exists()


def test_a_sweep_never_takes_a_blob(store: LocalStore) -> None:
    store.put("t1/blob", [b"body"])

    assert store.sweep_temporary(older_than=FAR_AHEAD) == 0

    assert b"".join(store.open("t1/blob")) == b"body"


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_full_or_failing_disk_leaves_nothing(
    store: LocalStore, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("t1/first", [b"body"])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(BlobStoreFailed):
            store.put("t1/blob", [b"body"])

    assert _temporaries(store) == []
    with pytest.raises(BlobMissing):
        store.open("t1/blob")


def test_an_unread_stream_keeps_no_file_open(store: LocalStore) -> None:
    store.put("t1/blob", [b"body"])
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(10):
        store.open("t1/blob")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_blob_discarded_while_read_is_read_to_its_end(store: LocalStore) -> None:
    body = bytes(3 * CHUNK)
    store.put("t1/blob", [body])
    stream = store.open("t1/blob")
    first = next(stream)

    store.discard("t1/blob")

    assert first + b"".join(stream) == body


def test_a_key_under_another_blob_is_a_failure(store: LocalStore) -> None:
    store.put("t1/blob", [b"body"])

    with pytest.raises(BlobStoreFailed):
        store.put("t1/blob/below", [b"body"])
    with pytest.raises(BlobMissing):
        store.open("t1/blob/below")
    with pytest.raises(BlobMissing):
        store.open("t1")


def test_links_are_not_followed_by_a_listing(store: LocalStore) -> None:
    (store.folder / "loop").symlink_to(store.folder)

    assert list(store.list()) == []
