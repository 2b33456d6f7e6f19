"""Masking: what it costs for each message, beside all that taking the message in costs.

    python -m bench.masking --database sqlite|postgresql [--messages N] [--small]

A server of its own takes chats in over HTTP. In the same run the masking of the very
same messages is timed by itself. Prints microseconds of each, and their ratio.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random

from bench.place import serve
from tests.core.labelled import labelled
from tests.journeys.serving import served
from valv.core.mask_patterns import MaskPattern
from valv.core.masking import Masking, MaskingRules

MESSAGES, SMALL = 20_000, 600
OF_A_CHAT, BATCH, REPEATS = 20, 500, 5
DIALOGUES = Path("valv/jobs/demo/dialogues")
PATTERNS = 10


def main() -> int:
    asked = _asked()
    count = SMALL if asked.small else asked.messages
    rows = {
        name: (_intake(islice(cycle(texts), count), asked.database), *_masking(texts))
        for name, texts in _kinds().items()
    }
    if asked.json:
        json.dump(rows, sys.stdout)
        return 0
    print(f"{count} messages on {asked.database}, by {BATCH} a request")
    print(f"{'messages':24} {'intake µs':>10} {'masking µs':>11} {'ratio':>7}", end=" ")
    print(f"{f'with {PATTERNS} patterns':>17} {'ratio':>7}")
    for name, (intake, plain, more) in rows.items():
        print(f"{name:24} {intake:10.1f} {plain:11.2f} {plain / intake:7.4f}", end=" ")
        print(f"{more:17.2f} {more / intake:7.4f}")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.masking")
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--size", help="of another measurement; passed over")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def urls_of(database: str) -> dict[str, str]:
    if database == "sqlite":
        return {}
    server = serve()
    return {
        "VALV_DATABASE_URL": server.make_database("data"),
        "VALV_KEYS_URL": server.make_database("keys"),
    }


def _kinds() -> dict[str, list[str]]:
    """What people write, most of it without a number, and the labelled set."""
    lines = [
        line[2:]
        for path in sorted(DIALOGUES.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line[:2] in {"A ", "C "}
    ]
    set_ = [line.text for line in labelled()]
    Random(1).shuffle(lines)
    return {"of the demo's dialogues": lines, "of the labelled set": set_}


def _intake(texts: Iterator[str], database: str) -> float:
    """Microseconds for each message, from the request to the durable answer."""
    events = [_event(n, text) for n, text in enumerate(texts)]
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data) / "data", **urls_of(database)) as server,
    ):
        began = time.perf_counter()
        for start in range(0, len(events), BATCH):
            body = b"\n".join(events[start : start + BATCH])
            status, said = server.ask("POST", "/events", body)
            assert status == 200, said
            assert json.loads(said)["refused"] == []
        return (time.perf_counter() - began) / len(events) * 1e6


def _event(number: int, text: str) -> bytes:
    event = {
        "event_id": f"e{number}",
        "session_id": f"s{number // OF_A_CHAT}",
        "type": "chat.message",
        "at": f"2026-11-20T09:{number % 3600 // 60:02}:{number % 60:02}Z",
        "data": {"from": "customer" if number % 2 else "agent", "text": text},
    }
    return json.dumps(event, ensure_ascii=False).encode()


def _masking(texts: Sequence[str]) -> tuple[float, float]:
    """Microseconds for each message, with nothing but what is built in, and more."""
    letters = "abcdefghij"[:PATTERNS]
    own = tuple(MaskPattern(name=x, pattern=rf"\b{x}-[0-9]{{6}}\b") for x in letters)
    return tuple(  # type: ignore[return-value]
        _timed(Masking.of(rules, region="SE").text, texts)
        for rules in (MaskingRules(), MaskingRules(patterns=own))
    )


def _timed(mask: Callable[[str], str], texts: Sequence[str]) -> float:
    """The best of some rounds, for it is work and nothing waits in it."""
    rounds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        for text in texts:
            mask(text)
        rounds.append(time.perf_counter() - began)
    return min(rounds) / len(texts) * 1e6


if __name__ == "__main__":
    sys.exit(main())
