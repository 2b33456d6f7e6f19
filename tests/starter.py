"""Commands of Valv's, started as forks of one process that has read their libraries.

To read them takes most of a command's time, and the tests start hundreds. What is read
here once knows no settings. The environment, the folder, the setting-up of Django and
all of Valv that asks for it are each command's own, as are its death and whoever it
starts; it is a child of the tests like any other process.
"""

import atexit
import ctypes
import gc
import inspect
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from threading import Lock
from typing import Any

import msgspec

import valv.core

PR_SET_CHILD_SUBREAPER = 36
MOST_BYTES = 1 << 17
ROOT = Path(__file__).parents[1]
NONE = -1  # in Popen's own terms: a file that was not asked for
LIBRARIES = (
    "argon2", "av", "django.contrib.auth.hashers", "django.core.management",
    "django.contrib.auth.password_validation", "django.db.backends.sqlite3.base",
    "django.db.migrations.executor", "django.forms", "django.template.backends.jinja2",
    "django.urls", "fido2.server", "granian", "joserfc.jwt", "lameenc", "numpy",
    "obstore.store", "prometheus_client", "psycopg.types.numeric", "pydyf",
    "python_calamine", "rich.progress", "rich.table", "segno", "zipstream",
)  # fmt: skip


class Order(msgspec.Struct):
    """What to become. Beside it come three files: input, output and errors."""

    module: str
    words: list[str]
    folder: str
    environment: dict[str, str]
    own_session: bool


def is_module(command: Sequence[str]) -> bool:
    """Whether it is the kind of command that can be started so."""
    return list(command[:2]) == [sys.executable, "-m"]


class Started(subprocess.Popen[Any]):
    """As ``Popen(["python", "-m", MODULE, *WORDS], …)`` in all that is asked of it."""

    def _execute_child(self, *asked: Any) -> None:
        """In place of fork and exec, and with their arguments."""
        told = ASKED.bind(self, *asked).arguments
        _python, _m, module, *words = told["args"]
        order = Order(
            module,
            words,
            folder=str(told["cwd"] or Path.cwd()),
            environment=dict(os.environ if told["env"] is None else told["env"]),
            own_session=told["start_new_session"],
        )
        pipes = [told[name] for name in PIPES]
        given = (pipes[0], pipes[3], pipes[5])
        try:
            files = [own if one < 0 else one for own, one in enumerate(given)]
            self.pid = _begin(order, files)
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


ASKED = inspect.signature(subprocess.Popen._execute_child)  # type: ignore[attr-defined]
PIPES = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")


def _begin(order: Order, files: Sequence[int]) -> int:
    """Have it started; its pid, of which this process is the parent."""
    with ONE_AT_A_TIME, _adopting():
        to_starter = _to_starter()
        socket.send_fds(to_starter, [msgspec.json.encode(order)], files)
        return int(to_starter.recv(MOST_BYTES))


ONE_AT_A_TIME = Lock()


@contextmanager
def _adopting() -> Iterator[None]:
    """What loses its parent meanwhile gets this process for one."""
    for wanted in (1, 0):
        assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, wanted, 0, 0, 0) == 0
        if wanted:
            yield


@cache
def _to_starter() -> socket.socket:
    """Where orders go. The starter comes with the first and ends with this process."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        starter = subprocess.Popen(
            [sys.executable, "-m", "tests.starter", str(its.fileno())],
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            pass_fds=[its.fileno()],
        )
    atexit.register(starter.wait)
    atexit.register(ours.close)
    return ours


def main(orders: socket.socket) -> None:
    """Read what there is to read, then start what is asked for until nobody asks."""
    for name in LIBRARIES:
        import_module(name)
    for found in iter_modules(valv.core.__path__, "valv.core."):
        import_module(found.name)
    (_no_thread_to_lose,) = Path("/proc/self/task").iterdir()
    gc.collect()
    gc.freeze()
    while True:
        said, files, _, _ = socket.recv_fds(orders, MOST_BYTES, 3)
        if not said:
            return
        child = _fork_apart()
        if child == 0:
            orders.detach()  # closed with all that is not the command's
            _become(msgspec.json.decode(said, type=Order), files)
            sys.exit()
        orders.send(b"%d" % child)
        for file in files:
            os.close(file)


def _fork_apart() -> int:
    """Nought in a new process whose parent this one is not; here its pid."""
    read, write = os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child:
            os.write(write, b"%d" % child)
            os._exit(0)
        return 0
    os.waitpid(between, 0)
    child = int(os.read(read, MOST_BYTES))
    os.close(read)
    os.close(write)
    return child


def _become(order: Order, files: Sequence[int]) -> None:
    """Run the command; what it raises ends this process, as it would its own."""
    if order.own_session:
        os.setsid()
    for own, one in enumerate(files):
        os.dup2(one, own)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv = [order.module, *order.words]
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
