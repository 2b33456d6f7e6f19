"""What a change of storage times is said to remove is what the night then removes.

Random versions, one after the other, with rules of every sort, minima, holds, and
changes that apply to what is new only. Rows are laid by hand, for many of them.
``VALV_SOAK`` says how many changes.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import Model
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, OPERATOR
from valv.archive.models import (
    Content,
    Interaction,
    KeptScore,
    Participation,
    Queue,
    RawEvent,
    Registration,
    Session,
    Survey,
    Topic,
)
from valv.archive.vocabulary import agent_ids
from valv.core.errors import Malformed
from valv.core.ids import mint
from valv.core.interaction import ContentKind, ContentState, Media
from valv.core.retention import ALONE, FOREVER, Stored, times_from
from valv.core.storage_rules import AppliesTo, StoragePolicy, policy_from
from valv.lifecycle import nightly
from valv.lifecycle.foreseen import foreseen
from valv.storage import months, scope
from valv.tenants.models import Tenant, UserGroup
from valv.tenants.storage_changes import change_storage

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(2 * 3600),
]

AGES = (0, 1, 2, 3, 4, 6, 8, 9, 12)
QUEUES, AGENTS, TOPICS = ("Claims", "Sales"), ("a1", "a2"), ("Damage", "Travel")
RULED = [one for one in Stored if one not in ALONE]
COUNTED = [one.value for one in (*RULED, Stored.SCORES)]
_noise = count(1)

days = st.integers(0, 12)
times = st.dictionaries(
    st.sampled_from(RULED), days | st.just(FOREVER.value), max_size=4
)
minimum = st.dictionaries(st.sampled_from(RULED), days, max_size=2)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "queue": st.sampled_from([("Claims",), ("Claims", "Sales"), ("Nowhere",)]),
        "group": st.just(("Day",)),
        "media": st.sampled_from([("phone",), ("chat",)]),
        "restricted": st.booleans(),
        "topic": st.sampled_from([("Damage",), ("Damage", "Travel")]),
    },
)


@st.composite
def policies(draw: st.DrawFn) -> StoragePolicy:
    """Versions that Valv takes; what contradicts itself is drawn again."""
    drawn = draw(st.lists(st.tuples(CONDITIONS, times, minimum), max_size=2))
    rules = [
        {"name": f"R{n}", **conditions, "times": most, "minimum": least}
        for n, (conditions, most, least) in enumerate(drawn)
    ]
    general = {"general": 9, **{one.value: n for one, n in draw(times).items()}}
    general["scores"] = draw(days)
    stated = {"rules": rules, "minimum": draw(minimum)}
    try:
        return policy_from(stated, times=times_from(general))
    except Malformed:
        return policy_from({}, times=times_from(general))


changes = st.tuples(policies(), st.sampled_from(AppliesTo))


def lay(tenant: Tenant) -> None:
    """One interaction of each age, sort and medium, with all that can hang on it."""
    with scope.writing(tenant.id):
        queues = [Queue.objects.get_or_create(name=name)[0].id for name in QUEUES]
        topics = [Topic.objects.get_or_create(name=name)[0].id for name in TOPICS]
        agents = list(agent_ids(dict.fromkeys(AGENTS, "")).values())
        UserGroup.objects.get_or_create(name="Day", defaults={"agents": ["a1"]})
        made = [_interaction(age, n, queues, agents) for n, age in enumerate(AGES * 3)]
        Interaction.objects.bulk_create(made)
        Session.objects.bulk_create(
            Session(session_id=one.session_id, interaction_id=one.id) for one in made
        )
        hanging: dict[Any, list[Any]] = defaultdict(list)
        for n, one in enumerate(made):
            for row in _hanging(one, n, topics):
                hanging[type(row)].append(row)
        for model, rows in hanging.items():
            model.objects.bulk_create(rows)
        KeptScore.objects.bulk_create(map(_score, AGES))


def _score(age: int) -> KeptScore:
    day = (NOW - timedelta(days=age)).date()
    return KeptScore(day=day, queue_id=1, scale_from=0, scale_to=99, score=1, count=2)


def _interaction(age: int, n: int, queues: list[int], agents: list[int]) -> Interaction:
    at = NOW - timedelta(days=age, minutes=n)
    return Interaction(
        id=mint(at, noise=next(_noise)),
        session_id=f"S{next(_noise)}",
        media=(Media.PHONE if n % 3 else Media.CHAT).number,
        started_at=at,
        ended_at=at,
        aged_from=at,
        updated_at=at,
        queue_id=(*queues, None)[n % 3],
        agent_ids=[agents[n % 2]] if n % 4 else [],
        restricted=n % 5 == 0,
        held=n % 7 == 0,
    )


def _hanging(one: Interaction, n: int, topics: list[int]) -> Iterator[Model]:
    its: dict[str, Any] = {"interaction_id": one.id, "aged_from": one.aged_from}
    at = one.started_at
    for agent_id in one.agent_ids:
        yield Participation(interaction_id=one.id, agent_id=agent_id, started_at=at)
    if n % 2:
        topic_id = topics[n % 4 // 2]
        yield Registration(interaction_id=one.id, n=1, topic_id=topic_id, started_at=at)
    kinds = [ContentKind.CHAT_LOG]
    if one.media == Media.PHONE.number:
        kinds = [ContentKind.RECORDING, ContentKind.TRANSCRIPT][: 1 + n % 2]
    for kind in kinds:
        state = ContentState.PRESENT.number
        yield Content(kind=kind.number, n=1, state=state, **its)
    yield Survey(score=n % 11, at=at, **its)
    yield RawEvent(event=b"%d" % n, type="queue.entered", at=at, body=b"", **its)


@settings(
    max_examples=int(os.environ.get("VALV_SOAK") or 4),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(first=changes, second=changes)
def test_a_preview_tells_what_the_night_takes(
    acme: Tenant, first: Any, second: Any
) -> None:
    today = nightly.today(acme, NOW)
    months.ensure({(NOW - timedelta(days=age)).date().replace(day=1) for age in AGES})
    lay(acme)
    put(acme, *first)
    policy, applies_to = second
    told = nightly.preview(acme, today, policy, applies_to).counts
    shown = foreseen(acme, today, policy, applies_to)
    put(acme, policy, applies_to)

    assert picked({one.value: shown[one].count for one in Stored}) == picked(told)
    assert picked(nightly.preview(acme, today).counts) == picked(told)
    went = nightly.run(acme, today, now=NOW, actor=OPERATOR).counts

    assert went["failed"] == 0
    assert picked(went) == picked(told)
    left = nightly.preview(acme, today).counts
    assert not any(picked(left).values())
    clear(acme)


def put(tenant: Tenant, policy: StoragePolicy, applies_to: AppliesTo) -> None:
    change_storage(tenant, policy, applies_to=applies_to, actor=OPERATOR, now=NOW)


def picked(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in COUNTED}


def clear(tenant: Tenant) -> None:
    with scope.writing(tenant.id):
        for model in (Interaction, Session, Content, Survey, RawEvent, Registration):
            model.objects.all().delete()
        Participation.objects.all().delete()
        KeptScore.objects.all().delete()
