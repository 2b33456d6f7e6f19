"""``valv work``: the worker, until it is told to stop."""

import argparse
import signal
from datetime import UTC, datetime
from threading import Event

from valv.archive import watch
from valv.jobs.command import OK, Asked
from valv.jobs.parent import end_with
from valv.jobs.work import work
from valv.storage import masters

HELP = "number the audit log, keep the nights, finish what was begun"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)


def run(asked: Asked) -> int:
    if asked.parent is not None:
        end_with(asked.parent)
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    masters.start()
    watch.start()
    work(lambda: datetime.now(UTC), stop)
    return OK
