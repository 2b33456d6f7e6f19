"""The audit log: what the proof costs where entries are written, and verifying all.

    python -m bench.audit --size 1000000 --database sqlite|postgresql [--small]

Writing: `record` in batches, beside the same rows by the same means without a MAC.
Verifying: beside a loop that reads the same rows and does as many SHA-256 over as many
bytes. Numbering, which is done by the worker, is told by itself.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bench.place import NOW, prepare

if TYPE_CHECKING:
    from valv.audit.operations import Act
    from valv.core.people import Actor
    from valv.tenants.models import Tenant

PER_BATCH, BATCHES, SMALL_BATCHES = 1000, 40, 6
REPEATS = 3
SMALL = 20_000
TARGETS = {"write": 1.1, "verify": 1.3}


def main() -> int:
    asked = _asked()
    size = SMALL if asked.small else asked.size
    prepare(asked.database)
    tenant = _tenant()
    batches = SMALL_BATCHES if asked.small else BATCHES
    ours, bare = _written(tenant, batches)
    _tell("write, µs an entry", ours, bare, TARGETS["write"])
    began, there = time.perf_counter(), batches * PER_BATCH
    _number(tenant)
    print(f"  number, µs an entry {(time.perf_counter() - began) / there * 1e6:12.2f}")
    _fill(tenant, size - there)
    ours, bare = _verified(tenant)
    _tell(f"verify {size} entries, s", ours, bare, TARGETS["verify"])
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.audit")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    return parser.parse_args()


def _tell(name: str, ours: float, bare: float, target: float) -> None:
    ratio = ours / bare
    print(f"  {name:28} {ours:9.2f} limit {bare:9.2f} ratio {ratio:5.2f} (≤ {target})")
    sys.stdout.flush()


def _tenant() -> "Tenant":
    from valv.core.people import SYSTEM
    from valv.tenants.operations import create_tenant

    return create_tenant(
        "bench",
        name="Bench",
        region="SE",
        timezone="Europe/Stockholm",
        actor=SYSTEM,
        now=NOW,
    )


def _acts(count: int, *, first: int) -> "list[Act]":
    """Plays, sights with a reason, and searches with details, as days are made of."""
    from valv.audit.actions import Action
    from valv.audit.operations import Act

    kinds: list[Callable[[int], Act]] = [
        lambda n: Act(Action.PLAY, 3_700_000_000_000_000_000 + n, "recording:1"),
        lambda n: Act(Action.SEE, 3_700_000_000_000_000_000 + n, reason="Klagomål"),
        lambda n: Act(Action.SEARCH, details={"by": ["phone"], "found": n}),
    ]
    return [kinds[n % 3](n) for n in range(first, first + count)]


def _record(tenant: "Tenant", acts: "list[Act]") -> None:
    from valv.audit.operations import record
    from valv.storage import scope

    with scope.writing(tenant.id):
        record(acts, actor=_anna(), now=NOW + timedelta(seconds=len(acts)))


def _write_bare(tenant: "Tenant", acts: "list[Act]") -> None:
    """The same rows by the same means, without a MAC."""
    from valv.audit.operations import insert, told_by
    from valv.storage import scope

    anna, now = _anna(), NOW + timedelta(seconds=len(acts))
    with scope.writing(tenant.id):
        insert([(*told_by(act, actor=anna, now=now), None) for act in acts])


def _anna() -> "Actor":
    from valv.core.people import Actor, ActorType

    return Actor(ActorType.INTERNAL, "Anna Ek", 7)


def _written(tenant: "Tenant", batches: int) -> tuple[float, float]:
    """Median µs an entry with and without the MAC, turn by turn."""
    from valv.audit.models import Entry
    from valv.storage import scope

    took: dict[bool, list[float]] = {True: [], False: []}
    for n in range(2 * batches):
        vouched = n % 4 in {0, 3}  # neither is always the first
        acts = _acts(PER_BATCH, first=n * PER_BATCH)
        write = _record if vouched else _write_bare
        took[vouched].append(_timed(lambda w=write, acts=acts: w(tenant, acts)))
    with scope.writing(tenant.id):
        Entry.objects.filter(mac=None).delete()
    per_entry = 1e6 / PER_BATCH
    ours, bare = (statistics.median(took[vouched]) for vouched in (True, False))
    return ours * per_entry, bare * per_entry


def _fill(tenant: "Tenant", count: int) -> None:
    while count > 0:
        _record(tenant, _acts(min(count, 20 * PER_BATCH), first=count))
        count -= 20 * PER_BATCH
        _number(tenant)


def _number(tenant: "Tenant") -> None:
    from valv.audit.verify import settle

    settle(tenant.id)


def _verified(tenant: "Tenant") -> tuple[float, float]:
    """Best seconds of each, turn by turn."""
    ours, bare = [], []
    for _ in range(REPEATS):
        bare.append(_timed(lambda: _read_and_hash(tenant)))
        ours.append(_timed(lambda: _verify(tenant)))
    return min(ours), min(bare)


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _verify(tenant: "Tenant") -> None:
    from valv.audit.verify import verify

    assert verify(tenant.id).ok


def _read_and_hash(tenant: "Tenant") -> None:
    """The same rows by the same statement, and a hash for each that verify makes."""
    from valv.audit.leaves import AT_ONCE, DETAILS, NUMBERED, SALTED
    from valv.core.entries import NO_DETAILS
    from valv.storage import scope
    from valv.storage.raw import rows

    entry, node, reason, last = bytes(132), bytes(65), 9, 0
    while True:
        with scope.reading(tenant.id):
            found: list[Any] = rows(NUMBERED, [tenant.id, last, last + AT_ONCE])
        if not found:
            return
        for row in found:
            sha256(row[SALTED][:16] + row[4].encode()).digest()
            if row[reason]:
                sha256(row[SALTED][16:32] + row[reason].encode()).digest()
            if row[DETAILS] != NO_DETAILS:
                sha256(row[SALTED][48:] + row[DETAILS].encode()).digest()
            sha256(entry).digest()
            sha256(node).digest()
        last = found[-1][0]


if __name__ == "__main__":
    sys.exit(main())
