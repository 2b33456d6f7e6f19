"""How often somebody may ask."""

from hypothesis import given
from hypothesis import strategies as st

from valv.core.pace import BURST_SECONDS, Bucket, asked, full

RATES = st.integers(1, 50)


def spent(per_second: int, bucket: Bucket, at: float) -> tuple[int, Bucket, float]:
    """How many may be made at once, what is left then, and how long to wait."""
    number = 0
    while True:
        bucket, wait = asked(bucket, per_second, at=at)
        if wait:
            return number, bucket, wait
        number += 1


@given(RATES)
def test_ten_seconds_worth_may_come_at_once(per_second: int) -> None:
    number, _, wait = spent(per_second, full(per_second, at=0), 0)

    assert number == per_second * BURST_SECONDS
    assert wait == 1 / per_second


@given(RATES, st.floats(0, 10_000))
def test_who_waits_as_long_as_is_said_gets_through(per_second: int, at: float) -> None:
    _, bucket, wait = spent(per_second, full(per_second, at=at), at)

    _, again = asked(bucket, per_second, at=at + wait + 1e-6)

    assert again == 0


@given(RATES, st.lists(st.floats(0, 5), max_size=60))
def test_no_more_is_let_through_than_the_rate(
    per_second: int, pauses: list[float]
) -> None:
    bucket, at, through = full(per_second, at=0), 0.0, 0
    for pause in pauses:
        at += pause
        number, bucket, _ = spent(per_second, bucket, at)
        through += number

    assert through <= per_second * (BURST_SECONDS + at) + 1


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket, _ = asked(Bucket(0.5, 100), 1, at=0)

    assert bucket.left == 0.5
