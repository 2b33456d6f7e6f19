"""The tenant's tree: its tiles, its signed head, and the entries that join it.

``sequence`` gives the entries that wait their number and their leaf. It takes only what
``record`` wrote, by its MAC, and adds only to a tree that is the one its head signed;
where that is not so it adds nothing, and ``verify`` tells where.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from os import urandom
from typing import Any

from django.db import connection
from django.db.models import Q

from valv.audit.models import Entry, SignedCheckpoint, Tile
from valv.core import merkle
from valv.core.entries import SALTS, leaves_of, macs_of
from valv.core.errors import Malformed, NotFound
from valv.core.notes import Checkpoint, Signer, checked
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Installation
from valv.storage.raw import change, is_sqlite, many, rows

log = logging.getLogger("valv.audit")

BATCH = 1000
COLUMNS = (
    "at, action, actor_type, actor, actor_id, interaction_id, content,"
    " identifier_id, reason, details"
)
WAITING = (
    f"SELECT id, mac, {COLUMNS} FROM audit_entry"  # noqa: S608 -- names of ours
    " WHERE tenant_id = %s AND seq IS NULL AND mac IS NOT NULL ORDER BY id LIMIT %s"
)
NUMBER_ONE = (
    "UPDATE audit_entry SET seq = %s, salts = %s, mac = NULL"
    " WHERE id = %s AND tenant_id = %s"
)
NUMBER_MANY = (
    "UPDATE audit_entry SET seq = new.seq, salts = new.salts, mac = NULL"
    " FROM unnest(%s::bigint[], %s::bytea[], %s::bigint[]) AS new (seq, salts, id)"
    " WHERE audit_entry.id = new.id AND audit_entry.tenant_id = %s"
)
# The id of an entry, and what its row says.
Waiting = tuple[int, tuple[Any, ...]]
DISOWN = "UPDATE audit_entry SET mac = NULL WHERE id = %s AND tenant_id = %s"


@lru_cache(maxsize=1024)
def signer(tenant_id: int) -> Signer:
    """Who signs for the tenant's log; the name tells installation and tenant."""
    mark = Installation.objects.values_list("installation_id", flat=True).get()
    seed = keys.of_tenant(tenant_id, KeyKind.SIGNING)
    return Signer(f"valv/{mark}/{tenant_id}", seed)


def tile(level: int, position: int) -> bytes:
    """The hashes of a tile of the scope's tenant; none where there is no tile."""
    found = Tile.objects.filter(level=level, position=position)
    held = found.values_list("hashes", flat=True).first()
    return b"" if held is None else bytes(held)


def head() -> tuple[Checkpoint, str] | None:
    """The newest signed checkpoint of the scope's tenant, and its note.

    None where there is none yet. Raises Malformed if the log's key has not signed it.
    """
    newest = SignedCheckpoint.objects.order_by("-size").first()
    if newest is None:
        return None
    return checked(newest.note, signer(scope.current()).key()), newest.note


def newest_note(tenant_id: int) -> str:
    """The signed note to hand out. Raises NotFound where nothing is entered yet."""
    with scope.reading(tenant_id):
        newest = head()
    if newest is None:
        raise NotFound
    return newest[1]


def sequence(tenant_id: int) -> int:
    """Number the entries that wait, in the order of their arrival; answers how many.

    At most ``BATCH`` at a time. One sequencer at a time in each tenant: SQLite by its
    write lock, PostgreSQL by an advisory lock that lasts as long as the transaction.
    """
    with scope.writing(tenant_id):
        alone()
        return number()


def alone() -> None:
    """Let nobody else add to the tenant's tree before this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [0x56414C56, scope.current()]
            )


def number() -> int:
    """As ``sequence``, in the ``writing`` scope of one who is ``alone``."""
    ours, strange = waiting()
    if not ours and not strange:
        return 0
    edge = _edge_as_signed()
    if edge is None:
        return 0
    _disown(strange)
    if ours:
        _take(ours, edge)
    return len(ours) + len(strange)


def waiting() -> tuple[list[Waiting], list[int]]:
    """The first that wait: those that ``record`` wrote, and the ids of others."""
    tenant_id, ours, strange = scope.current(), [], []
    key = keys.of_tenant(tenant_id, KeyKind.AUDIT)
    found = rows(WAITING, [tenant_id, BATCH])
    macs = macs_of(key, tenant_id, [told for _, _, *told in found])
    for (id_, mac, *told), true in zip(found, macs, strict=True):
        if bytes(mac) == true:
            ours.append((id_, tuple(told)))
        else:
            strange.append(id_)
    return ours, strange


@dataclass(frozen=True, slots=True)
class _Edge:
    """The tree's right edge: all that is needed to add to it."""

    size: int
    held: Mapping[tuple[int, int], bytes]

    def tile(self, level: int, position: int) -> bytes:
        return self.held.get((level, position), b"")

    def root(self) -> bytes:
        return merkle.root(self.tile, self.size)


def _edge_as_signed() -> _Edge | None:
    """The edge; None if the tree is not the one that was signed."""
    try:
        newest = head()
        there = newest[0] if newest else Checkpoint("", 0, merkle.EMPTY)
        edge = _Edge(there.size, _tiles_at(merkle.edge(there.size)))
        strange = Entry.objects.filter(seq__gt=there.size).exists()
        begun = newest is None and edge.held
        if edge.root() == there.root and not strange and not begun:
            return edge
    except (Malformed, IndexError):
        pass
    log.error("the audit log was tampered with; see `valv audit verify`")
    return None


def _tiles_at(places: list[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    wanted = Q()
    for level, position in places:
        wanted |= Q(level=level, position=position)
    found = Tile.objects.filter(wanted)
    return {(one.level, one.position): bytes(one.hashes) for one in found}


def _take(taken: list[Waiting], edge: _Edge) -> None:
    drawn = urandom(SALTS * len(taken))
    numbered = [
        (edge.size + at + 1, drawn[at * SALTS : at * SALTS + SALTS], id_)
        for at, (id_, _) in enumerate(taken)
    ]
    leaves = leaves_of(
        (seq, *told, salts, None, None)
        for (seq, salts, _), (_, told) in zip(numbered, taken, strict=True)
    )
    _number(numbered)
    _extend(edge, leaves)


def _extend(edge: _Edge, leaves: list[bytes]) -> None:
    """Put leaves at the edge of the tree, and sign its new head.

    An earlier head that was not published is replaced.
    """
    grown = merkle.grow(edge.tile, edge.size, leaves)
    Tile.objects.bulk_create(
        [
            Tile(level=level, position=at, hashes=held)
            for (level, at), held in grown.items()
        ],
        update_conflicts=True,
        unique_fields=["tenant_id", "level", "position"],
        update_fields=["hashes"],
    )
    new, ours = (
        _Edge(edge.size + len(leaves), {**edge.held, **grown}),
        signer(scope.current()),
    )
    there = Checkpoint(ours.origin, new.size, new.root())
    SignedCheckpoint.objects.filter(published_at=None).delete()
    SignedCheckpoint.objects.create(size=new.size, note=ours.sign(there.text()))


def _number(numbered: list[tuple[int, bytes, int]]) -> None:
    tenant_id = scope.current()
    if is_sqlite():
        many(NUMBER_ONE, [(*one, tenant_id) for one in numbered])
    else:
        change(NUMBER_MANY, [*map(list, zip(*numbered, strict=True)), tenant_id])


def _disown(ids: list[int]) -> None:
    """Set aside what ``record`` did not write: it is never numbered, and it is told."""
    if ids:
        many(DISOWN, [(id_, scope.current()) for id_ in ids])
        log.error("entries that Valv did not write were found in the audit log")
