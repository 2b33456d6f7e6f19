"""A thousand calls at once, told of ten times faster than they run, across a kill.

    python -m bench.live --database sqlite|postgresql [--calls 1000 | --small]

Their events come in bodies of half a second; meanwhile recording decisions are asked
for at 30 a second, and in the middle the server is killed and comes again. Prints how
long answers took, and what was lost or doubled: nothing.
"""

import argparse
import json
import statistics
import sys
import time
from random import Random

from bench.intake import place
from tests.crash.calls import QUEUES, calls
from tests.crash.replay import Heard, Replay, differences
from tests.crash.server import Server

CALLS, SMALL = 1_000, 60
SECONDS, SPEED = 300, 10
DECISIONS = 30
POLICY = {
    "rules": [{"mode": "forced", "on": "queue", "name": name} for name in QUEUES],
}


def main() -> int:
    asked = _asked()
    count = SMALL if asked.small else asked.calls
    made = calls(count, seconds=SECONDS, chance=Random(5))
    with place(asked.database) as (installed, _):
        server = Server(installed)
        server.start()
        laid = json.dumps(POLICY).encode()
        assert server.ask("PUT", "/recording-policy", laid)[0] == 200
        began = time.monotonic()
        replay = Replay(server, made, SPEED, asked_per_second=DECISIONS)
        heard = replay.run(kill_after=SECONDS / SPEED / 2)
        took = time.monotonic() - began
        found = differences(server, made)
        server.kill()
    events = sum(len(call.events) for call in made)
    print(f"{count} calls at once on {asked.database}, {SPEED} times as fast")
    print(f"{events} events in {took:.0f} s; {SECONDS / SPEED:.0f} s were told")
    _report(heard)
    print("lost or doubled: " + ("nothing" if not found else "; ".join(found[:20])))
    return bool(found)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.live")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    return parser.parse_known_args()[0]


def _report(heard: Heard) -> None:
    print(f"{'':24} {'n':>6} {'p50 ms':>8} {'p99 ms':>8} {'p99/p50':>8}")
    for name, times in (("events", heard.events), ("decisions", heard.decisions)):
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(f"{name:24} {len(times):6} {p50 * 1000:8.1f} {p99 * 1000:8.1f}", end=" ")
        print(f"{p99 / p50:8.1f}")
    print(f"{heard.resent} events sent again, {heard.unanswered} decisions unanswered")


if __name__ == "__main__":
    sys.exit(main())
