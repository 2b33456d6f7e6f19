"""Law 8, and what proves it: whatever is done to the log past Valv is found.

Every change is made straight in the database, by one who has all the rights there and
not the keys.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audit.logs import held, lay, note_of, restore, tamper
from tests.cast import NOW, OPERATOR
from valv.audit import tree
from valv.audit.actions import Action
from valv.audit.leaves import Reading
from valv.audit.models import SignedCheckpoint
from valv.audit.operations import Act, drop_entries_of
from valv.audit.verify import verify
from valv.core import merkle
from valv.core.errors import Malformed
from valv.core.notes import Checkpoint, Signer
from valv.storage import scope
from valv.tenants.models import Tenant

SIZE = 600  # two full tiles and the edge


@pytest.fixture(scope="module")
def acme(acme_once: Tenant) -> Tenant:
    return acme_once


@pytest.fixture(scope="module")
def log(acme: Tenant) -> Tenant:
    """Acme's log: what made the tenant, and plays of interactions 1000 and on."""
    lay(acme, SIZE)
    return acme


def first_bad(tenant: Tenant, **options: Any) -> int | None:
    verdict = verify(tenant.id, **options)
    assert verdict.ok == (verdict.first_bad is None)
    return verdict.first_bad.seq if verdict.first_bad else None


def purge(tenant: Tenant, *interactions: int) -> int:
    with scope.writing(tenant.id):
        return drop_entries_of(
            interactions,
            lambda count: Act(Action.PURGE, details={"audit_entries": count}),
            actor=OPERATOR,
            now=NOW,
        )


def test_an_untouched_log_is_whole(log: Tenant) -> None:
    verdict = verify(log.id, held_elsewhere=note_of(log))

    assert (verdict.ok, verdict.pending) == (True, 0)
    assert verdict.size >= SIZE


def test_a_log_that_grows_while_it_is_read_is_whole(log: Tenant) -> None:
    seen, known = Reading(log.id), 0
    for _ in range(2):
        lay(log, 10)
        known = verify(log.id).size
        with scope.reading(log.id):
            while seen.reads_to(known):
                pass
    with scope.reading(log.id):
        seen.ends()

    assert (seen.size, seen.flaws) == (known, [])


CHANGES = {
    "at": "at + 1",
    "action": "'see'",
    "actor_type": "'system'",
    "actor": "'Bo'",
    "actor_id": "8",
    "interaction_id": "interaction_id + 1",
    "content": "NULL",
    "identifier_id": "NULL",
    "reason": "reason || '.'",
    "details": "'{}'",
    "salts": "NULL",
    "cuts": "salts",
}


def change(tenant: Tenant, column: str, where: str, *values: Any) -> None:
    statement = f"UPDATE audit_entry SET {column} = {CHANGES[column]} WHERE {where}"  # noqa: S608
    tamper(tenant, statement, *values)


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_is_found(log: Tenant, column: str) -> None:
    change(log, column, "seq = 300")

    assert first_bad(log) == 300


@pytest.mark.parametrize("seq", [1, 256, 257, SIZE])
def test_a_dropped_entry_is_found(log: Tenant, seq: int) -> None:
    tamper(log, "DELETE FROM audit_entry WHERE seq = %s", seq)

    assert first_bad(log) == seq


def test_swapped_entries_are_found(log: Tenant) -> None:
    for old, new in ((40, -1), (50, 40), (-1, 50)):
        tamper(log, "UPDATE audit_entry SET seq = %s WHERE seq = %s", new, old)

    assert first_bad(log) == 40


COPIED = (
    "INSERT INTO audit_entry (tenant_id, seq, at, action, actor_type, actor, actor_id,"
    " content, reason, details, salts, mac) SELECT tenant_id, {seq}, at, action,"
    " actor_type, actor, actor_id, content, reason, details, salts, {mac}"
    " FROM audit_entry WHERE seq = 10"
)


@pytest.mark.parametrize("seq", ["0", "-5", "{size} + 1", "{size} + 9", "NULL"])
@pytest.mark.parametrize("mac", ["NULL", "salts"])
def test_an_inserted_entry_is_found(log: Tenant, seq: str, mac: str) -> None:
    size = verify(log.id).size
    tamper(log, COPIED.format(seq=seq.format(size=size), mac=mac))

    expected = {"0": 0, "-5": -5, "{size} + 9": size + 9}.get(seq, size + 1)
    assert first_bad(log) == expected


def test_a_truncated_log_is_found(log: Tenant) -> None:
    tamper(log, "DELETE FROM audit_entry WHERE seq > 500")

    assert first_bad(log) == 501


def test_a_log_truncated_with_its_leaves_is_found(log: Tenant) -> None:
    tamper(log, "DELETE FROM audit_entry WHERE seq > 512")
    tamper(log, "DELETE FROM audit_tile WHERE level = 0 AND position = 2")

    assert first_bad(log) == 513


def test_a_log_cut_back_to_an_earlier_head_is_found(log: Tenant) -> None:
    publish(log)
    size = verify(log.id).size
    lay(log, 20)
    tamper(log, "DELETE FROM audit_checkpoint WHERE published_at IS NULL")

    assert first_bad(log) == size + 1


def publish(tenant: Tenant) -> None:
    with scope.writing(tenant.id):
        SignedCheckpoint.objects.update(published_at=NOW)


def change_hash(tenant: Tenant, level: int, place: int) -> None:
    """Put another hash in the place of one in the tree."""
    position, within = divmod(place, 256)
    with scope.reading(tenant.id):
        hashes = bytearray(tree.tile(level, position))
    hashes[within * 32] ^= 1
    tamper(
        tenant,
        "UPDATE audit_tile SET hashes = %s WHERE level = %s AND position = %s",
        bytes(hashes),
        level,
        position,
    )


@pytest.mark.parametrize("seq", [1, 300, SIZE])
def test_a_changed_leaf_is_found(log: Tenant, seq: int) -> None:
    change_hash(log, 0, seq - 1)

    assert first_bad(log) == seq


@pytest.mark.parametrize("seq", [30, 300])
def test_a_changed_leaf_of_a_purged_entry_is_found(log: Tenant, seq: int) -> None:
    """Nobody can tell which of the tile's 256: the first is named."""
    offset = verify(log.id).size - SIZE
    purge(log, 1000 + seq - 1 - offset)
    assert verify(log.id).ok

    change_hash(log, 0, seq - 1)

    assert first_bad(log) == (seq - 1) // 256 * 256 + 1


def test_a_changed_branch_is_found(log: Tenant) -> None:
    change_hash(log, 1, 1)

    assert first_bad(log) == 257


def test_a_tree_made_anew_is_found_by_its_signature(log: Tenant) -> None:
    """Whoever makes leaf and branches anew lacks the key that signs the root."""
    newest = verify(log.id).size
    change_hash(log, 0, newest - 1)
    with scope.reading(log.id):
        root = merkle.root(tree.tile, newest)
    forger = Signer(tree.signer(log.id).origin, bytes(32))
    note = forger.sign(Checkpoint(forger.origin, newest, root).text())
    tamper(log, "UPDATE audit_checkpoint SET note = %s", note)

    assert first_bad(log) == newest


def test_a_signature_by_another_key_is_found_though_all_else_agrees(
    log: Tenant,
) -> None:
    newest = verify(log.id).size
    with scope.reading(log.id):
        root = merkle.root(tree.tile, newest)
    forger = Signer(tree.signer(log.id).origin, bytes(32))
    note = forger.sign(Checkpoint(forger.origin, newest, root).text())
    tamper(log, "UPDATE audit_checkpoint SET note = %s", note)

    assert first_bad(log) is not None


def test_a_checkpoint_signed_by_another_key_is_found(
    log: Tenant, borealis: Tenant
) -> None:
    theirs, ours = tree.signer(borealis.id), tree.signer(log.id)
    note = theirs.sign(Checkpoint(ours.origin, 3, bytes(32)).text())
    tamper(log, "UPDATE audit_checkpoint SET note = %s", note)

    assert first_bad(log) is not None


def test_an_old_copy_is_found_by_a_checkpoint_held_elsewhere(log: Tenant) -> None:
    size, copy = verify(log.id).size, held(log)
    lay(log, 30)
    elsewhere = note_of(log)

    restore(log, copy)

    assert first_bad(log) is None
    assert first_bad(log, held_elsewhere=elsewhere) == size + 1


def test_an_old_copy_that_grew_on_is_found_too(log: Tenant) -> None:
    publish(log)
    size, copy = verify(log.id).size, held(log)
    lay(log, 30)
    elsewhere = note_of(log)
    restore(log, copy)
    lay(log, 90, about=5000)

    assert first_bad(log) is None
    assert first_bad(log, held_elsewhere=elsewhere) == size + 1


def test_an_older_checkpoint_held_elsewhere_agrees(log: Tenant) -> None:
    elsewhere = note_of(log)
    lay(log, 700)

    assert first_bad(log, held_elsewhere=elsewhere) is None


def test_another_logs_checkpoint_is_refused(log: Tenant, borealis: Tenant) -> None:
    lay(borealis, 1)

    with pytest.raises(Malformed):
        verify(log.id, held_elsewhere=note_of(borealis))


def test_nothing_is_added_to_a_tree_that_was_tampered_with(log: Tenant) -> None:
    """Or the signature would make good what was done."""
    size = verify(log.id).size
    change_hash(log, 1, 1)

    lay(log, 5)

    verdict = verify(log.id)
    assert (verdict.size, verdict.pending) == (size, 5)
    assert verdict.first_bad is not None


def test_a_waiting_entry_that_was_changed_is_never_numbered(log: Tenant) -> None:
    size = verify(log.id).size
    from tests.audit.logs import enter

    enter(log, 3)
    tamper(log, "UPDATE audit_entry SET actor = 'Bo' WHERE seq IS NULL AND reason = %s",
           "Klagomål 1")  # fmt: skip

    verdict = verify(log.id)

    assert verdict.size == size + 2
    assert verdict.first_bad is not None
    assert verdict.first_bad.seq == verdict.size + 1


def test_a_lawful_purge_raises_no_alarm(log: Tenant) -> None:
    before = verify(log.id).size

    assert purge(log, *range(1000, 1300), 1400, 1402) == 302

    verdict = verify(log.id, held_elsewhere=None)
    assert (verdict.ok, verdict.size) == (True, before + 1)


def test_a_purge_covers_no_more_than_it_took(log: Tenant) -> None:
    offset = verify(log.id).size - SIZE
    purge(log, 1010, 1012)
    tamper(log, "DELETE FROM audit_entry WHERE interaction_id = 1011")

    assert first_bad(log) == offset + 12


def test_a_purge_that_was_made_up_covers_nothing(log: Tenant) -> None:
    tamper(log, "DELETE FROM audit_entry WHERE seq = 77")
    tamper(log, "UPDATE audit_entry SET action = 'purge', details = %s WHERE seq = 90",
           '{"leaves":[[70,80]]}')  # fmt: skip

    assert first_bad(log) == 90


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seq=st.integers(2, SIZE), column=st.sampled_from(sorted(CHANGES)))
def test_any_change_of_any_entry_is_named(log: Tenant, seq: int, column: str) -> None:
    copy = held(log)
    change(log, column, "seq = %s", seq)
    changed = held(log)["audit_entry"] != copy["audit_entry"]

    assert first_bad(log) == (seq if changed else None)
    restore(log, copy)
