"""How a reach is narrowed; that queries end there is tried in tests/archive."""

from valv.core.reach import EVERYWHERE, Reach


def test_ones_own_lie_inside_of_what_one_had() -> None:
    group = Reach(agents=frozenset({"a1", "a2"}))

    assert EVERYWHERE.of_agent("a1") == Reach(agents=frozenset({"a1"}))
    assert group.of_agent("a1") == Reach(agents=frozenset({"a1"}))
    assert group.of_agent("a9").agents == frozenset()
    assert EVERYWHERE.of_agent("").agents == frozenset()
