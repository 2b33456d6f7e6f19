"""A made-up archive of any size, laid straight into the tables.

Tenants by Zipf, the largest with a third of all; people by popularity, the top ones
with thousands of contacts; a year of time. Identifiers and subjects are sealed, each
under a key of its own, as intake would; contents are rows without bytes.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, islice
from os import urandom
from typing import Any

import msgspec
import numpy as np

from bench.loading import Loader
from bench.place import NOW, Place
from valv.core.entries import Columns, macs_of
from valv.core.identifiers import Kind
from valv.core.ids import unix_ms
from valv.core.interaction import ContentKind, Media
from valv.core.people import Actor, ActorType

TENANTS, QUEUES, AGENTS = 12, 60, 2_000
ZIPF = 1.1
DAYS = 365
YEAR_MS = timedelta(days=DAYS) // timedelta(milliseconds=1)
PEOPLE_PER_INTERACTION = 0.6
MEDIA = [Media.PHONE, Media.CHAT, Media.EMAIL, Media.ETASK, Media.SOCIAL]
SHARES = [0.6, 0.15, 0.15, 0.05, 0.05]
OUTCOMES = ["answered", "abandoned", "transferred", "voicemail"]
FIRST = [
    "anna",
    "bo",
    "cleo",
    "dag",
    "eva",
    "fia",
    "gun",
    "hans",
    "inga",
    "jan",
    "kim",
    "lars",
    "maja",
    "nils",
    "olof",
    "pia",
]
SYLLABLES = [
    "berg",
    "lund",
    "ström",
    "qvist",
    "holm",
    "gren",
    "dal",
    "borg",
    "sten",
    "löf",
    "ek",
    "ås",
    "vik",
    "malm",
]
DOMAINS = ["example.com", "example.org", "post.example", "mejl.example"]
BATCH = 20_000


@dataclass
class Population:
    """One tenant's people, queues and agents; ids of identifiers are kept by number."""

    tenant_id: int
    share: float
    log_key: bytes
    queues: list[int] = field(default_factory=list)
    agents: list[int] = field(default_factory=list)
    made: dict[tuple[int, int], int] = field(default_factory=dict)
    people: int = 1


def generate(place: Place, *, size: int, seed: int = 7) -> list[Population]:
    """Fill an empty installation with ``size`` interactions; answers its tenants."""
    from valv.audit.verify import settle

    random = np.random.default_rng(seed)
    populations = _tenants(size)
    loader = Loader(place)
    _ensure_months()
    with loader:
        moments = np.sort(random.integers(0, YEAR_MS, size)) + unix_ms(NOW) - YEAR_MS
        maker = Maker(populations, random, loader)
        numbers = iter(moments.tolist())
        while part := list(islice(numbers, BATCH)):
            maker.lay(part)
    for population in populations:
        settle(population.tenant_id)
    loader.settle()
    return populations


def _tenants(size: int) -> list[Population]:
    from valv.storage import keys, scope
    from valv.storage.keys import KeyKind
    from valv.tenants.operations import create_tenant

    weights = 1 / np.arange(1, TENANTS + 1) ** ZIPF
    shares = weights / weights.sum()
    actor = Actor(ActorType.OPERATOR, "bench")
    populations = []
    for number, share in enumerate(shares.tolist()):
        tenant = create_tenant(
            f"tenant-{number}",
            name=f"Tenant {number}",
            region="SE",
            timezone="Europe/Stockholm",
            actor=actor,
            now=NOW,
        )
        log_key = keys.of_tenant(tenant.id, KeyKind.AUDIT)
        population = Population(tenant.id, share, log_key)
        population.people = max(20, int(size * share * PEOPLE_PER_INTERACTION))
        with scope.writing(tenant.id):
            _add_words(population)
        populations.append(population)
    return populations


def _add_words(population: Population) -> None:
    from valv.archive.vocabulary import agent_ids, queue_ids

    queues = max(3, int(QUEUES * population.share))
    agents = max(10, int(AGENTS * population.share))
    names = {f"a{n}": f"{FIRST[n % 16].title()} {n}" for n in range(agents)}
    by_name = queue_ids(f"Queue {n}" for n in range(queues))
    by_source = agent_ids(names)
    population.queues = [by_name[f"Queue {n}"] for n in range(queues)]
    population.agents = [by_source[source_id] for source_id in names]


def _ensure_months() -> None:
    from valv.storage import months

    first = NOW - timedelta(days=DAYS)
    days = (first + timedelta(days=n) for n in range(DAYS + 1))
    months.ensure({day.date().replace(day=1) for day in days})


def value_of(kind: Kind, person: int) -> tuple[str, str]:
    """The normal form of a person's identifier, and how it is shown."""
    scattered = person * 2_654_435_761 % 4_294_967_296
    if kind is Kind.PHONE:
        number = f"+467{scattered % 10**8:08d}"
        return number, number
    name = (
        f"{FIRST[scattered % 16]} {SYLLABLES[scattered // 16 % 14]}"
        f"{SYLLABLES[scattered // 224 % 14]}{SYLLABLES[scattered // 3136 % 14]}"
    )
    if kind is Kind.NAME:
        return name, name.title()
    if kind is Kind.HANDLE:
        return f"@{name.replace(' ', '')}{person}", f"@{name.replace(' ', '')}{person}"
    address = f"{name.replace(' ', '.')}{person}@{DOMAINS[scattered % 4]}"
    return address, address


class Maker:
    """Makes rows, a stretch of time at a time."""

    def __init__(
        self, populations: list[Population], random: np.random.Generator, loader: Loader
    ) -> None:
        self._populations = populations
        self._shares = [population.share for population in populations]
        self._random = random
        self._loader = loader
        self._noise = count()  # drawn, two of a million would meet

    def lay(self, moments: list[int]) -> None:
        """Lay the interactions that start at these moments."""
        n, random = len(moments), self._random
        whose = random.choice(len(self._populations), n, p=self._shares).tolist()
        media = random.choice(len(MEDIA), n, p=SHARES).tolist()
        popularity = (random.random(n) ** 2).tolist()
        dice = random.random((n, 6)).tolist()
        for at, tenant, which, rank, rolled in zip(
            moments, whose, media, popularity, dice, strict=True
        ):
            population = self._populations[tenant]
            person = int(rank * population.people)
            self._one(population, at, MEDIA[which], person, rolled)
        self._loader.write()

    def _one(
        self,
        population: Population,
        at: int,
        media: Media,
        person: int,
        rolled: list[float],
    ) -> None:
        number = (at << 21) | int(rolled[0] * (1 << 21))
        kinds = _kinds(media, rolled[1])
        people = {
            kind: self._identifier(population, kind, person, at) for kind in kinds
        }
        agent = population.agents[int(rolled[2] ** 2 * len(population.agents))]
        queue = population.queues[int(rolled[3] * len(population.queues))]
        kind = _content_kind(media, rolled[4])
        score = int(rolled[5] * 100) if rolled[5] < 0.1 else None
        ended, lay = at + 240_000, self._loader.add
        lay(
            "interaction",
            number, population.tenant_id, f"s-{number:x}", media.number,
            int(rolled[4] < 0.2), at, ended, ended, queue,
            msgspec.json.encode([agent]).decode(), rolled[3] * 90, rolled[4] * 600,
            OUTCOMES[int(rolled[1] * 4)], people.get(Kind.PHONE),
            people.get(Kind.EMAIL), people.get(Kind.NAME), people.get(Kind.HANDLE),
            self._text(population.tenant_id, number, media),
            _flags(kind, score), score, at,
        )  # fmt: skip
        lay("session", population.tenant_id, f"s-{number:x}", number)
        lay("participation", population.tenant_id, number, agent, at)
        if kind is not None:
            lay(
                "content",
                population.tenant_id,
                number,
                kind.number,
                1,
                ended,
                200.0,
                90_000,
            )
        if score is not None:
            lay("survey", population.tenant_id, number, score, at, ended)
        if rolled[0] < 0.05:
            told = _played(number, at)
            (mac,) = macs_of(population.log_key, population.tenant_id, [told])
            lay("audit_entry", population.tenant_id, *told, mac)

    def _identifier(
        self, population: Population, kind: Kind, person: int, at: int
    ) -> int:
        place = (kind.number, person)
        if place in population.made:
            return population.made[place]
        tenant_id = population.tenant_id
        id_ = (at << 21) | next(self._noise) % (1 << 21)
        owner = population.made.get((Kind.PHONE.number, person), 0)
        self._seal(tenant_id, id_, kind, person, owner, at)
        population.made[place] = id_
        return id_

    def _seal(
        self, tenant_id: int, id_: int, kind: Kind, person: int, owner: int, at: int
    ) -> None:
        from valv.archive.identifiers import Shown, context_of, hash_of
        from valv.storage.keys import KeyKind
        from valv.storage.sealed import seal_value

        normal, shown = value_of(kind, person)
        value = msgspec.json.encode(Shown(kind, shown, normal, "typed"))
        key = self._key(tenant_id, KeyKind.IDENTIFIER, id_)
        sealed = seal_value(value, key=key, context=context_of(tenant_id, id_))
        owner_id = (owner or id_) if kind is Kind.NAME else 0
        digest = hash_of(tenant_id, kind, normal)
        self._loader.add(
            "identifier", id_, tenant_id, kind.number, owner_id, digest, sealed, at
        )

    def _key(self, tenant_id: int, kind: Any, object_id: int) -> bytes:
        from valv.storage import keys
        from valv.storage.sealed import wrap

        key = urandom(32)
        context = keys.context_of(tenant_id, kind, object_id)
        wrapped = wrap(key, keys.of_tenant(tenant_id), context)
        self._loader.add("sealing_key", kind.value, object_id, tenant_id, wrapped)
        return key

    def _text(self, tenant_id: int, number: int, media: Media) -> bytes | None:
        from valv.archive.text import GENERAL, Text, seal_json
        from valv.storage.keys import KeyKind

        if media not in {Media.EMAIL, Media.ETASK}:
            return None
        return seal_json(
            Text(
                subject=f"About invoice {number % 9973}", url="https://queue.example/1"
            ),
            tenant_id=tenant_id,
            interaction_id=number,
            key=self._key(tenant_id, KeyKind.TEXT, number),
            role=GENERAL,
        )


def _played(number: int, at: int) -> Columns:
    """What the log says of one who listened to an interaction's recording."""
    who = ("internal", "bench", None)
    return Columns(at, "play", *who, number, "recording:1", None, "", "{}")


def _kinds(media: Media, rolled: float) -> list[Kind]:
    match media:
        case Media.PHONE:
            return [Kind.PHONE, Kind.NAME] if rolled < 0.3 else [Kind.PHONE]
        case Media.CHAT:
            return [Kind.EMAIL, Kind.NAME]
        case Media.SOCIAL:
            return [Kind.HANDLE]
        case _:
            return [Kind.EMAIL, Kind.NAME] if rolled < 0.5 else [Kind.EMAIL]


def _content_kind(media: Media, rolled: float) -> ContentKind | None:
    if media is Media.PHONE and rolled < 0.7:
        return ContentKind.RECORDING
    return ContentKind.CHAT_LOG if media is Media.CHAT and rolled < 0.9 else None


def _flags(kind: ContentKind | None, score: int | None) -> int:
    from valv.archive.flags import FLAG_OF_KIND, Flag

    flags = FLAG_OF_KIND[kind] if kind is not None else Flag(0)
    return int(flags | (Flag.SURVEY if score is not None else Flag(0)))
