"""No process of Valv is ever dumped, nor read by others of its own user.

Three ways of looking: at its limit; as one of its own user, who may read the
environment of a process that may be dumped; and by a real fault. A process that asks
for nothing is looked at too, so that each is known to see.
"""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.crash.installed import VALV, Installed, install
from tests.crash.server import Server
from tests.processes import kill, processes_under

pytestmark = pytest.mark.once
LIMITLESS = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
HELPER = b"multiprocessing.resource_tracker"  # of Python; it holds nothing of ours
PYTHON = [sys.executable, "-c"]
READY = "print(flush=True); import time; time.sleep(60)"
COMMAND = [*VALV, "init", "--tenant", "b", "--admin", "b@b.example", "--password-stdin"]
SERVED_BY_ANOTHER = [*PYTHON, f"import valv.config.wsgi; {READY}"]
# Root without its powers is as anybody else to the processes of its own.
AS_ANYBODY = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


@pytest.fixture
def made(tmp_path: Path) -> Installed:
    return install(tmp_path / "data")


@pytest.fixture
def served(made: Installed, tmp_path: Path) -> Iterator[list[int]]:
    """A server, its two workers, and the worker of its nights."""
    server = Server(made, "--workers", "2", under=AS_ANYBODY, cwd=tmp_path)
    server.start()
    assert server.process
    found = processes_under(server.process.pid)
    yield [pid for pid in found if HELPER not in command_of(pid)]
    server.kill()


@contextmanager
def running(made: Installed, command: list[str], folder: Path) -> Iterator[int]:
    """A process that has said something, or waits to be told something.

    A command says nothing; whoever starts after it and does takes longer than it does.
    """
    process = made.start([*AS_ANYBODY, *command], cwd=folder, stderr=None)
    assert process.stdout
    if command is not COMMAND:
        process.stdout.readline()
    yield process.pid
    kill(process)


@pytest.fixture
def started(made: Installed, tmp_path: Path) -> Iterator[list[int]]:
    """A command, and the application as another server would load it."""
    with (
        running(made, COMMAND, tmp_path) as command,
        running(made, SERVED_BY_ANOTHER, tmp_path) as other,
    ):
        yield [command, other]


@pytest.fixture
def stranger(made: Installed, tmp_path: Path) -> Iterator[int]:
    """A process that asks for nothing."""
    with running(made, [*PYTHON, READY], tmp_path) as pid:
        yield pid
    for dump in tmp_path.glob("*core*"):
        dump.unlink()


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def limit_of(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("Max core file size")]
    return line.split()[4:6]


def is_readable(pid: int) -> bool:
    """Whether another process of the same user may look into this one."""
    look = [*AS_ANYBODY, "cat", f"/proc/{pid}/environ"]
    return subprocess.run(look, capture_output=True, check=False).returncode == 0


def leaves_a_dump(pid: int) -> bool:
    """End a child by a fault, with room for a dump if it may be; was one made?"""
    with suppress(PermissionError):  # not even root may everywhere
        resource.prlimit(pid, resource.RLIMIT_CORE, LIMITLESS)
    os.kill(pid, signal.SIGSEGV)
    return os.WCOREDUMP(os.waitpid(pid, 0)[1])


def test_no_process_may_be_dumped(
    started: list[int], served: list[int], stranger: int
) -> None:
    processes = served + started

    assert [limit_of(pid) for pid in processes] == [["0", "0"]] * 6
    assert [is_readable(pid) for pid in processes] == [False] * 6
    assert is_readable(stranger)
    assert [leaves_a_dump(pid) for pid in (*started, served[0])] == [False] * 3
    assert leaves_a_dump(stranger)
