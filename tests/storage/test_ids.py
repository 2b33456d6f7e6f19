"""Ids of a moment do not repeat, in a process or between it and its children."""

import multiprocessing
from datetime import datetime

from valv.core.ids import NOISE_LIMIT
from valv.storage.ids import inner_id


def test_a_process_draws_no_id_twice(now: datetime) -> None:
    many = 20_000  # drawn by chance alone, nearly a hundred would meet another

    assert len({inner_id(now) for _ in range(many)}) == many


def test_a_child_counts_on_from_elsewhere(now: datetime) -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        theirs = pool.apply(inner_id, (now,))

    apart = (theirs - inner_id(now)) % NOISE_LIMIT
    assert 10 < apart < NOISE_LIMIT - 10
