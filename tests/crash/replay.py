"""Calls told of to a server while they run, faster than they ran, across a kill.

Several senders each gather what happened for a while and send it as one body; whatever
was not acknowledged goes out again with the next. Somebody else asks all the while
whether calls may be recorded.
"""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from itertools import count
from random import Random
from typing import Any

from tests.crash.calls import Call
from tests.crash.server import Server
from valv.core.moments import format_moment

SENDERS, ASKERS = 4, 3
PERIOD = 0.5
LARGEST = 500
NO_ANSWER = (OSError, http.client.HTTPException)


@dataclass
class Heard:
    """How long answers took, in seconds, and how often there was none."""

    events: list[float] = field(default_factory=list)
    decisions: list[float] = field(default_factory=list)
    unanswered: int = 0
    resent: int = 0


@dataclass(frozen=True)
class Replay:
    """``speed`` is how many of the calls' seconds pass in one of ours."""

    server: Server
    calls: Sequence[Call]
    speed: float
    asked_per_second: float = 0
    heard: Heard = field(default_factory=Heard)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, *, kill_after: float) -> Heard:
        """Tell of all calls; the server dies after so many seconds and comes again."""
        began = time.monotonic()
        senders = [self._begin(self._send, n, began) for n in range(SENDERS)]
        askers = [self._begin(self._ask, n) for n in range(ASKERS)]
        time.sleep(kill_after)
        self.server.kill()
        self.server.start()
        for sender in senders:
            sender.join()
        self.over.set()
        for asker in askers:
            asker.join()
        return self.heard

    def _begin(self, act: Callable[..., None], *told: Any) -> threading.Thread:
        thread = threading.Thread(target=act, args=told)
        thread.start()
        return thread

    def _send(self, number: int, began: float) -> None:
        coming, waiting = self._of(number), list[dict[str, Any]]()
        following = next(coming, None)
        with closing(self.server.connection()) as connection:
            while waiting or following:
                passed = (time.monotonic() - began) * self.speed
                while following and following[0] <= passed:
                    waiting.append(following[1])
                    following = next(coming, None)
                if waiting and self._told(waiting[:LARGEST], connection):
                    del waiting[:LARGEST]
                else:
                    time.sleep(PERIOD)

    def _of(self, number: int) -> Iterator[tuple[float, dict[str, Any]]]:
        """The events of one sender's calls, by the second in which they happen."""
        mine = [event for call in self.calls[number::SENDERS] for event in call.events]
        first = min(moment_of(event) for call in self.calls for event in call.events)
        for event in sorted(mine, key=moment_of):
            yield (moment_of(event) - first).total_seconds(), event

    def _told(
        self, events: Sequence[Any], connection: http.client.HTTPConnection
    ) -> bool:
        """Whether they are acknowledged; then none of them was refused."""
        body = b"\n".join(json.dumps(event).encode() for event in events)
        began = time.monotonic()
        try:
            status, answer = self.server.ask("POST", "/events", body, over=connection)
        except NO_ANSWER:
            connection.close()
            self.heard.resent += len(events)
            return False
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            return False
        self.heard.events.append(time.monotonic() - began)
        said = json.loads(answer)
        assert (status, said["refused"]) == (200, []), answer
        assert said["accepted"] + said["duplicate"] == len(events)
        return True

    def _ask(self, number: int) -> None:
        """Ask about one call after another, at an even pace."""
        if not self.asked_per_second:
            return
        chance, pace = Random(number), ASKERS / self.asked_per_second
        began = time.monotonic() + number * pace / ASKERS
        with closing(self.server.connection()) as connection:
            for turn in count():
                if self.over.wait(max(0, began + turn * pace - time.monotonic())):
                    return
                self._decide(chance.choice(self.calls), connection)

    def _decide(self, call: Call, connection: http.client.HTTPConnection) -> None:
        asked = {"session_id": call.session, "queue": "Support", "agent": "a1"}
        body = json.dumps(asked).encode()
        began = time.monotonic()
        try:
            status, answer = self.server.ask(
                "POST", "/recording-decisions", body, over=connection
            )
        except NO_ANSWER:
            connection.close()
            self.heard.unanswered += 1
            return
        assert status == 200, answer
        self.heard.decisions.append(time.monotonic() - began)


def moment_of(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def differences(server: Server, calls: Sequence[Call]) -> list[str]:
    """What the archive has otherwise than the model: lost, doubled, or gone astray."""
    wanted = Counter(event["event_id"] for call in calls for event in call.events)
    kept = Counter(event["event_id"] for event in _raw_events(server))
    found = [f"lost: {event}" for event in wanted - kept]
    found += [f"too many: {event}" for event in kept - wanted]
    items = {item["session_id"]: item for item in _items(server)}
    if len(items) != len(calls):
        found.append(f"{len(items)} calls instead of {len(calls)}")
    return found + [
        f"otherwise: {call.session}"
        for call in calls
        if _seen(items.get(call.session, {})) != _journey(call)
    ]


def _journey(call: Call) -> dict[str, Any]:
    journey = call.journey()
    return {
        "started_at": format_moment(journey.started_at),
        "ended_at": journey.ended_at and format_moment(journey.ended_at),
        "queue": journey.queues[-1],
        "agents": len(journey.agents),
        "wait_seconds": round(journey.wait_seconds, 3),
        "talk_seconds": round(journey.talk_seconds, 3),
        "outcome": journey.outcome,
    }


def _seen(item: dict[str, Any]) -> dict[str, Any]:
    names = ("started_at", "ended_at", "queue", "outcome")
    return {
        **{name: item.get(name) for name in names},
        "agents": len(item.get("agents", ())),
        **{
            name: round(item.get(name) or 0, 3)
            for name in ("wait_seconds", "talk_seconds")
        },
    }


def _raw_events(server: Server) -> Iterator[dict[str, Any]]:
    status, answer = server.ask("GET", "/raw-events")
    assert status == 200, answer
    yield from map(json.loads, answer.splitlines())


def _items(server: Server) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        path = f"/interactions?limit=500&count=none{cursor}"
        page = json.loads(server.ask("GET", path)[1])
        yield from page["items"]
        if not page["next"]:
            return
        cursor = f"&cursor={page['next']}"
