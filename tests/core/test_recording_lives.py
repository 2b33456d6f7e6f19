"""Random call lives against the documented table: some 20,000 steps of them.

After each step the last leg and the active one are decided on, by events that are
shuffled and told twice, and the answer must be what a model finds in docs/recording.md.
"""

import os
from collections.abc import Callable, Iterator
from random import Random

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.core.call_lives import ROWS, Expected, Life, Step, event_of, lives, policies
from valv.core.events import Event
from valv.core.interaction import decoded
from valv.core.legs import RecordingRef, facts_now, facts_of
from valv.core.recording import Decision, decide
from valv.core.recording_policy import Policy

LIVES = int(os.environ.get("VALV_SOAK") or 520)
STEPS_EACH = 40
# The rarest rule, so that no run goes without it.
CAREFUL = decoded(
    {
        "rules": [{"mode": "manual", "on": "agent", "name": "a"}],
        "acceptance_needed": True,
    },
    Policy,
)
UNKNOWN: list[Step] = [
    ("agent.connected", {"agent": "a"}),
    ("recording.requested", {"action": "start", "agent": "a", "accepted": None}),
]


def said(made: Decision) -> Expected:
    return Expected(made.record, made.keep.value, made.rule)


def lived(test: Callable[[Policy, str, list[Step], int], None]) -> Callable[[], None]:
    """Many random lives, each under a policy of its own."""
    many = settings(
        max_examples=LIVES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    )
    directions = st.sampled_from(("inbound", "internal"))
    made: Callable[[], None]
    any_life = given(policies(), directions, lives(size=STEPS_EACH), st.integers())
    made = many(example(CAREFUL, "inbound", UNKNOWN, 1)(any_life(test)))
    return made


def test_the_rules_say_what_the_table_says() -> None:
    taken: list[int] = []
    seen: set[str] = set()

    @lived
    def live(policy: Policy, direction: str, steps: list[Step], seed: int) -> None:
        chance, life = Random(seed), Life(policy, direction)
        told = [event_of(0, ("session.started", _started(direction)))]
        for number, step in enumerate(steps, start=1):
            life.take(step)
            told.append(event_of(number, step))
            seen.update(_compare(life, _jumbled(told, chance)))
        taken.append(len(steps))

    live()

    assert sum(taken) >= LIVES * STEPS_EACH
    assert seen == {row[8] for row in ROWS}


def _started(direction: str) -> dict[str, object]:
    return {"media": "phone", "direction": direction}


def _jumbled(told: list[Event], chance: Random) -> list[Event]:
    jumbled = [*told, *chance.choices(told, k=2)]
    chance.shuffle(jumbled)
    return jumbled


def _compare(life: Life, told: list[Event]) -> Iterator[str]:
    """The leg that came last, and the active one right now; answers the rules."""
    if not life.legs:
        return
    last = decide(life.policy, facts_of(told, RecordingRef(n=len(life.legs))))
    assert said(last) == life.expected(life.legs[-1])
    yield last.rule
    for active in life.on[:1]:
        now = decide(life.policy, facts_now(told, agent=active.agent))
        assert said(now) == life.expected(active)
        yield now.rule
