"""The fake that polices its caller, and fails on demand."""

from datetime import timedelta

import pytest

from valv.storage.blobs.contract import BlobExists, BlobMissing, BlobStoreFailed
from valv.storage.blobs.memory import (
    FIRST_MOMENT,
    ContractBroken,
    Failure,
    MemoryStore,
)


class Crash(BaseException):
    """The process died here."""


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_putting_a_key_twice_breaks_the_contract(store: MemoryStore) -> None:
    store.put("a", [b"body"])

    with pytest.raises(ContractBroken):
        store.put("a", [b"body"])

    assert store.breaches == ["a was put twice"]


def test_a_discarded_key_may_not_be_put_again(store: MemoryStore) -> None:
    store.put("a", [b"body"])
    store.discard("a")

    with pytest.raises(ContractBroken):
        store.put("a", [b"body"])


def test_a_key_discarded_before_its_put_may_not_be_put(store: MemoryStore) -> None:
    store.discard("a")

    with pytest.raises(ContractBroken):
        store.put("a", [b"body"])


def test_reading_after_discard_breaks_the_contract(store: MemoryStore) -> None:
    store.put("a", [b"body"])
    store.discard("a")

    with pytest.raises(ContractBroken):
        store.open("a")

    assert store.breaches == ["a was read after its discard"]


def test_a_breach_is_also_the_error_of_the_contract(store: MemoryStore) -> None:
    store.put("a", [b"body"])

    with pytest.raises(BlobExists):
        store.put("a", [b"body"])
    store.discard("a")
    with pytest.raises(BlobMissing):
        store.open("a")


def test_looking_for_what_never_was_is_no_breach(store: MemoryStore) -> None:
    with pytest.raises(BlobMissing):
        store.open("never")

    assert store.breaches == []


@pytest.mark.parametrize(
    ("how", "stored"), [(Failure.NOT_DONE, False), (Failure.ANSWER_LOST, True)]
)
def test_a_put_fails_in_either_way(
    store: MemoryStore, how: Failure, stored: bool
) -> None:
    store.fail_at(1, how)

    with pytest.raises(BlobStoreFailed):
        store.put("a", [b"body"])

    assert [info.key for info in store.list()] == (["a"] if stored else [])


@pytest.mark.parametrize(
    ("how", "stored"), [(Failure.NOT_DONE, True), (Failure.ANSWER_LOST, False)]
)
def test_a_discard_fails_in_either_way(
    store: MemoryStore, how: Failure, stored: bool
) -> None:
    store.put("a", [b"body"])
    store.fail_at(2, how)

    with pytest.raises(BlobStoreFailed):
        store.discard("a")

    assert [info.key for info in store.list()] == (["a"] if stored else [])


def test_a_step_fails_once(store: MemoryStore) -> None:
    store.put("a", [b"body"])
    store.fail_at(2, Failure.NOT_DONE)
    with pytest.raises(BlobStoreFailed):
        store.open("a")

    assert b"".join(store.open("a")) == b"body"
    assert store.step == 3


def test_a_crash_can_be_played(store: MemoryStore) -> None:
    store.fail_at(1, Failure.ANSWER_LOST, error=Crash())

    with pytest.raises(Crash):
        store.put("a", [b"body"])

    assert len(list(store.list())) == 1


def test_its_clock_goes_a_second_a_put(store: MemoryStore) -> None:
    for key in ("a", "b"):
        store.put(key, [b"body"])

    moments = [info.modified_at for info in store.list()]

    assert moments == [FIRST_MOMENT + timedelta(seconds=each) for each in (1, 2)]
