"""The sealed spool: a file to seek in, of which the disk never sees a plain byte."""

import hashlib
import os
import tracemalloc
import wave
from collections.abc import Iterator
from io import BytesIO, UnsupportedOperation
from pathlib import Path
from random import Random

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valv.core.errors import Busy, TooLarge
from valv.storage.sealed import FRAME, Tampered
from valv.storage.spool import SealedSpool

BODY = Random(1).randbytes(3 * FRAME + 17)
PLANTED = b"+46701234567 said the word marzipan."

edges = st.integers(-3, 3).flatmap(
    lambda near: st.sampled_from([0, FRAME, 2 * FRAME, 3 * FRAME, len(BODY)]).map(
        lambda at: max(0, at + near)
    )
)
places = st.integers(0, len(BODY) + 10) | edges
sizes = st.integers(0, 10) | st.integers(0, 2 * FRAME) | st.just(-1)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SealedSpool]:
    with SealedSpool(tmp_path) as spool:
        yield spool


def _on_disk(spool: SealedSpool) -> bytes:
    assert spool._file is not None
    descriptor = spool._file.fileno()
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedSpool]:
    with SealedSpool(tmp_path_factory.mktemp("spool")) as spool:
        for at in range(0, len(BODY), 1000):
            spool.write(BODY[at : at + 1000])
        spool.finish()
        yield spool


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(places, sizes), max_size=8))
def test_it_reads_and_seeks_as_bytes_in_memory_do(
    filled: SealedSpool, steps: list[tuple[int, int]]
) -> None:
    memory = BytesIO(BODY)

    for place, size in steps:
        assert filled.seek(place) == memory.seek(place)
        assert filled.read(size) == memory.read(size)
        assert filled.tell() == memory.tell()


@given(st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END]), places)
def test_each_way_of_seeking_lands_where_it_says(
    filled: SealedSpool, whence: int, offset: int
) -> None:
    filled.seek(5)
    memory = BytesIO(BODY)
    memory.seek(5)

    assert filled.seek(offset, whence) == memory.seek(offset, whence)
    assert filled.read(9) == memory.read(9)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2 * FRAME + 3), max_size=5))
def test_it_gives_back_what_was_written_however_it_was_cut(
    tmp_path: Path, sizes: list[int]
) -> None:
    chunks = [bytes([number]) * size for number, size in enumerate(sizes)]
    with SealedSpool(tmp_path) as spool:
        for chunk in chunks:
            assert spool.write(chunk) == len(chunk)
        spool.finish()

        assert spool.size == sum(sizes)
        assert spool.read() == b"".join(spool.chunks()) == b"".join(chunks)


def test_no_plain_byte_reaches_the_disk(spool: SealedSpool) -> None:
    for _ in range(5 * FRAME // len(PLANTED)):
        spool.write(PLANTED)
    spool.finish()

    stored = _on_disk(spool)

    assert len(stored) > 4 * FRAME
    assert PLANTED not in stored
    assert b"marzipan" not in stored


def test_two_spools_of_the_same_bytes_share_nothing(tmp_path: Path) -> None:
    with SealedSpool(tmp_path) as one, SealedSpool(tmp_path) as two:
        for spool in (one, two):
            spool.write(bytes(FRAME))
            spool.finish()

        assert _on_disk(one)[:16] != _on_disk(two)[:16]


def test_the_file_has_no_name(spool: SealedSpool, tmp_path: Path) -> None:
    spool.write(bytes(2 * FRAME))

    assert list(tmp_path.iterdir()) == []


def test_the_key_goes_when_the_spool_closes(spool: SealedSpool) -> None:
    spool.write(b"body")
    spool.finish()

    spool.close()

    assert spool._cipher is None
    with pytest.raises(ValueError, match="closed"):
        spool.read()


def test_bytes_changed_on_disk_are_tampering(spool: SealedSpool) -> None:
    spool.write(bytes(2 * FRAME))
    spool.finish()
    assert spool._file is not None

    (as_it_was,) = os.pread(spool._file.fileno(), 1, 100)
    os.pwrite(spool._file.fileno(), bytes([as_it_was ^ 1]), 100)

    with pytest.raises(Tampered):
        spool.read(1)


def test_a_file_cut_on_disk_is_tampering(spool: SealedSpool) -> None:
    spool.write(bytes(2 * FRAME))
    spool.finish()
    assert spool._file is not None

    os.ftruncate(spool._file.fileno(), FRAME)

    with pytest.raises(Tampered):
        spool.read()


def test_a_digest_sees_what_is_written(tmp_path: Path) -> None:
    digest = hashlib.sha256()
    with SealedSpool(tmp_path, digest=digest) as spool:
        spool.write(BODY[:1000])
        spool.write(memoryview(BODY)[1000:])

    assert digest.digest() == hashlib.sha256(BODY).digest()


def test_more_than_the_limit_is_not_taken(tmp_path: Path) -> None:
    with SealedSpool(tmp_path, limit=10) as spool:
        spool.write(b"0123456789")

        with pytest.raises(TooLarge, match="10 bytes"):
            spool.write(b"x")


def test_a_full_disk_is_said_plainly() -> None:
    with SealedSpool(Path("/dev/shm")) as spool:
        assert spool._file is not None
        spool._file.close()
        full = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115
        spool._file = full

        with pytest.raises(Busy, match="no room"):
            spool.write(bytes(FRAME))


def test_it_is_written_first_and_read_after(spool: SealedSpool) -> None:
    assert spool.writable()
    with pytest.raises(UnsupportedOperation):
        spool.read()

    spool.finish()

    assert spool.readable()
    assert spool.seekable()
    with pytest.raises(UnsupportedOperation):
        spool.write(b"late")


def test_nothing_lies_before_the_start(filled: SealedSpool) -> None:
    with pytest.raises(ValueError, match="before the start"):
        filled.seek(-1)


def test_large_files_take_little_memory(spool: SealedSpool) -> None:
    body = bytes(24 * 1024 * 1024)
    tracemalloc.start()
    try:
        spool.write(body)
        spool.finish()
        while spool.read(100_000):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2 * 1024 * 1024


def test_audio_is_decoded_from_it(spool: SealedSpool) -> None:
    memory = BytesIO()
    with wave.open(memory, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(BODY[: 8000 * 2])
    spool.write(memory.getvalue())
    spool.finish()

    with av.open(spool, "r") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))

    assert samples == 8000
