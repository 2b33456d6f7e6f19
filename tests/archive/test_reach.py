"""What lies out of reach is not there: not in a list, a count, a page or a file.

Each way to read, and to delete, is tried by somebody who sees one queue, one agent's
contacts, a span of time or one interaction, against what is laid.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cast import NOW
from tests.held import lay_content, lay_interaction
from valv.archive import chosen, listed, operations, queries, sights
from valv.archive.models import Participation, Survey
from valv.archive.vocabulary import agent_ids, queue_ids
from valv.core.errors import NotFound
from valv.core.interaction import ContentKind
from valv.core.people import Actor, ActorType
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role
from valv.core.reach import Reach
from valv.core.search import SearchRequest
from valv.storage import scope
from valv.surveys import queries as answers
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def acme(acme_once: Tenant) -> Tenant:
    return acme_once


@pytest.fixture(scope="module")
def laid(acme: Tenant) -> dict[str, int]:
    """A call of each of two agents in each of two queues, one in none."""
    found = {}
    places = [("Support", "a1"), ("Support", "a2"), ("Sales", "a1"), ("", "a2")]
    for n, (queue, agent) in enumerate(places):
        found[f"{queue}-{agent}"] = _lay(acme, n, queue, agent)
    return found


def _lay(tenant: Tenant, n: int, queue: str, agent: str) -> int:
    with scope.writing(tenant.id):
        queue_id = queue_ids([queue])[queue] if queue else None
        (agent_id,) = agent_ids({agent: agent.upper()}).values()
    at = NOW - n * HOUR
    id_ = lay_interaction(
        tenant, session=f"S{n}", started_at=at, queue_id=queue_id, agent=agent
    )
    lay_content(tenant, id_)
    with scope.writing(tenant.id):
        Participation.objects.get_or_create(
            interaction_id=id_, agent_id=agent_id, defaults={"started_at": at}
        )
        Survey.objects.create(
            interaction_id=id_, score=7, scale_from=0, scale_to=10, at=at, aged_from=at
        )
    return id_


def caller(tenant: Tenant, reach: Reach) -> Caller:
    actor = Actor(ActorType.INTERNAL, "eva", 1)
    return Caller(tenant, actor, RIGHTS_OF_ROLE[Role.ADMINISTRATOR], reach)


def reaches(laid: dict[str, int]) -> dict[str, tuple[Reach, set[str]]]:
    support, a1 = frozenset({"Support"}), frozenset({"a1"})
    one = laid["-a2"]
    return {
        "a queue": (Reach(queues=support), {"Support-a1", "Support-a2"}),
        "queues": (
            Reach(queues=support | {"Sales", "Never"}),
            {"Support-a1", "Support-a2", "Sales-a1"},
        ),
        "an agent": (Reach(agents=a1), {"Support-a1", "Sales-a1"}),
        "agents": (Reach(agents=a1 | {"a2"}), set(laid)),
        "both": (Reach(queues=support, agents=a1), {"Support-a1"}),
        "time": (
            Reach(since=NOW - 2 * HOUR, until=NOW),
            {"Support-a2", "Sales-a1"},
        ),
        "one": (Reach(interactions=frozenset({one})), {"-a2"}),
        "nothing": (Reach(queues=frozenset()), set()),
    }


NAMES = ("a queue", "queues", "an agent", "agents", "both", "time", "one", "nothing")


@pytest.mark.parametrize("name", NAMES)
def test_every_list_ends_where_the_reach_ends(
    acme: Tenant, laid: dict[str, int], name: str
) -> None:
    reach, names = reaches(laid)[name]
    who, wanted = caller(acme, reach), {str(laid[one]) for one in names}

    found = queries.page(who, SearchRequest(), now=NOW)
    walked = [
        i.id for part in queries.walk(who, SearchRequest(), now=NOW) for i in part
    ]
    picked = chosen.chosen(who, [str(id_) for id_ in laid.values()])
    told, _ = listed.surveys(who, listed.Span(), limit=50)
    span = answers.Wanted(NOW - 99 * HOUR, NOW + HOUR)
    shown, _ = answers.answers(who, span, after=None, limit=50)

    assert {item.id for item in found.items} == wanted
    assert found.count is not None
    assert found.count.value == len(wanted)
    assert set(walked) == wanted
    assert {item.id for item in picked} == wanted
    assert {answer.interaction_id for answer in told} == wanted
    assert {item.id for item in shown} == wanted
    assert answers.summary(who, span).count == len(wanted)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "act",
    [
        lambda who, id_: queries.see(who, id_, now=NOW),
        lambda who, id_: sights.play(who, id_, 1, now=NOW),
        lambda who, id_: sights.begin_play(who, id_, 1, now=NOW),
        lambda who, id_: sights.size_of(who, id_, 1),
        lambda who, id_: sights.download(who, id_, ContentKind.RECORDING, 1, now=NOW),
        lambda who, id_: operations.delete_content(
            who, id_, ContentKind.RECORDING, 1, reason="", now=NOW
        ),
    ],
    ids=["see", "play", "begin", "size", "download", "delete"],
)
def test_each_act_is_on_what_lies_within(
    acme: Tenant, laid: dict[str, int], name: str, act: Callable[[Caller, int], object]
) -> None:
    reach, names = reaches(laid)[name]
    who = caller(acme, reach)

    for one, id_ in laid.items():
        if one in names:
            act(who, id_)
        else:
            with pytest.raises(NotFound):
                act(who, id_)


def test_a_play_that_was_begun_ends_with_the_reach(
    acme: Tenant, laid: dict[str, int]
) -> None:
    who = caller(acme, Reach(queues=frozenset({"Support"})))
    handle = sights.begin_play(who, laid["Support-a1"], 1, now=NOW)

    with pytest.raises(NotFound):
        sights.continue_play(
            replace(who, reach=Reach(queues=frozenset({"Sales"}))), handle, now=NOW
        )


def test_what_is_of_the_whole_archive_is_nobodys_who_sees_a_part(acme: Tenant) -> None:
    who = caller(acme, Reach(queues=frozenset({"Support"})))

    assert who.may(Right.DELETE)
    assert not {Right.USERS, Right.RETENTION, Right.RAW_DATA, Right.AUDIT} & who.rights


def test_one_is_offered_the_queues_and_agents_in_reach(
    acme: Tenant, laid: dict[str, int]
) -> None:
    reach = Reach(queues=frozenset({"Sales"}), agents=frozenset({"a2"}))

    assert queries.queues(caller(acme, reach)) == ["Sales"]
    assert [source for source, _ in queries.agents(caller(acme, reach))] == ["a2"]
