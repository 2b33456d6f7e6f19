"""A process that works for another ends when that one does, however it died.

A server that is killed has no chance to end its workers; left behind they would hold
its port and answer for it. What was under way is finished at the next start, as after
any crash.
"""

import ctypes
import os
import signal
import sys
import time
from threading import Thread

PR_SET_PDEATHSIG = 1
LOOKED_AT_EVERY = 0.5


def end_with(parent: int) -> None:
    """Die at once when the process ``parent``, which started this one, is dead."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _end_if_orphaned(parent)  # it may have died before it was asked
    else:
        Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while True:
        _end_if_orphaned(parent)
        time.sleep(LOOKED_AT_EVERY)


def _end_if_orphaned(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
