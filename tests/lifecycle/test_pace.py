"""How many interactions go at once is learnt from how long some took."""

import pytest

from valv.lifecycle import batches
from valv.lifecycle.batches import BATCH, BATCH_OF_ROWS, IN_TIME, Pace


@pytest.fixture(autouse=True)
def sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "is_sqlite", lambda: True)


def test_it_grows_no_faster_than_twofold() -> None:
    pace = Pace()
    pace.learn(BATCH, IN_TIME / 100)

    assert pace.most == 2 * BATCH


def test_it_is_what_goes_in_time_between_its_bounds() -> None:
    pace = Pace()
    for count, seconds, most in (
        (1000, IN_TIME, 1000),
        (1000, IN_TIME * 1.25, 800),
        (1000, 10.0, BATCH),
        (BATCH_OF_ROWS, IN_TIME / 2, BATCH_OF_ROWS),
    ):
        pace.learn(count, seconds)
        assert pace.most == most


def test_a_database_where_nobody_waits_has_large_ones_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "is_sqlite", lambda: False)
    pace = Pace()
    pace.learn(BATCH, 10.0)

    assert pace.most == BATCH_OF_ROWS
