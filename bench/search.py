"""Search: `archive.queries.page`, opened, audited and in words, beside bare SQL.

    python -m bench.search --size 1000000 --database sqlite|postgresql [--small]

Prints the p50 of each class of query, ours and the limit's, and their ratio.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from bench.place import NOW, prepare

if TYPE_CHECKING:
    from bench.generate import Population
    from bench.limits import Hand
    from valv.core.search import SearchRequest
    from valv.tenants.models import Tenant

EACH, SMALL_EACH = 30, 5
REPEATS = 3
SMALL = 20_000


@dataclass(frozen=True)
class Query:
    """One search, as Valv is asked and as one would write it by hand."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    hand: "Hand"


@dataclass
class Timing:
    """Best of the repeats of each query of a class, in ms."""

    ours: list[float]
    limit: list[float]


def main() -> int:
    asked = _asked()
    size = SMALL if asked.small else asked.size
    place = prepare(asked.database)
    from bench.generate import generate

    began = time.perf_counter()
    populations = generate(place, size=size)
    print(f"{size} interactions on {asked.database}", end=" ")
    print(f"laid in {time.perf_counter() - began:.0f} s", flush=True)
    from bench.limits import Limit

    queries = _queries(populations[0], each=SMALL_EACH if asked.small else EACH)
    ours = _ours(populations[0])
    limit = Limit(place, populations)
    gc.collect()  # as the server does before it answers
    gc.freeze()
    _report(_timed(queries, ours, limit.page), asked.json)
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.search")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _ours(population: "Population") -> Callable[[Query], int]:
    from valv.archive.queries import page
    from valv.audit import searches
    from valv.core.people import Actor, ActorType
    from valv.core.permissions import Right
    from valv.tenants.access import Caller
    from valv.tenants.models import Tenant

    tenant = Tenant.objects.get(id=population.tenant_id)
    actor = Actor(ActorType.INTERNAL, "bench")
    caller = Caller(tenant, actor, frozenset(Right))
    searches.start()
    read: dict[tuple[tuple[str, str], ...], SearchRequest | None] = {}

    def run(query: Query) -> int:
        request = read.setdefault(query.parameters, None)
        if request is None:
            request = read[query.parameters] = _request(tenant, query)
        return len(page(caller, request, now=NOW).items)

    return run


def _request(tenant: "Tenant", query: Query) -> "SearchRequest":
    from zoneinfo import ZoneInfo

    from valv.core.search import read_search

    zone = ZoneInfo(tenant.timezone)
    return read_search(query.parameters, zone=zone, region=tenant.region)


def _queries(population: "Population", *, each: int) -> list[Query]:
    from bench.asked import queries

    return queries(population, random=Random(11), each=each)


def _timed(
    queries: list[Query], ours: Callable[[Query], int], limit: Callable[["Hand"], int]
) -> dict[str, Timing]:
    timings: dict[str, Timing] = {}
    for query in queries:
        ours(query)
        found = limit(query.hand)
        _check(query, ours(query), min(found, 50))
    for query in queries:
        timing = timings.setdefault(query.name, Timing([], []))
        pairs = [
            (_ms(lambda q=query: ours(q)), _ms(lambda q=query: limit(q.hand)))
            for _ in range(REPEATS)
        ]
        timing.ours.append(min(pair[0] for pair in pairs))
        timing.limit.append(min(pair[1] for pair in pairs))
    return timings


def _check(query: Query, found: int, limits: int) -> None:
    """A piece of a number is also read as the beginning of one, and so finds more."""
    same = found == limits or ("phone" in query.name and found > limits)
    assert same or query.name.startswith("common"), query.name


def _ms(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def _report(timings: dict[str, Timing], as_json: bool) -> None:  # noqa: FBT001
    if as_json:
        import json

        json.dump(
            {name: [_p50(t.ours), _p50(t.limit)] for name, t in timings.items()},
            sys.stdout,
        )
        return
    print(f"{'class':32} {'n':>4} {'ours ms':>9} {'limit ms':>9} {'ratio':>6}")
    everything = Timing(
        [ms for t in timings.values() for ms in t.ours],
        [ms for t in timings.values() for ms in t.limit],
    )
    for name, timing in [*timings.items(), ("all", everything)]:
        ours, limit = _p50(timing.ours), _p50(timing.limit)
        print(f"{name:32} {len(timing.ours):4} {ours:9.2f} {limit:9.2f}", end=" ")
        print(f"{ours / limit:6.2f}")


def _p50(times: list[float]) -> float:
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
