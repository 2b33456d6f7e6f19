"""The blob contract, clause by clause, over every store."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from threading import get_ident
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.peers.ceph import Ceph
from valv.core.errors import Malformed
from valv.storage.blobs.contract import BlobExists, BlobMissing, BlobStore
from valv.storage.blobs.local import LocalStore
from valv.storage.blobs.memory import MemoryStore
from valv.storage.blobs.s3 import ONE_PIECE, S3Place, S3Secrets, S3Store

LARGE = b"large" * (ONE_PIECE // 4)
SIZES = pytest.mark.parametrize("body", [b"", b"small", LARGE], ids=len)
BAD_KEYS = (
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    ".hidden",
    "a/.put-1",
    "A",
    "å",
    "a b",
    "a\n",
    "a\\b",
    "a" * 129,
    "a/" * 256 + "a",
)


def _memory(request: pytest.FixtureRequest) -> BlobStore:
    return MemoryStore()


def _local(request: pytest.FixtureRequest) -> BlobStore:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("blobs")
    return LocalStore(folder)


def _s3(request: pytest.FixtureRequest) -> BlobStore:
    ceph: Ceph = request.getfixturevalue("ceph")
    place = S3Place(ceph.new_bucket(), endpoint=ceph.endpoint, prefix="some/where")
    return S3Store(place, secrets=S3Secrets(ceph.access_key, ceph.secret_key))


MAKERS = (
    pytest.param(_memory, id="memory"),
    pytest.param(_local, id="local"),
    pytest.param(_s3, id="s3", marks=pytest.mark.s3),
)


@pytest.fixture(scope="module", params=MAKERS)
def store(request: pytest.FixtureRequest) -> BlobStore:
    make: Callable[[pytest.FixtureRequest], BlobStore] = request.param
    return make(request)


@pytest.fixture
def key() -> str:
    return f"t1/{uuid4().hex}/audio"


def _read(store: BlobStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(store.open(key, start, end))


def _keys(store: BlobStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


def _halves(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    yield b""
    yield body[len(body) // 2 :]


def _breaking_off(body: bytes) -> Iterator[bytes]:
    yield from _halves(body)
    raise LookupError("the caller's own trouble")


@SIZES
def test_what_is_put_is_read_back(store: BlobStore, key: str, body: bytes) -> None:
    size = store.put(key, _halves(body))

    assert size == len(body)
    assert _read(store, key) == body


@SIZES
def test_a_key_in_use_keeps_its_first_blob(
    store: BlobStore, key: str, body: bytes
) -> None:
    store.put(key, [body])

    with pytest.raises(BlobExists):
        store.put(key, [b"other"])
    with pytest.raises(BlobExists):
        store.put(key, [LARGE, b"other"])

    assert _read(store, key) == body


@SIZES
def test_a_failing_iterator_leaves_nothing(
    store: BlobStore, key: str, body: bytes
) -> None:
    with pytest.raises(LookupError, match="own trouble"):
        store.put(key, _breaking_off(body))

    assert key not in _keys(store)
    with pytest.raises(BlobMissing):
        store.open(key)


def test_an_operating_system_error_of_the_caller_comes_out_as_it_was(
    store: BlobStore, key: str
) -> None:
    def chunks() -> Iterator[bytes]:
        yield LARGE
        raise ConnectionResetError("the upload broke off")

    with pytest.raises(ConnectionResetError, match="broke off"):
        store.put(key, chunks())

    assert key not in _keys(store)


def test_a_blob_may_be_put_from_another(store: BlobStore, key: str) -> None:
    store.put(key, [LARGE, b"end"])

    store.put(f"{key}-copy", store.open(key))

    assert _read(store, f"{key}-copy") == LARGE + b"end"


def test_chunks_are_asked_for_in_the_callers_thread(store: BlobStore, key: str) -> None:
    threads = set()

    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            threads.add(get_ident())
            yield LARGE

    store.put(key, chunks())

    assert threads == {get_ident()}


@pytest.mark.parametrize("body", [b"small", LARGE], ids=len)
def test_of_puts_at_once_exactly_one_wins(
    store: BlobStore, key: str, body: bytes
) -> None:
    def put(letter: bytes) -> bytes | None:
        try:
            store.put(key, [letter, body])
        except BlobExists:
            return None
        return letter + body

    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(put, [b"a", b"b", b"c", b"d"]))

    assert [each for each in stored if each] == [_read(store, key)]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(start=st.integers(0, 12), length=st.none() | st.integers(0, 12))
def test_a_range_is_that_of_a_slice(
    store: BlobStore, start: int, length: int | None
) -> None:
    if "range/of" not in _keys(store, "range"):
        store.put("range/of", [b"0123456789"])
    end = None if length is None else start + length

    assert _read(store, "range/of", start, end) == b"0123456789"[start:end]


def test_a_range_deep_in_a_large_blob_is_exact(store: BlobStore, key: str) -> None:
    body = b"".join(number.to_bytes(4) for number in range(ONE_PIECE // 4 + 1000))
    store.put(key, [body])

    assert _read(store, key, ONE_PIECE - 5, ONE_PIECE + 5) == body[-4005:-3995]
    assert _read(store, key, 1) == body[1:]


def test_no_chunk_is_empty(store: BlobStore, key: str) -> None:
    store.put(key, [LARGE])

    assert all(store.open(key))
    assert list(store.open(key, 3, 3)) == []


def test_a_range_may_not_run_backwards(store: BlobStore, key: str) -> None:
    store.put(key, [b"body"])

    with pytest.raises(Malformed):
        store.open(key, 3, 2)
    with pytest.raises(Malformed):
        store.open(key, -1)


@pytest.mark.parametrize("end", [None, 0, 10])
def test_a_missing_blob_is_missed_at_the_call(
    store: BlobStore, key: str, end: int | None
) -> None:
    with pytest.raises(BlobMissing):
        store.open(key, 0, end)


@SIZES
def test_a_discarded_blob_is_gone(store: BlobStore, key: str, body: bytes) -> None:
    store.put(key, [body])

    store.discard(key)

    assert key not in _keys(store)
    with pytest.raises(BlobMissing):
        store.open(key)


def test_discarding_again_or_nothing_is_no_error(store: BlobStore, key: str) -> None:
    store.put(key, [b"body"])

    store.discard(key)
    store.discard(key)
    store.discard(f"{key}/never/there")


def test_a_folder_lists_what_is_below_it_and_nothing_beside(store: BlobStore) -> None:
    for key in ("list/a/1", "list/a/b/2", "list/ab/3", "list/a.4", "beside/5"):
        store.put(key, [b"body"])

    assert sorted(_keys(store, "list/a")) == ["list/a/1", "list/a/b/2"]
    assert sorted(_keys(store, "list/a/")) == ["list/a/1", "list/a/b/2"]
    assert len(_keys(store, "list")) == 4
    assert _keys(store, "nowhere") == []
    assert set(_keys(store, "list")) < set(_keys(store))


def test_a_listing_tells_size_and_time(store: BlobStore, key: str) -> None:
    store.put(key, [b"12345"])

    (info,) = store.list(key.rpartition("/")[0])

    assert (info.key, info.size) == (key, 5)
    assert info.modified_at.tzinfo is UTC


def test_a_long_listing_names_each_key_once(store: BlobStore) -> None:
    wanted = {f"many/{number:04}" for number in range(1100)}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.put(key, [b"x"]), wanted))

    assert sorted(_keys(store, "many")) == sorted(wanted)


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_a_malformed_key_is_refused_by_every_verb(store: BlobStore, bad: str) -> None:
    with pytest.raises(Malformed):
        store.put(bad, [b"body"])
    with pytest.raises(Malformed):
        store.open(bad)
    with pytest.raises(Malformed):
        store.discard(bad)


@pytest.mark.parametrize("bad", ["..", "/a", "a//b", "Å", ".put-"])
def test_a_malformed_folder_is_not_listed(store: BlobStore, bad: str) -> None:
    with pytest.raises(Malformed):
        list(store.list(bad))


def test_the_longest_key_works(store: BlobStore) -> None:
    longest = "/".join(["k" * 127, "l" * 127, "m" * 127, "n" * 128])

    store.put(longest, [b"body"])

    assert _read(store, longest) == b"body"
