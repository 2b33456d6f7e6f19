"""Signed notes: C2SP's own example, and what is not signed is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.core.merkle import EMPTY
from valv.core.notes import Checkpoint, Signer, checked

SIGNER = Signer("valv/test/1", bytes(range(32)))


def note(size: int = 3) -> str:
    return SIGNER.sign(Checkpoint(SIGNER.origin, size, EMPTY).text())


def test_a_note_reads_as_the_standard_says() -> None:
    origin, size, root, empty, signature, end = note().split("\n")

    assert (origin, size, empty, end) == ("valv/test/1", "3", "", "")
    assert root == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    assert signature.startswith("— valv/test/1 ")


@given(st.integers(0, 1 << 60), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_again(size: int, root: bytes) -> None:
    there = Checkpoint(SIGNER.origin, size, root)

    assert checked(SIGNER.sign(there.text()), SIGNER.key()) == there


def test_other_signatures_beside_ours_do_no_harm() -> None:
    witnessed = note() + "— witness.example AAAAAAAA\n"

    assert checked(witnessed, SIGNER.key()).size == 3


@given(st.integers(0, len(note()) - 2), st.sampled_from("0aZ\n —"))
def test_a_note_with_one_letter_changed_is_refused(at: int, letter: str) -> None:
    changed = note()[:at] + letter + note()[at + 1 :]
    if changed == note():
        return

    with pytest.raises(Malformed):
        checked(changed, SIGNER.key())


@pytest.mark.parametrize("text", ["", "\n\n", "a\n\n— a b\n", note()[:-40], "x" * 9999])
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        checked(text, SIGNER.key())


def test_another_logs_checkpoint_is_refused() -> None:
    other = Signer("valv/test/2", SIGNER.seed)

    with pytest.raises(Malformed):
        checked(other.sign(Checkpoint(other.origin, 3, EMPTY).text()), SIGNER.key())
    with pytest.raises(Malformed):
        checked(SIGNER.sign(Checkpoint(other.origin, 3, EMPTY).text()), SIGNER.key())


@pytest.mark.parametrize("key", ["", "a+b", "a+b+c", "valv/test/1+00000000+AAAA"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Malformed):
        checked(note(), key)
