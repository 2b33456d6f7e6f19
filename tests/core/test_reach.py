"""The rule of what lies within somebody's reach."""

from datetime import UTC, datetime, timedelta

import pytest

from valv.core.reach import EVERYWHERE, Reach

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("reach", "inside"),
    [
        (EVERYWHERE, True),
        (Reach(queues=frozenset({"Support", "Sales"})), True),
        (Reach(queues=frozenset({"Sales"})), False),
        (Reach(queues=frozenset()), False),
        (Reach(agents=frozenset({"a2", "a9"})), True),
        (Reach(agents=frozenset({"a9"})), False),
        (Reach(interactions=frozenset({7})), True),
        (Reach(interactions=frozenset({8})), False),
        (Reach(since=NOW, until=NOW + HOUR), True),
        (Reach(until=NOW), False),
        (Reach(since=NOW + HOUR), False),
        (Reach(queues=frozenset({"Support"}), agents=frozenset({"a9"})), False),
    ],
)
def test_all_that_is_stated_must_hold(reach: Reach, *, inside: bool) -> None:
    found = reach.holds(7, queue="Support", agents={"a1", "a2"}, at=NOW)

    assert found is inside


def test_without_a_queue_one_is_in_nobodys_queues() -> None:
    reach = Reach(queues=frozenset({"Support"}))

    assert not reach.holds(7, queue=None, agents=set(), at=NOW)


def test_ones_own_lie_inside_of_what_one_had() -> None:
    group = Reach(agents=frozenset({"a1", "a2"}))

    assert EVERYWHERE.of_agent("a1") == Reach(agents=frozenset({"a1"}))
    assert group.of_agent("a1") == Reach(agents=frozenset({"a1"}))
    assert group.of_agent("a9").agents == frozenset()
    assert EVERYWHERE.of_agent("").agents == frozenset()
