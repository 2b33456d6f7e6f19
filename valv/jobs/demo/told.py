"""Calls of the last weeks as a telephone exchange tells them, event by event, made up.

Most of them are whole. Some lack their end, or an agent came unannounced; and there is
one bad day, on which recordings were announced and never came, so that completeness has
something to show. Numbers are of the people who are made up for the demo.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from valv.core.moments import format_moment
from valv.core.registration import Category, Topics
from valv.jobs.demo import examples
from valv.jobs.demo.people import QUEUES, people
from valv.jobs.demo.script import LANGUAGES, dialogues

DAYS: Final = 21
A_DAY: Final = 14
BAD: Final = 6  # days ago
NEW_QUEUE: Final = "Kampanj test"

Events = list[dict[str, Any]]


def told(*, now: datetime, zone: ZoneInfo, seed: int = 2) -> Iterator[Events]:
    """The events of each call, oldest first; the same for the same day and seed."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    callers = people(seed)
    today = now.astimezone(zone).date()
    for age in range(DAYS, 0, -1):
        day = today - timedelta(days=age)
        for n in range(A_DAY):
            person = chance.choice(callers)
            start = _start(chance, day, zone=zone)
            session = f"demo-told-{day:%Y%m%d}-{n:02}"
            yield list(_call(chance, session, start, person.phone, is_bad=age == BAD))


def _start(chance: random.Random, day: date, *, zone: ZoneInfo) -> datetime:
    hour, minute = chance.randrange(8, 17), chance.randrange(60)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def _call(
    chance: random.Random, session: str, start: datetime, phone: str, *, is_bad: bool
) -> Iterator[dict[str, Any]]:
    queue = NEW_QUEUE if chance.random() < 0.01 else _queue(chance)
    wait, talk = chance.randrange(5, 120), chance.randrange(60, 600)
    agent = f"100{chance.randrange(1, 9)}"
    lost = chance.random()
    steps: list[tuple[str, int, dict[str, Any]]] = [
        ("session.started", 0, {"media": "phone", "identifiers": {"phone": phone}}),
        ("menu.entered", 2, {"menu": "Huvudmeny"}),
        ("queue.entered", 20, {"queue": queue}),
        ("agent.connected", 20 + wait, {"agent": agent}),
        ("agent.disconnected", 20 + wait + talk, {"agent": agent}),
        ("session.ended", 22 + wait + talk, {"outcome": "answered"}),
    ]
    if lost < (0.6 if is_bad else 0.02):
        steps.insert(4, ("recording.started", 21 + wait, {"n": 1, "agent": agent}))
    elif lost < 0.04:
        del steps[3]
    elif lost < 0.06:
        del steps[-1]
    for number, (type_, seconds, data) in enumerate(steps, start=1):
        yield {
            "event_id": f"{session}-{number}",
            "session_id": session,
            "type": type_,
            "at": format_moment(start + timedelta(seconds=seconds)),
            "sequence": number,
            "data": data,
        }


def _queue(chance: random.Random) -> str:
    return chance.choice(list(QUEUES["sv"].values()))


def queues() -> list[str]:
    """Those that the made-up organisation has named as its own."""
    named = [name for language in QUEUES.values() for name in language.values()]
    return [*named, *examples.QUEUES]


def topics() -> Topics:
    """What its agents may register: nearly all that they do."""
    listed: dict[str, dict[str, None]] = {}
    for language in LANGUAGES:
        for one in dialogues(language)[:-1]:
            listed.setdefault(one.category, {})[one.topic] = None
    return Topics(
        categories=tuple(
            Category(tuple(under), category) for category, under in listed.items()
        )
    )
