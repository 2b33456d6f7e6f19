"""``valv work``: the worker, until it is told to stop."""

import argparse
import signal
from datetime import UTC, datetime
from threading import Event

from valv.jobs.command import OK, Asked
from valv.jobs.work import work

HELP = "number the audit log, keep the nights, finish what was begun"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(asked: Asked) -> int:  # noqa: ARG001 -- every command is called alike
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    work(lambda: datetime.now(UTC), stop)
    return OK
