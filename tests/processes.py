"""Processes that a test started: those under them, what they have open, their end."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.missing import missing


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def processes_under(pid: int) -> list[int]:
    """A process and all under it, the nearest first."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            told = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)] = int(told[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def open_files(pid: int, *, under: Path) -> Iterator[bytes]:
    """What stands in the files a process has open under a folder, named or not.

    Valv lets nobody but root look into its processes.
    """
    try:
        links = list(Path(f"/proc/{pid}/fd").iterdir())
    except PermissionError:
        missing("the right to see what Valv has open", "run the tests as root")
    for link in links:
        with suppress(OSError):
            if str(link.readlink()).startswith(str(under)):
                yield link.read_bytes()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all it started, at once, and wait for its end."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
