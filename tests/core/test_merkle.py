"""The tree: RFC 6962's own examples, and every proof of every small tree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core import merkle
from valv.core.merkle import (
    EMPTY,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
)

# The inputs, roots and paths that Certificate Transparency's own tests use.
INPUTS = [
    bytes.fromhex(told)
    for told in (
        "", "00", "10", "2021", "3031", "40414243",
        "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_FIRST_IN_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FROM_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


class Grown:
    """A tree whose leaves are numbers, grown in steps."""

    def __init__(self, *steps: int) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.size = 0
        for step in steps:
            self.add([self.leaf(self.size + n) for n in range(step)])

    def add(self, leaves: list[bytes]) -> None:
        self.tiles |= merkle.grow(self.read, self.size, leaves)
        self.size += len(leaves)

    def read(self, level: int, position: int) -> bytes:
        return self.tiles.get((level, position), b"")

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.read, self.size if size is None else size)

    @staticmethod
    def leaf(number: int) -> bytes:
        return leaf_hash(str(number).encode())


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


@pytest.fixture(scope="module")
def known() -> Grown:
    grown = Grown()
    grown.add([leaf_hash(one) for one in INPUTS])
    return grown


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_standard(known: Grown, size: int) -> None:
    assert known.root(size).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_root_of_nothing(known: Grown) -> None:
    assert known.root(0) == EMPTY == sha256(b"").digest()


def test_proofs_are_those_of_the_standard(known: Grown) -> None:
    path = inclusion_proof(known.read, 0, 8)
    between = consistency_proof(known.read, 6, 8)

    assert [one.hex() for one in path] == PATH_OF_FIRST_IN_8
    assert [one.hex() for one in between] == FROM_6_TO_8


steps = st.lists(st.integers(0, 700), max_size=4)


@given(steps)
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    grown, leaves = Grown(*steps), [Grown.leaf(n) for n in range(sum(steps))]

    assert grown.root() == by_definition(leaves)
    assert grown.tiles == Grown(sum(steps)).tiles


@given(st.integers(1, 70_000))
def test_the_edge_is_all_that_a_root_needs(size: int) -> None:
    asked = set()

    def read(level: int, position: int) -> bytes:
        asked.add((level, position))
        return bytes(merkle.HASH * merkle.WIDTH)

    merkle.root(read, size)

    assert asked <= set(merkle.edge(size))


@given(st.data())
def test_every_leaf_proves_that_it_is_there_and_nothing_else(
    data: st.DataObject,
) -> None:
    grown = Grown(data.draw(st.integers(1, 1200)))
    size = data.draw(st.integers(1, grown.size))
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(grown.read, index, size), grown.root(size)

    assert check_inclusion(grown.leaf(index), index, size, proof, root)
    assert not check_inclusion(grown.leaf(index + 1), index, size, proof, root)
    assert not check_inclusion(grown.leaf(index), index, size, [*proof, root], root)
    if proof:
        assert not check_inclusion(grown.leaf(index), index, size, proof[1:], root)


@given(st.data())
def test_a_tree_proves_what_it_grew_from(data: st.DataObject) -> None:
    grown = Grown(data.draw(st.integers(0, 1200)))
    second = data.draw(st.integers(0, grown.size))
    first = data.draw(st.integers(0, second))
    proof = consistency_proof(grown.read, first, second)
    roots = grown.root(first), grown.root(second)

    assert check_consistency(first, roots[0], second, roots[1], proof)
    for wrong in ((leaf_hash(b"x"), roots[1]), (roots[0], leaf_hash(b"x"))):
        if 0 < first < second:
            assert not check_consistency(first, wrong[0], second, wrong[1], proof)


def test_a_proof_from_beyond_the_tree_is_refused(known: Grown) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(known.read, 8, 8)
    with pytest.raises(IndexError):
        consistency_proof(known.read, 8, 7)
    with pytest.raises(IndexError):
        known.root(9)
