"""A server that is killed leaves no process behind, whatever each is doing."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.crash.installed import install
from tests.crash.server import Server
from tests.processes import processes_under

pytestmark = [pytest.mark.sqlite, pytest.mark.once]
PATIENCE = 30


@pytest.fixture
def server(tmp_path: Path) -> Server:
    made = install(tmp_path / "data")
    return Server(made, "--workers", "2", under=["/usr/bin/env"])  # started as any is


def living(pids: list[int]) -> list[int]:
    return [pid for pid in pids if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + PATIENCE
    while living(pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not living(pids)


def test_all_that_a_server_started_ends_with_it(server: Server) -> None:
    server.start()
    assert server.process
    started = processes_under(server.process.pid)
    assert len(started) > 3  # itself, two workers and the worker of its nights

    os.kill(server.process.pid, signal.SIGKILL)

    assert gone(started)
    server.kill()  # nothing but its pipes is left
    server.start()
    assert server.ask("GET", "/interactions")[0] == 200
    server.kill()
