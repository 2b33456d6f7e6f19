"""Reading the entries in order, and holding them against the tree's own hashes.

Memory stays flat however long the log is: a few thousand rows at a time, one tile of
each level, and ranges of what is missing. What is found is noted, never raised: a row
may hold anything when someone wrote it past Valv.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from valv.audit import tree
from valv.audit.operations import COVERED, CUT
from valv.core.entries import (
    Columns,
    Personal,
    is_cut,
    leaf_input_cut,
    leaves_of,
    mac_of,
)
from valv.core.merkle import HASH, LEAF, WIDTH, fold, split
from valv.core.ranges import Range, add, first_outside
from valv.storage import keys
from valv.storage.keys import KeyKind
from valv.storage.raw import rows

AT_ONCE = 4 * WIDTH  # what a processor keeps close; a read lasts milliseconds
TILES_AHEAD = 32  # 256 KB, for a statement costs more than what it brings
NUMBERED = (
    f"SELECT seq, {tree.COLUMNS}, salts, cuts, mac FROM audit_entry"  # noqa: S608
    " WHERE tenant_id = %s AND seq > %s AND seq <= %s ORDER BY seq"
)
LEVEL_0 = (
    "SELECT position, hashes FROM audit_tile"
    " WHERE tenant_id = %s AND level = 0 AND position BETWEEN %s AND %s"
)
SALTED, CUTS, MAC = 11, 12, 13
DETAILS = 10
NO_LEAF, FULL = bytes(HASH), WIDTH * HASH
# What a row that someone else wrote may do to those who read it.
ODD = (AttributeError, TypeError, ValueError, OverflowError)
CHANGED = "The entry is not the one that was written."
MISSING = "An entry is missing that no purge accounts for."
UNTOLD = "Something was cut from the entry, and no later act says so."
BRANCH = "The tree's own hashes were changed, from this entry on."


@dataclass(frozen=True, slots=True)
class Flaw:
    """Entries, the first and last included, among which something is wrong."""

    first: int
    last: int
    why: str

    def is_closer_than(self, other: "Flaw") -> bool:
        """Whether it tells more of what is wrong where the other finds fault."""
        inside = other.first <= self.first and self.last <= other.last
        return inside and self.last - self.first < other.last - other.first


@dataclass
class Reading:
    """How far one has read in the scope's tenant's log, and what was found."""

    tenant_id: int
    size: int = 0
    flaws: list[Flaw] = field(default_factory=list)
    _gaps: list[Range] = field(default_factory=list)
    _covers: dict[str, list[Range]] = field(default_factory=lambda: defaultdict(list))
    _cut: dict[str, list[Range]] = field(default_factory=lambda: defaultdict(list))
    _edge: list[list[bytes]] = field(default_factory=lambda: [[]])
    _full: list[int] = field(default_factory=lambda: [0])
    _tiles: dict[int, bytes] = field(default_factory=dict)

    def reads_to(self, known: int) -> bool:
        """Read some of the entries up to ``known``; false when all are read."""
        if self.size >= known:
            return False
        until = min(known, self.size - self.size % WIDTH + AT_ONCE)
        found = rows(NUMBERED, [self.tenant_id, self.size, until])
        stored = self._stored(until)
        leaves = self._leaves(found)
        if len(found) < until - self.size:
            leaves = self._with_gaps(found, leaves, stored)
        if b"".join(leaves) != stored:
            self._note_changed(leaves, stored)
        for row in [row for row in found if COVERED in row[DETAILS]]:
            self._note_cover(row[0], row[DETAILS])
        self._climb(leaves)
        self.size = until
        return True

    def ends(self) -> None:
        """Look at the edge of the tree, and at what is missing, when all is read."""
        for level, held in enumerate(self._edge[1:], 1):
            self._hold(level, self._full[level], held)
        self._note(first_outside(self._gaps, self._covers[""]), MISSING)
        for name, numbers in self._cut.items():
            self._note(first_outside(numbers, self._covers[name]), UNTOLD)

    def _note(self, seq: int | None, why: str) -> None:
        if seq is not None:
            self.flaws.append(Flaw(seq, seq, why))

    def _stored(self, until: int) -> bytes:
        """The leaves in the tree of the entries that come next."""
        first, last = self.size // WIDTH, (until - 1) // WIDTH
        if any(len(self._tiles.get(at, b"")) < FULL for at in range(first, last + 1)):
            bound = [self.tenant_id, first, first + TILES_AHEAD]
            self._tiles = dict(rows(LEVEL_0, bound))
        held = b"".join(
            bytes(self._tiles.get(at, b""))[:FULL].ljust(FULL, b"\0")
            for at in range(first, last + 1)
        )
        skipped = self.size % WIDTH
        return held[skipped * HASH : (skipped + until - self.size) * HASH]

    def _leaves(self, found: Sequence[Any]) -> list[bytes]:
        """The leaf of each row; of one that makes no sense, none that is true."""
        try:
            leaves = leaves_of(found)
        except ODD:
            leaves = [self._leaf(row) for row in found]
        for at in [at for at, row in enumerate(found) if row[CUTS] is not None]:
            leaves[at] = self._leaf_cut(found[at])
        return leaves

    @staticmethod
    def _leaf(row: Sequence[Any]) -> bytes:
        try:
            return leaves_of([row])[0]
        except ODD:
            return NO_LEAF

    def _leaf_cut(self, row: Sequence[Any]) -> bytes:
        try:
            return sha256(LEAF + self._cut_input(row)).digest()
        except ODD:
            return NO_LEAF

    def _with_gaps(
        self, found: Sequence[Any], leaves: list[bytes], stored: bytes
    ) -> list[bytes]:
        """The leaves of the rows, and of rows that are not there those in the tree."""
        whole = split(stored)
        expected = self.size + 1
        for row, leaf in zip(found, leaves, strict=True):
            if row[0] > expected:
                add(self._gaps, expected, row[0] - 1)
            whole[row[0] - self.size - 1] = leaf
            expected = row[0] + 1
        if expected <= self.size + len(whole):
            add(self._gaps, expected, self.size + len(whole))
        return whole

    def _cut_input(self, row: Sequence[Any]) -> bytes:
        """What was cut is known by its sum alone, so the row has a MAC again."""
        seq, told = row[0], Columns(*row[1:SALTED])
        salts, cuts = bytes(row[SALTED]), bytes(row[CUTS])
        key = keys.of_tenant(self.tenant_id, KeyKind.AUDIT)
        if bytes(row[MAC]) != mac_of(key, self.tenant_id, seq, *told, salts, cuts):
            raise ValueError(seq)
        for one in Personal:
            if is_cut(salts, one):
                add(self._cut[one.name.lower()], seq, seq)
        return leaf_input_cut(seq, told, salts, cuts)

    def _note_cover(self, seq: int, details: str) -> None:
        """What an act says it took: whole entries, or one field of them."""
        with suppress(*ODD, KeyError):
            told = json.loads(details)
            covers = self._covers[told.get(CUT, "")]
            covers += [(a, b) for a, b in told[COVERED] if a <= b < seq]

    def _note_changed(self, leaves: list[bytes], stored: bytes) -> None:
        pairs = zip(leaves, split(stored), strict=True)
        for seq, (ours, theirs) in enumerate(pairs, self.size + 1):
            if ours != theirs:
                self._note(seq, CHANGED)

    def _climb(self, leaves: list[bytes]) -> None:
        """Put the leaves into the tree; each full tile is one hash a level above."""
        waiting = self._edge[0] + leaves
        full = len(waiting) - len(waiting) % WIDTH
        for start in range(0, full, WIDTH):
            self._edge[0] = waiting[start : start + WIDTH]
            self._rise(0)
        self._edge[0] = waiting[full:]

    def _rise(self, level: int) -> None:
        if level:
            self._hold(level, self._full[level], self._edge[level])
        if level + 1 == len(self._edge):
            self._edge.append([])
            self._full.append(0)
        self._edge[level + 1].append(fold(self._edge[level]))
        self._edge[level] = []
        self._full[level] += 1
        if len(self._edge[level + 1]) == WIDTH:
            self._rise(level + 1)

    def _hold(self, level: int, position: int, held: list[bytes]) -> None:
        """Hold a tile above the leaves against the one that is stored."""
        stored = split(tree.tile(level, position))
        if stored == held:
            return
        pairs = enumerate(zip(held, stored, strict=False))
        agreed = next(
            (at for at, (a, b) in pairs if a != b), min(len(held), len(stored))
        )
        first = (position * WIDTH + agreed) * WIDTH**level + 1
        self.flaws.append(Flaw(first, first + WIDTH**level - 1, BRANCH))
