"""Calls that run while the server is killed: no event is lost, and none is doubled.

Every call has exactly the journey that the model reads off its events. ``bench.live``
does the same with a thousand calls, and measures it.
"""

from dataclasses import replace
from pathlib import Path
from random import Random

from tests.crash.calls import calls
from tests.crash.installed import databases_of, install
from tests.crash.replay import Replay, differences
from tests.crash.server import Server
from tests.environment import DATABASE

SECONDS, SPEED = 80, 20


def test_no_live_call_loses_or_doubles_anything(tmp_path: Path) -> None:
    settings, _ = databases_of(DATABASE)
    made = calls(40, seconds=SECONDS, chance=Random(3))
    server = Server(install(tmp_path / "data", **settings))
    server.start()

    heard = Replay(server, made, speed=SPEED, asked_per_second=5).run(kill_after=2)

    found = differences(server, made)
    another = [replace(made[0], events=made[0].events[1:]), *made[1:]]
    would_be_seen = differences(server, another)
    server.kill()
    assert found == []
    assert would_be_seen
    assert heard.resent
    assert heard.decisions
