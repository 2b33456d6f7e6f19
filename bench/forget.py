"""Forgetting a person: found nowhere, beside one UPDATE by key; and the rest of it.

    python -m bench.forget --database sqlite|postgresql [--size N] [--many 5000]

In the largest tenant of a made-up archive of so many interactions; ``--small`` makes
both few.

*Found nowhere* is the transaction that blanks the identifier, and the destruction of
its key; its limit is one UPDATE by key, committed as durably. *The rest* is links, text
keys, tombstones and entries, in interactions a second; its limit comes to the same rows
in batches by hand, at each repetition: nothing is locked, looked for or vouched for.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count as counted
from typing import TYPE_CHECKING, Any

from bench.generate import generate
from bench.place import NOW, prepare

if TYPE_CHECKING:
    from valv.tenants.models import Tenant

SIZE, SMALL_SIZE = 1_000_000, 10_000
MANY, SMALL = 5_000, 300
REPEATS, REPEATS_OF_MANY = 21, 5
BATCH = 2_000
UNLINK = (
    "UPDATE interaction SET phone_id = NULL, email_id = NULL, name_id = NULL,"
    " handle_id = NULL, text = NULL, flags = flags & 32703, has_others = false,"
    " anonymised_at = 1"
)
CHILDREN = (
    "UPDATE survey SET comment = NULL",
    "UPDATE consent SET sealed = NULL",
    "UPDATE raw_event SET body = ''",
    "DELETE FROM other_party",
    "UPDATE chat_copy SET identifier_id = 0",
)
_laid = counted()  # drawn in the same ms, two of many would meet
TARGETS = {"vanish": 5.0, "many": 1.5, "rest": 0.5}


def main() -> int:
    asked = _asked()
    many = SMALL if asked.small else asked.many
    place = prepare(asked.database)
    populations = generate(place, size=SMALL_SIZE if asked.small else asked.size)
    tenant = _tenant(populations[0].tenant_id)
    update = _update_by_key(tenant)
    gc.collect()  # as a command does before it begins
    gc.freeze()
    limit, one, _, _ = _forgotten(tenant, 1, REPEATS, beside=update)
    _, lots, rest, by_hand = _forgotten(tenant, many, REPEATS_OF_MANY, beside=update)
    _tell("found nowhere, of 1, ms", one, limit, one / limit, "≤", "vanish")
    _tell(f"found nowhere, of {many}, ms", lots, one, lots / one, "≤", "many")
    _tell("the rest, interactions/s", rest, by_hand, rest / by_hand, "≥", "rest")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.forget")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    return parser.parse_known_args()[0]


def _tell(
    name: str, ours: float, limit: float, ratio: float, sign: str, which: str
) -> None:
    print(
        f"  {name:28} {ours:9.2f} beside {limit:9.2f} ratio {ratio:5.2f}"
        f" ({sign} {TARGETS[which]})"
    )
    sys.stdout.flush()


def _tenant(tenant_id: int) -> "Tenant":
    from valv.tenants.models import Tenant

    return Tenant.objects.get(id=tenant_id)


def _lay(tenant: "Tenant", number: str, count: int) -> list[int]:
    """So many calls of one number, each with a subject and a sealed text."""
    from datetime import timedelta

    from tests.archive.factories import Made, make

    return [
        make(
            tenant,
            Made(
                NOW - timedelta(minutes=n, milliseconds=next(_laid)),
                identifiers={"phone": number},
                subject="About an order",
            ),
            now=NOW,
        )
        for n in range(count)
    ]


def _planned(tenant: "Tenant", number: str) -> int:
    from valv.core.identifiers import Kind
    from valv.core.people import SYSTEM
    from valv.core.permissions import Right
    from valv.lifecycle import jobs, planning
    from valv.tenants.access import Caller

    caller = Caller(tenant, SYSTEM, frozenset(Right))
    wanted = planning.Wanted(typed=((Kind.PHONE, number),))
    job = planning.plan(caller, wanted, now=NOW)
    return jobs.approve(tenant, job.id, at_night=False, now=NOW).id


def _forgotten(
    tenant: "Tenant", count: int, repeats: int, *, beside: Callable[[], object]
) -> list[float]:
    """Medians of the limit in ms, of what it took until found nowhere, and of the rest.

    That in interactions a second, ours and by hand. Each limit is taken beside what it
    limits, so that both find the machine and its caches alike.
    """
    from valv.lifecycle import forget, jobs, lease

    figures = []
    for n in range(repeats):
        number = f"+4670{count:05}{n:02}"
        _lay(tenant, number, count)
        job_id = _planned(tenant, number)
        held = lease.take_job(tenant, job_id, states=jobs.RUNNABLE, now=NOW)
        running = jobs.opened(held)
        limit = _timed(beside) * 1000
        took = _timed(lambda running=running: forget.vanish(running)) * 1000
        rest = count / _timed(lambda running=running: _rest(running))
        held.give_up("done")
        figures.append((limit, took, rest, _by_hand(tenant, count)))
    return [statistics.median(figure) for figure in zip(*figures, strict=True)]


def _rest(running: Any) -> None:
    from valv.lifecycle import forget

    for step in forget.FORGET.steps[1:]:
        while step(running):
            pass


def _update_by_key(tenant: "Tenant") -> Callable[[], object]:
    """One UPDATE of one row by its key, in a transaction of its own."""
    from valv.archive.models import Identifier
    from valv.storage import scope

    _lay(tenant, "+46700000000", 1)
    with scope.reading(tenant.id):
        id_ = Identifier.objects.values_list("id", flat=True)[0]

    def update() -> None:
        with scope.writing(tenant.id):
            Identifier.objects.filter(id=id_).update(written_at=NOW)

    return update


def _by_hand(tenant: "Tenant", count: int) -> float:
    """Interactions a second, unlinked in batches with their keys deleted."""
    from valv.storage import keys, scope
    from valv.storage.keys import KeyKind
    from valv.storage.raw import change, one_of

    ids = _lay(tenant, "+46709999999", count)

    def cut() -> None:
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            with scope.writing(tenant.id):
                where, values = one_of("id", part)
                change(f"{UNLINK} WHERE {where}", values)
                where, values = one_of("interaction_id", part)
                for child in CHILDREN:
                    change(f"{child} WHERE {where}", values)
                _enter(part)
            keys.destroy(tenant.id, {KeyKind.TEXT: part})
            keys.is_settled()

    return count / _timed(cut)


def _enter(ids: list[int]) -> None:
    """An entry for each, which nothing vouches for."""
    from valv.audit.operations import insert
    from valv.core.ids import unix_ms

    who = ("internal", "bench", None)
    what = ("interaction", None, "", '{"job":"1"}', None)
    insert([(unix_ms(NOW), "forget", *who, id_, *what) for id_ in ids])


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
