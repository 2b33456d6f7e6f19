"""What the demo's telephone exchange tells can be taken in, and has its bad day."""

import json
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.cast import OPERATOR
from tests.jobs.test_demo_plan import FICTION
from valv.core.completeness import Gap
from valv.intake.counting import count_due
from valv.intake.events import take_events
from valv.intake.standing import standing_of
from valv.jobs.demo.examples import EXAMPLES
from valv.jobs.demo.told import queues, told, topics
from valv.tenants.models import Tenant

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")


def test_it_is_the_same_each_time_and_about_nobody() -> None:
    calls = list(told(now=NOW, zone=ZONE))

    assert calls == list(told(now=NOW, zone=ZONE))
    numbers = {call[0]["data"]["identifiers"]["phone"] for call in calls}
    assert not [one for one in numbers if not FICTION.fullmatch(one)]
    assert all(call[-1]["at"] < NOW.isoformat() for call in calls)


def test_it_is_taken_whole_and_one_day_is_worse(acme: Tenant) -> None:
    body = [event for call in told(now=NOW, zone=ZONE) for event in call]
    taken = take_events(acme, json.dumps(body).encode(), actor=OPERATOR, now=NOW)

    count_due(acme, now=NOW)

    standing = standing_of(acme, now=NOW)
    assert (taken.accepted, taken.refused) == (len(body), [])
    assert [day.on.day for day in standing.last if standing.is_worse(day)] == [17]
    gaps = sum((Counter(day.gaps) for day in standing.days), Counter())
    assert {Gap.RECORDING, Gap.END, Gap.AGENT} <= gaps.keys()


def test_there_are_topics_and_queues_to_choose_from() -> None:
    assert topics().categories
    assert "Kundtjänst" in queues()


def test_the_queues_of_the_examples_are_known_too() -> None:
    waited_in = {
        data["queue"]
        for example in EXAMPLES
        for _, type_, data in example.told
        if type_ == "queue.entered"
    }

    assert waited_in
    assert waited_in <= set(queues())
