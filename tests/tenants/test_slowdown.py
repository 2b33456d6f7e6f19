"""Tries are counted where all processes see them, and lock nobody out."""

from datetime import timedelta

import pytest

from tests.cast import NOW
from valv.tenants.models import Tries
from valv.tenants.slowdown import forget, of_codes, of_password, take_back, wait_or_take

HOME, AWAY = "192.0.2.1", "203.0.113.7"
BO = "bo@acme.example"

pytestmark = pytest.mark.usefixtures("installation")


def tried(times: int, address: str = BO, network: str = HOME) -> float:
    """How long one waits after so many tries, a moment apart."""
    left = 0.0
    for _ in range(times):
        left = wait_or_take(of_password(address, network), now=NOW)
    return left


def test_a_few_tries_are_free_and_then_one_waits() -> None:
    assert tried(5) == 0
    assert tried(1) == 1


def test_a_try_is_counted_before_it_is_looked_at() -> None:
    tried(5)

    assert wait_or_take(of_password(BO, HOME), now=NOW) > 0


def test_what_is_tried_while_waiting_is_not_counted() -> None:
    tried(20)

    assert wait_or_take(of_password(BO, HOME), now=NOW + timedelta(seconds=1)) == 0


def test_a_success_forgets_the_pair_and_one_of_the_place() -> None:
    tried(5)
    take_back(of_password(BO, HOME))

    assert tried(5) == 0


def test_a_guesser_elsewhere_slows_down_nobody_here() -> None:
    tried(9, network=AWAY)

    assert wait_or_take(of_password(BO, HOME), now=NOW) == 0


def test_a_place_that_tries_many_addresses_waits_too() -> None:
    for n in range(30):
        tried(1, address=f"u{n}@acme.example")

    assert 0 < tried(1, address="new@acme.example") <= 5


def test_tries_are_forgotten_in_time_and_by_an_operator() -> None:
    tried(9)
    later = NOW + timedelta(minutes=16)

    assert wait_or_take(of_password(BO, HOME), now=later) == 0
    tried(9, network=AWAY)
    assert forget(BO) > 0
    assert wait_or_take(of_password(BO, AWAY), now=NOW) == 0


def test_codes_are_counted_by_whose_they_are() -> None:
    for _ in range(5):
        wait_or_take(of_codes(BO), now=NOW)

    assert wait_or_take(of_codes(BO), now=NOW) > 0
    assert wait_or_take(of_codes("al@acme.example"), now=NOW) == 0


def test_nobody_is_read_from_what_is_counted() -> None:
    tried(1)

    held = list(Tries.objects.values_list("key", "about"))
    assert held
    assert not any(BO in text or HOME in text for pair in held for text in pair)
