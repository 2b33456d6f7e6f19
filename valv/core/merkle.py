"""A Merkle tree over a log, as RFC 6962 and 9162 hash it: root, proofs, their checks.

Leaves and full subtrees stand in *tiles* of 256 hashes: a tile of level 0 holds leaves,
one of level 1 the roots of full level-0 tiles, and so on. Whoever can read tiles can
make any root and any proof from a few of them; appending touches only the right edge.
Nothing here knows what a leaf is about, or where tiles lie.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

HASH = 32
DEPTH = 8
WIDTH = 1 << DEPTH
EMPTY = sha256(b"").digest()
LEAF, NODE = b"\0", b"\1"

# The hashes of a tile, one after the other, by level and index in the level.
Tiles = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root above a power of two of hashes."""
    while len(hashes) > 1:
        one = iter(hashes)
        pairs = zip(one, one, strict=True)
        hashes = [sha256(NODE + left + right).digest() for left, right in pairs]
    return hashes[0]


def split(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]


def grow(
    tiles: Tiles, size: int, leaves: Sequence[bytes]
) -> dict[tuple[int, int], bytes]:
    """Append leaves to a tree of ``size``; answers the tiles that changed."""
    changed: dict[tuple[int, int], bytes] = {}
    level, at, added = 0, size, list(leaves)
    while added:
        full, rest = [], iter(added)
        while part := list(islice(rest, WIDTH - at % WIDTH)):
            held = tiles(level, at // WIDTH)[: at % WIDTH * HASH] if at % WIDTH else b""
            changed[level, at // WIDTH] = tile = held + b"".join(part)
            at += len(part)
            if at % WIDTH == 0:
                full.append(fold(split(tile)))
        level, at, added = level + 1, (at // WIDTH) - len(full), full
    return changed


def edge(size: int) -> list[tuple[int, int]]:
    """The tiles that root and growth of a tree of ``size`` are made of."""
    return [
        (level, size >> DEPTH * (level + 1))
        for level in range(size.bit_length() // DEPTH + 1)
    ]


def root(tiles: Tiles, size: int) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return _hash_of(tiles, 0, size) if size else EMPTY


def inclusion_proof(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """That the leaf at ``index`` (from 0) is in the first ``size`` (9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise IndexError(index)
    return list(_path(tiles, index, 0, size))


def consistency_proof(tiles: Tiles, first: int, second: int) -> list[bytes]:
    """That the tree of ``first`` leaves begins the tree of ``second`` (2.1.4.1)."""
    if not 0 <= first <= second:
        raise IndexError(first)
    if first in {0, second}:
        return []
    return list(_subproof(tiles, first, 0, second, known=True))


def _path(tiles: Tiles, index: int, low: int, high: int) -> Iterator[bytes]:
    if high - low == 1:
        return
    middle = low + _largest_power_below(high - low)
    if index < middle:
        yield from _path(tiles, index, low, middle)
        yield _hash_of(tiles, middle, high)
    else:
        yield from _path(tiles, index, middle, high)
        yield _hash_of(tiles, low, middle)


def _subproof(
    tiles: Tiles, first: int, low: int, high: int, *, known: bool
) -> Iterator[bytes]:
    if first == high:
        if not known:
            yield _hash_of(tiles, low, high)
        return
    middle = low + _largest_power_below(high - low)
    if first <= middle:
        yield from _subproof(tiles, first, low, middle, known=known)
        yield _hash_of(tiles, middle, high)
    else:
        yield from _subproof(tiles, first, middle, high, known=False)
        yield _hash_of(tiles, low, middle)


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _hash_of(tiles: Tiles, low: int, high: int) -> bytes:
    """The root above leaves ``low`` to below ``high``, where ``low`` fits its size."""
    count = high - low
    if count & (count - 1) == 0:
        return _full(tiles, count.bit_length() - 1, low)
    middle = low + _largest_power_below(count)
    return node_hash(_hash_of(tiles, low, middle), _hash_of(tiles, middle, high))


def _full(tiles: Tiles, height: int, low: int) -> bytes:
    """The root of a full subtree of 2^height leaves that begins at leaf ``low``."""
    level, rise = divmod(height, DEPTH)
    first = low >> (level * DEPTH)
    start = first % WIDTH * HASH
    held = tiles(level, first // WIDTH)[start : start + (HASH << rise)]
    if len(held) != HASH << rise:
        raise IndexError(first)
    return fold(split(held))


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Whether the proof leads from the leaf to the root (9162, 2.1.3.2)."""
    return 0 <= index < size and _climb(index, size - 1, proof, [leaf]) == [expected]


def check_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes,
    proof: Sequence[bytes],
) -> bool:  # fmt: skip
    """Whether the proof shows the one tree to begin the other (9162, 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY
    if not 0 < first < second or not proof:
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    return _climb(node, last, path[1:], [path[0]] * 2) == [first_root, second_root]


def _climb(
    node: int, last: int, path: Sequence[bytes], hashes: list[bytes]
) -> list[bytes] | None:
    """Where a proof leads, of one tree or of an earlier and a later; None if nowhere.

    What lies to the left is in both trees, what lies to the right in the later alone.
    """
    for hashed in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            hashes = [node_hash(hashed, one) for one in hashes]
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashes = [*hashes[:-1], node_hash(hashes[-1], hashed)]
        node, last = node >> 1, last >> 1
    return hashes if last == 0 else None
