"""Destruction that was decided is carried out, whatever fails on the way."""

from collections.abc import Iterable, Mapping

import pytest

from tests.cast import NOW
from valv.core.errors import Busy
from valv.storage import blobstore, intents, keys, scope
from valv.storage.blobs.contract import BlobStoreFailed
from valv.storage.keys import KeyKind
from valv.storage.models import Installation, Intent, KeyInstallation
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


def decided(
    tenant: Tenant, ids: Iterable[int], *, together: bool = False
) -> list[Intent]:
    """Keys with a blob each, and the committed decision to destroy them."""
    listed = list(ids)
    keys.create(tenant.id, KeyKind.CONTENT, listed)
    for id_ in listed:
        blobstore.store().put(blob(tenant, id_), [b"sealed"])
    with scope.writing(tenant.id):
        return intents.commit(
            one
            for ids in ([listed] if together else [[id_] for id_ in listed])
            for one in intents.intend(
                KeyKind.CONTENT,
                ids,
                now=NOW,
                blob_keys=[blob(tenant, id_) for id_ in ids],
            )
        )


def blob(tenant: Tenant, id_: int) -> str:
    return f"{tenant.id}/20261123/{id_:x}.recording"


def left(tenant: Tenant) -> tuple[int, int, int]:
    """Keys, blobs and intents."""
    with scope.reading(tenant.id):
        waiting = Intent.objects.count()
    living = keys.read(tenant.id, KeyKind.CONTENT, range(2000))
    return len(living), len(list(blobstore.store().list(str(tenant.id)))), waiting


def test_what_is_carried_out_is_gone_and_struck(acme: Tenant) -> None:
    assert intents.carry_out(acme.id, decided(acme, [1, 2]))

    assert left(acme) == (0, 0, 0)


def test_the_data_knows_the_generation_of_the_keys(acme: Tenant) -> None:
    intents.carry_out(acme.id, decided(acme, [1]))

    keys_half = KeyInstallation.objects.using("keys").get()
    assert Installation.objects.get().generation == keys_half.generation


def test_what_a_crash_left_is_resumed(acme: Tenant) -> None:
    decided(acme, range(1, 4))

    assert intents.resume(acme.id)

    assert left(acme) == (0, 0, 0)


@pytest.mark.parametrize("together", [False, True])
def test_one_blob_that_stays_keeps_nothing_else(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, *, together: bool
) -> None:
    waiting = decided(acme, range(1, 6), together=together)
    discard = blobstore.store().discard

    def stubborn(key: str) -> None:
        if key == blob(acme, 2):
            raise BlobStoreFailed("discard", key)
        discard(key)

    with monkeypatch.context() as patch:
        patch.setattr(type(blobstore.store()), "discard", lambda _, key: stubborn(key))
        with pytest.raises(BlobStoreFailed):
            intents.carry_out(acme.id, waiting)
        assert left(acme) == (0, 1, 1)
        with pytest.raises(BlobStoreFailed):
            intents.resume(acme.id)

    intents.resume(acme.id)
    assert left(acme) == (0, 0, 0)


def test_more_than_one_batch_is_resumed_past_what_fails(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "BATCH", 2)
    decided(acme, range(1, 8))
    store = type(blobstore.store())

    def never(_: object, key: str) -> None:
        raise BlobStoreFailed("discard", key)

    with monkeypatch.context() as patch:
        patch.setattr(store, "discard", never)
        with pytest.raises(BlobStoreFailed):
            intents.resume(acme.id)

    assert left(acme) == (0, 7, 7)


def test_no_more_keys_are_destroyed_at_once_than_is_short(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "AT_ONCE", 4)
    for first in (1, 4, 7):
        decided(acme, range(first, first + 3), together=True)
    destroy, sizes = keys.destroy, list[int]()

    def measured(tenant_id: int, doomed: Mapping[KeyKind, list[int]]) -> int:
        sizes.append(sum(map(len, doomed.values())))
        return destroy(tenant_id, doomed)

    monkeypatch.setattr(keys, "destroy", measured)
    intents.resume(acme.id)

    assert sizes == [3, 3, 3]
    assert left(acme) == (0, 0, 0)


def test_what_is_unfinished_is_found_by_any_of_its_objects(acme: Tenant) -> None:
    some, other = decided(acme, [1, 2, 3], together=True) + decided(acme, [4])

    with scope.reading(acme.id):
        assert intents.unfinished(KeyKind.CONTENT, [2, 5]) == [some]
        assert intents.unfinished(KeyKind.CONTENT, [4]) == [other]
        assert intents.unfinished(KeyKind.CONTENT, [5]) == []
        assert intents.unfinished(KeyKind.TEXT, [2]) == []


def test_a_key_file_that_is_held_open_leaves_the_intents(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = decided(acme, [1])
    with monkeypatch.context() as patch:
        patch.setattr(keys, "is_settled", lambda: False)
        assert not intents.carry_out(acme.id, waiting)
        assert not intents.resume(acme.id)
    assert left(acme) == (0, 0, 1)

    assert intents.resume(acme.id)


def test_keys_that_cannot_be_destroyed_keep_their_bytes(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = decided(acme, [1])

    def busy(*_: object) -> int:
        raise Busy("locked")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "destroy", busy)
        with pytest.raises(Busy):
            intents.carry_out(acme.id, waiting)

    assert left(acme) == (1, 1, 1)


def test_another_tenants_decisions_are_left_alone(
    acme: Tenant, borealis: Tenant
) -> None:
    decided(acme, [1])

    intents.resume(borealis.id)

    assert left(acme) == (1, 1, 1)


def promised(tenant: Tenant) -> Intent:
    """Bytes on their way in, whose key is not committed yet."""
    blobstore.store().put(blob(tenant, 1), [b"sealed"])
    arriving = {1: [blob(tenant, 1)]}
    (intent,) = intents.promise(tenant.id, KeyKind.CONTENT, arriving, now=NOW)
    return intent


def admit(tenant: Tenant, intent: Intent) -> None:
    with scope.writing(tenant.id):
        intents.redeem(intent.id)
        keys.keep(tenant.id, KeyKind.CONTENT, {1: bytes(32)})


def test_what_was_admitted_is_not_destroyed(acme: Tenant) -> None:
    admit(acme, promised(acme))

    assert intents.resume(acme.id)
    assert left(acme) == (1, 1, 0)


def test_what_nobody_admitted_is_destroyed(acme: Tenant) -> None:
    promised(acme)
    # The key is committed, and then comes a crash: what admits it rolls back.
    keys.keep(acme.id, KeyKind.CONTENT, {1: bytes(32)})

    assert intents.resume(acme.id)
    assert left(acme) == (0, 0, 0)


def test_what_was_taken_for_lost_is_not_admitted(acme: Tenant) -> None:
    intent = promised(acme)
    intents.resume(acme.id)

    with pytest.raises(Busy):
        admit(acme, intent)

    assert left(acme) == (0, 0, 0)


def test_what_arrives_just_now_is_left_alone(acme: Tenant) -> None:
    intent = promised(acme)

    assert intents.resume(acme.id, before=NOW)
    assert left(acme) == (0, 1, 1)

    admit(acme, intent)
    assert left(acme) == (1, 1, 0)
