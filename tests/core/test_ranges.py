"""Numbers as ranges, against sets."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from valv.core.ranges import add, first_outside, merged, ranges_of

numbers = st.sets(st.integers(1, 60))
ranges = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda r: (r[0], sum(r)))
)


def held_by(listed: list[tuple[int, int]]) -> set[int]:
    return {n for first, last in listed for n in range(first, last + 1)}


@given(numbers)
def test_ranges_hold_the_numbers_and_no_other(wanted: set[int]) -> None:
    found = ranges_of(wanted)

    assert held_by(found) == wanted
    assert all(a[1] + 1 < b[0] for a, b in pairwise(found))


@given(numbers)
def test_adding_in_order_comes_to_the_same(wanted: set[int]) -> None:
    found: list[tuple[int, int]] = []
    for number in sorted(wanted):
        add(found, number, number)

    assert found == ranges_of(wanted)


@given(ranges, ranges)
def test_what_no_cover_holds_is_found(
    gaps: list[tuple[int, int]], covers: list[tuple[int, int]]
) -> None:
    outside = held_by(gaps) - held_by(covers)

    assert first_outside(merged(gaps), covers) == min(outside, default=None)
