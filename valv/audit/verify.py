"""Whether the log is whole: every entry the one that was written, and none missing.

The leaves are computed anew from the columns that are searched, the tree from the
leaves, and the signed checkpoints are held against it. An entry's body may be missing
only where a later purge covers it, and a personal field only where a later act says it
was cut. ``docs/audit.md`` says what this proves, and what it cannot.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Min, Q

from valv.audit import searches, tree
from valv.audit.leaves import Flaw, Reading
from valv.audit.models import Entry, SignedCheckpoint, Tile
from valv.core import merkle
from valv.core.errors import Malformed
from valv.core.merkle import HASH, WIDTH
from valv.core.notes import Checkpoint, checked
from valv.storage import scope

STRANGE = "An entry that Valv did not write."
SHORTER = "The log is shorter than a signed checkpoint says: it is an old copy, or cut."
OTHER = "From this entry on the log is not the one that a signed checkpoint saw."
UNSIGNED = "A stored checkpoint is missing, or not signed by this log's key."


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The first number that is not as it should be, and why."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``size`` entries are in the tree, ``pending`` wait for their number."""

    ok: bool
    size: int
    pending: int
    first_bad: FirstBad | None


def settle(tenant_id: int) -> None:
    """Give all entries that wait their number, searches of this process included."""
    searches.flush()
    while tree.sequence(tenant_id) >= tree.BATCH:
        pass


def verify(tenant_id: int, *, held_elsewhere: str | None = None) -> Verdict:
    """Look through the tenant's log for the first flaw.

    ``held_elsewhere`` is a signed checkpoint that was kept apart from the database.
    Raises Malformed if this log's key has not signed it.
    """
    key = tree.signer(tenant_id).key()
    kept = [] if held_elsewhere is None else [checked(held_elsewhere, key)]
    settle(tenant_id)
    seen, known = Reading(tenant_id), 0
    while True:
        with scope.reading(tenant_id):
            if not seen.reads_to(known):
                known = _known_size()
                if seen.size >= known:
                    return _verdict(seen, kept)


def _known_size() -> int:
    """How many leaves there are by the head, or by the tiles if it is not signed."""
    try:
        newest = tree.head()
    except Malformed:
        newest = None
    if newest is not None:
        return newest[0].size
    last = Tile.objects.filter(level=0).order_by("-position").first()
    return 0 if last is None else last.position * WIDTH + len(last.hashes) // HASH


def _verdict(seen: Reading, kept: list[Checkpoint]) -> Verdict:
    seen.ends()
    stored, unsigned = _stored(seen)
    flaws = [*seen.flaws, *_strangers(seen.size), *unsigned]
    flaws += _seen_otherwise(seen.size, [*stored, *kept])
    bad = _first(flaws)
    pending = Entry.objects.filter(seq=None, mac__isnull=False).count()
    return Verdict(bad is None, seen.size, pending, bad)


def _first(flaws: list[Flaw]) -> FirstBad | None:
    """A branch or a checkpoint cannot say which entry it is; what can goes before."""
    told = [
        one for one in flaws if not any(other.is_closer_than(one) for other in flaws)
    ]
    first = min(told, key=lambda one: one.first, default=None)
    return None if first is None else FirstBad(first.first, first.why)


def _strangers(size: int) -> Iterator[Flaw]:
    """Rows with a number of no leaf, and rows that wait without Valv's MAC."""
    for beyond in (Q(seq__lt=1), Q(seq__gt=size)):  # apart: each is a step in the index
        number = Entry.objects.filter(beyond).aggregate(first=Min("seq"))["first"]
        if number is not None:
            yield Flaw(number, number, STRANGE)
    _, strange = tree.waiting()
    if strange or Entry.objects.filter(seq=None, mac=None).exists():
        yield Flaw(size + 1, size + 1, STRANGE)


def _seen_otherwise(size: int, checkpoints: list[Checkpoint]) -> list[Flaw]:
    """Where the tree is not what a signed checkpoint says; the first is enough."""
    agreed = 0
    for one in sorted(checkpoints, key=lambda one: one.size):
        if one.size > size:
            return [Flaw(size + 1, one.size, SHORTER)]
        if _root(one.size) != one.root:
            return [Flaw(agreed + 1, one.size, OTHER)]
        agreed = one.size
    return []


def _root(size: int) -> bytes | None:
    try:
        return merkle.root(tree.tile, size)
    except IndexError:
        return None


def _stored(seen: Reading) -> tuple[list[Checkpoint], list[Flaw]]:
    """The checkpoints in the database that are this log's, and what is wrong."""
    key, found, flaws = tree.signer(seen.tenant_id).key(), [], []
    for one in SignedCheckpoint.objects.order_by("size"):
        try:
            found.append(checked(one.note, key))
        except Malformed:
            flaws.append(Flaw(one.size, one.size, UNSIGNED))
    if seen.size and not any(one.size == seen.size for one in found):
        flaws.append(Flaw(seen.size, seen.size, UNSIGNED))
    return found, flaws
