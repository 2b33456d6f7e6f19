"""What is asked in a measurement: several hundred searches of nine kinds."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from bench.generate import DAYS, Population, value_of
from bench.limits import Hand, ids_between
from bench.place import NOW
from bench.search import Query
from valv.core.identifiers import Fragment, Kind, Match
from valv.core.ids import unix_ms
from valv.core.search import SearchRequest

Parameters = tuple[tuple[str, str], ...]


def queries(population: Population, *, random: Random, each: int) -> list[Query]:
    """``each`` different ones of every kind."""
    asking = Asking(population, random)
    makers: list[Callable[[], Query]] = [
        lambda: asking.exact(Kind.PHONE),
        lambda: asking.exact(Kind.EMAIL),
        lambda: asking.window(7),
        lambda: asking.window(30, queue=True),
        lambda: asking.window(30, agent=True),
        lambda: asking.window(30, queue=True, agent=True, media=True),
        lambda: asking.fragment(Kind.PHONE, Match.SUFFIX, 6),
        lambda: asking.fragment(Kind.PHONE, Match.CONTAINS, 6),
        lambda: asking.fragment(Kind.EMAIL, Match.CONTAINS, 8),
        lambda: asking.fragment(Kind.NAME, Match.PREFIX, 9),
        lambda: asking.fragment(Kind.PHONE, Match.CONTAINS, 3, "common"),
    ]
    return [query for make in makers for query in _several(make, each)]


def _several(make: Callable[[], Query], each: int) -> Iterator[Query]:
    made: set[Parameters] = set()
    for _ in range(each * 20):
        query = make()
        if query.parameters not in made:
            made.add(query.parameters)
            yield query
        if len(made) == each:
            return


class Asking:
    """Draws queries about one tenant."""

    def __init__(self, population: Population, random: Random) -> None:
        self._population = population
        self._random = random
        self._people: dict[int, list[int]] = {}
        for kind, person in population.made:
            self._people.setdefault(kind, []).append(person)

    def _value(self, kind: Kind) -> str:
        person = self._random.choice(self._people[kind.number])
        return value_of(kind, person)[0]

    def exact(self, kind: Kind) -> Query:
        from valv.archive.identifiers import hash_of

        value, tenant_id = self._value(kind), self._population.tenant_id
        hand = Hand(tenant_id, kind, hash=hash_of(tenant_id, kind, value))
        return Query(f"exact {kind.value}", ((kind.value, value),), hand)

    def fragment(
        self, kind: Kind, match: Match, length: int, word: str = "fragment"
    ) -> Query:
        value = self._value(kind)
        start = (
            0
            if match is Match.PREFIX
            else self._random.randrange(4, max(5, len(value) - length))
        )
        text = (
            value[-length:] if match is Match.SUFFIX else value[start : start + length]
        )
        before = "" if match is Match.PREFIX else "*"
        after = "" if match is Match.SUFFIX else "*"
        hand = Hand(self._population.tenant_id, kind, fragment=Fragment(match, text))
        name = f"{word} {kind.value} {match.value} {length}"
        return Query(name, ((kind.value, f"{before}{text}{after}"),), hand)

    def window(
        self,
        days: int,
        *,
        queue: bool = False,
        agent: bool = False,
        media: bool = False,
    ) -> Query:
        start = NOW - timedelta(hours=self._random.randrange(days * 24, DAYS * 24))
        end = start + timedelta(days=days)
        parameters = [("from", start.isoformat()), ("to", end.isoformat())]
        words = [f"{days} d"]
        population, chosen = self._population, {"queue": 0, "agent": 0}
        if queue:
            chosen["queue"] = self._random.randrange(len(population.queues))
            parameters.append(("queue", f"Queue {chosen['queue']}"))
            words.append("queue")
        if agent:
            many = len(population.agents)
            chosen["agent"] = int(self._random.random() ** 2 * many)
            parameters.append(("agent", f"a{chosen['agent']}"))
            words.append("agent")
        if media:
            parameters.append(("media", "phone"))
            words.append("media")
        hand = self._hand(start, end)
        hand = _chosen(hand, population, chosen, queue=queue, agent=agent, media=media)
        return Query(" + ".join(words), tuple(parameters), hand)

    def _hand(self, start: datetime, end: datetime) -> Hand:
        return Hand(
            self._population.tenant_id,
            since=unix_ms(start),
            until=unix_ms(end),
            ids=ids_between(SearchRequest(start=start, end=end)),
        )


def _chosen(
    hand: Hand,
    population: Population,
    chosen: dict[str, int],
    *,
    queue: bool,
    agent: bool,
    media: bool,
) -> Hand:
    from dataclasses import replace

    return replace(
        hand,
        queue_id=population.queues[chosen["queue"]] if queue else None,
        agent_id=population.agents[chosen["agent"]] if agent else None,
        media=0 if media else None,
    )
