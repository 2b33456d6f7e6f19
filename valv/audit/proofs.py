"""Proofs to take away: that an entry is in the log, and that one log begins another.

Each can be checked without Valv, by ``scripts/verify_log.py`` or by hand.
"""

from base64 import b64encode
from dataclasses import dataclass

from valv.audit import tree
from valv.audit.models import Entry
from valv.audit.operations import columns_of
from valv.core import merkle
from valv.core.entries import (
    Personal,
    is_cut,
    leaf_input_cut,
    leaf_inputs,
    salt_of,
    values_of,
)
from valv.core.errors import Malformed, NotFound
from valv.core.notes import Checkpoint
from valv.storage import scope


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment in an entry is over: SHA-256 of salt and value."""

    field: str
    salt: str
    value: str


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the entry is in the log that the checkpoint signs.

    ``entry`` is the leaf's text, null where the body went with its interaction; then
    ``leaf`` is all there is. What was cut has no opening.
    """

    seq: int
    leaf: str
    entry: str | None
    openings: list[Opening]
    path: list[str]
    checkpoint: str
    key: str


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the log of ``first`` entries begins the one of ``second``."""

    first: int
    second: int
    first_root: str
    second_root: str
    path: list[str]
    checkpoint: str
    key: str


def proof_of(seq: int) -> InclusionProof:
    """The proof of an entry, in the tree as it is signed now. Raises NotFound."""
    there, note = _head()
    if not 1 <= seq <= there.size:
        raise NotFound
    entry = Entry.objects.filter(seq=seq).first()
    path = merkle.inclusion_proof(tree.tile, seq - 1, there.size)
    return InclusionProof(
        seq=seq,
        leaf=_text(_leaf(seq)),
        entry=None if entry is None else _input_of(entry).decode(),
        openings=[] if entry is None else _openings(entry),
        path=[_text(one) for one in path],
        checkpoint=note,
        key=tree.signer(scope.current()).key(),
    )


def consistency_of(first: int, second: int | None = None) -> ConsistencyProof:
    """The proof between two sizes, the second the newest unless stated.

    Raises Malformed for sizes that the log has not had.
    """
    there, note = _head()
    second = there.size if second is None else second
    if not 0 <= first <= second <= there.size:
        raise Malformed("The log has not had these sizes.", field="from")
    return ConsistencyProof(
        first=first,
        second=second,
        first_root=_text(merkle.root(tree.tile, first)),
        second_root=_text(merkle.root(tree.tile, second)),
        path=[_text(one) for one in _between(first, second)],
        checkpoint=note,
        key=tree.signer(scope.current()).key(),
    )


def _between(first: int, second: int) -> list[bytes]:
    return merkle.consistency_proof(tree.tile, first, second)


def _head() -> tuple[Checkpoint, str]:
    newest = tree.head()
    if newest is None:
        raise NotFound
    return newest


def _leaf(seq: int) -> bytes:
    position, at = divmod(seq - 1, merkle.WIDTH)
    return tree.tile(0, position)[at * merkle.HASH : (at + 1) * merkle.HASH]


def _input_of(entry: Entry) -> bytes:
    row, salts = columns_of(entry), bytes(entry.salts or b"")
    if entry.cuts is not None:
        return leaf_input_cut(entry.seq or 0, row, salts, bytes(entry.cuts))
    return leaf_inputs([(entry.seq, *row, salts, None, None)])[0]


def _openings(entry: Entry) -> list[Opening]:
    salts = bytes(entry.salts or b"")
    values = zip(Personal, values_of(columns_of(entry)), strict=True)
    return [
        Opening(one.name.lower(), _text(salt_of(salts, one)), value.decode())
        for one, value in values
        if value is not None and not is_cut(salts, one)
    ]


def _text(hashed: bytes) -> str:
    return b64encode(hashed).decode()
