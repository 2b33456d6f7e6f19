"""Law 1 on the real stores: random call lives through HTTP, some 2,000 steps of them.

A life is told in a random order with repetitions, while decisions are asked for and
recordings are uploaded at random points. Each decision is what the model of
``tests.core.call_lives`` finds in the documented table for what was told so far; and
whatever was refused, is not saved or lacks its consent has no key that opens it.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import OPERATOR
from tests.core.call_lives import (
    Expected,
    Leg,
    Life,
    Step,
    denies,
    happened,
    lives,
    policies,
)
from tests.intake.asking import Source
from tests.intake.sounds import tone, wav
from tests.laws.laying import ago
from valv.archive.models import Content
from valv.core.recording_policy import Policy
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.tenants.operations import set_recording_policy

pytestmark = pytest.mark.django_db(transaction=True)
LIVES = int(os.environ.get("VALV_SOAK") or 55)
STEPS_EACH, UPLOADS, ASKED = 26, 4, 6
SOUND = wav(tone(440, seconds=0.05))
_numbers = count(1)
WAYS = ("inbound", "inbound", "internal")
Numbered = dict[int, Step]


@dataclass
class Exchange:
    """One life on its way through the API."""

    source: Source
    policy: Policy
    happened: Numbered
    session: str = field(default_factory=lambda: f"life-{next(_numbers)}")
    told: set[int] = field(default_factory=set)
    before: set[int] = field(default_factory=set)
    steps: int = 0

    def tell(self, numbers: Iterable[int]) -> None:
        listed = list(numbers)
        events = [
            happened(number, self.happened[number], session=self.session)
            for number in listed
        ]
        assert self.source.tell(*events)["refused"] == []
        self.told |= set(listed)
        self.steps += len(listed)
        if any(denies(self.happened[number]) for number in self.told):
            assert self.keys() == set()

    def keys(self) -> set[int]:
        """Of content of this life that a living key still opens."""
        living = SealingKey.objects.using("keys").filter(
            tenant_id=self.source.tenant.id, kind=KeyKind.CONTENT
        )
        return set(living.values_list("object_id", flat=True)) - self.before

    def upload(self, n: int) -> int:
        path = f"/interactions/{self.session}/recordings/{n}"
        answer = self.source.ask("PUT", path, SOUND)
        assert answer.status_code in (200, 201, 403, 410), answer.content
        self.steps += 1
        return int(answer.status_code)

    def life(self) -> Life:
        """What the model makes of what was told so far, in the order of its times."""
        start = self.happened[0][1] if 0 in self.told else {}
        life = Life(self.policy, start.get("direction", "inbound"))
        for number in sorted(self.told - {0}):
            life.take(self.happened[number])
        return life

    def ask(self) -> None:
        """Ask about the active leg, and compare with the table."""
        life = self.life()
        self.steps += 1
        if not life.on:
            return
        asked = {"session_id": self.session, "agent": life.on[0].agent}
        answer = self.source.ask(
            "POST", "/recording-decisions", msgspec.json.encode(asked)
        ).json()
        said = Expected(answer["record"], answer["keep"], answer["rule"])
        assert said == life.expected(life.on[0])


def as_numbered(direction: str, steps: list[Step]) -> tuple[Numbered, list[Leg]]:
    """The life by seconds, a recording announced at each leg's start; and those legs.

    ``was_active`` of these says whether they were as their recording began.
    """
    numbered: Numbered = {
        0: ("session.started", {"media": "phone", "direction": direction})
    }
    life, begun = Life(Policy(), direction), list[Leg]()
    for at, step in enumerate(steps, start=1):
        life.take(step)
        numbered[2 * at] = step
        for leg in life.legs[len(begun) :]:
            begun.append(replace(leg))
            mark = {"n": len(begun), "agent": leg.agent}
            numbered[2 * at + 1] = ("recording.started", mark)
    return numbered, begun


def finally_expected(exchange: Exchange, begun: list[Leg]) -> list[Expected]:
    """What becomes of each recording once all is told."""
    life = exchange.life()
    return [
        life.expected(replace(leg, was_active=first.was_active))
        for leg, first in zip(life.legs, begun, strict=True)
    ]


def send(exchange: Exchange, chance: Random, recordings: int) -> None:
    """Events in a random order, some twice; questions and uploads among them."""
    order = list(exchange.happened)
    if chance.random() < 0.7:
        chance.shuffle(order)
    order += chance.sample(order, min(3, len(order)))
    acts: list[Callable[[], object]] = [exchange.ask] * ASKED
    if recordings:
        acts += [
            lambda: exchange.upload(chance.randint(1, recordings))
        ] * UPLOADS  # fmt: skip
    chance.shuffle(acts)
    while order or acts:
        if acts and chance.random() < 0.5:
            acts.pop()()
        size = chance.randint(1, 7)
        if order:
            exchange.tell(order[:size])
        del order[:size]


def check(exchange: Exchange, begun: list[Leg]) -> int:
    """No living key opens what may not be kept; nobody is shown what waits.

    Answers how many are there to be heard.
    """
    id_ = exchange.source.id_of(exchange.session)
    rows = exchange.source.rows(Content, interaction_id=int(id_))
    living, expected = exchange.keys(), finally_expected(exchange, begun)
    assert living == {row.id for row in rows if row.id is not None and row.blob}
    heard = 0
    for row in rows:
        keep, rule = expected[row.n - 1].keep, expected[row.n - 1].rule
        if exchange.policy.is_empty() and keep == "yes":
            rule = "no_rule"  # nothing is asked for a tenant without rules
        path = f"/interactions/{id_}/recordings/{row.n}"
        is_heard = exchange.source.ask("GET", path).status_code == 200
        assert not is_heard or (keep, row.rule) == ("yes", rule)
        assert row.id not in living or keep != "no"
        heard += is_heard
    return heard


def lay(source: Source, policy: Policy) -> None:
    set_recording_policy(source.tenant, policy, actor=OPERATOR, now=ago(0))


def test_no_key_opens_what_the_table_does_not_keep(source: Source) -> None:
    done: list[tuple[int, int]] = []

    @settings(
        max_examples=LIVES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        policies(strict=False),
        st.sampled_from(WAYS),
        lives(size=STEPS_EACH),
        st.integers(),
    )
    def live(policy: Policy, direction: str, steps: list[Step], seed: int) -> None:
        numbered, begun = as_numbered(direction, steps)
        lay(source, policy)
        exchange = Exchange(source, policy, numbered)
        exchange.before = exchange.keys()
        send(exchange, Random(seed), len(begun))
        done.append((exchange.steps, check(exchange, begun)))

    live()

    steps, heard = map(sum, zip(*done, strict=True))
    assert steps >= LIVES * STEPS_EACH * 1.4
    assert heard
