"""Two writers of one session at once: one interaction, and no field is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from tests.intake.asking import Source, event
from tests.intake.made import SOUND, inline, vcon, written
from valv.archive.models import Content, Interaction, RawEvent, Session
from valv.core.interaction import ContentKind, ContentState

BUSY = 503
START = "2026-11-20T09:00:00.000Z"
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Any) -> list[Any]:
    def done(act: Any) -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(done, acts))


def test_two_who_put_make_one_interaction(source: Source) -> None:
    fields = [{"queue": "A"}, {"subject": "B"}, {"outcome": "C"}, {"agents": ["d"]}]

    answers = at_once(
        *(lambda one=one: source.put("S1", started_at=START, **one) for one in fields)
    )

    item = source.item("S1")
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len(source.rows(Interaction)) == len(source.rows(Session)) == 1
    assert (item["queue"], item["subject"]) == ("A", "B")
    assert (item["outcome"], item["agents"]) == ("C", ["d"])


def test_batches_that_cross_are_all_taken(source: Source) -> None:
    def batch(order: int) -> list[Any]:
        return [
            event(order * 10 + n, "menu.entered", session=f"S{n}", menu="Main")
            for n in (range(8) if order % 2 else reversed(range(8)))
        ]

    answers = at_once(*(lambda n=n: source.tell(*batch(n)) for n in range(4)))

    assert [answer["accepted"] for answer in answers] == [8, 8, 8, 8]
    assert len(source.rows(Interaction)) == 8
    assert len(source.rows(RawEvent)) == 32


@pytest.mark.parametrize("way", ["uploads", "vCons"])
def test_what_is_refused_many_times_at_once_is_refused_each_time(
    source: Source, way: str
) -> None:
    source.put("S1", started_at=START, variables={"deny_recording": True})

    def send() -> Any:
        path = f"/interactions/S1/recordings/1?started_at={START}"
        return source.ask("PUT", path, SOUND)

    def post() -> Any:
        return source.ask("POST", "/vcons", written(vcon("S1", recording=inline())))

    def until_told(act: Any) -> Any:
        while (answer := act()).status_code == BUSY:
            pass
        return answer

    one = send if way == "uploads" else post
    answers = at_once(*(lambda act=act: until_told(act) for act in [one, send] * 4))

    assert {answer.status_code for answer in answers} <= {200, 403, 410}
    (row,) = source.rows(Content, kind=ContentKind.RECORDING.number)
    assert row.state == ContentState.REFUSED.number
