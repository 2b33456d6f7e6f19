"""A server with two processes: what is done to its keys and tokens, they all heed.

In CI on SQLite alone: on PostgreSQL, where it holds too, it takes 15 s of a core.
"""

import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tests.cast import PASSWORD
from tests.journeys.serving import Server, databases, environment_of, served, valv
from tests.processes import kill

pytestmark = pytest.mark.once
CONNECTIONS = 20  # that one of two processes gets none of: one in a million
ROTATE = [sys.executable, "-m", "valv.config.main", "keys", "rotate"]
OTHER = ("--tenant", "other")
ADMIN = ("--admin", "dag@other.example", "--password-stdin")
TOKEN = ("--name", "x", "--scope", "audit,admin", "--json")


def answers(server: Server, token: str) -> set[int]:
    """Every answer to one request on each of many connections."""
    server.token = token
    return {server.ask("GET", "/audit")[0] for _ in range(CONNECTIONS)}


def begin_and_die(data: Path, urls: dict[str, str]) -> bytes:
    """Change the master key, and be killed when the file has the new one."""
    file = data / "master.key"
    old = file.read_bytes()
    with subprocess.Popen(
        ROTATE, env=environment_of(data, urls), start_new_session=True
    ) as rotating:
        while file.read_bytes() == old:
            time.sleep(0.05)
        kill(rotating)
    return file.read_bytes()


def test_keys_are_changed_while_serving(tmp_path: Path) -> None:
    data, urls = tmp_path / "data", databases()
    run = partial(valv, data, **urls)
    with served(data, "--workers", "2", **urls) as server:
        first = server.token
        new = begin_and_die(data, urls)
        assert answers(server, first) == {200}

        told = run("token", "rotate", "1", "--keep-hours", "0", "--json")
        second = json.loads(told)["token"]
        assert (answers(server, first), answers(server, second)) == ({401}, {200})
        run("token", "revoke", "1")
        assert answers(server, second) == {401}

        assert json.loads(run("keys", "rotate", "--json"))["state"] == "done"
        assert (data / "master.key").read_bytes() == new
        run("init", *OTHER, *ADMIN, stdin=PASSWORD + "\n")
        third = json.loads(run("token", "create", *OTHER, *TOKEN))["token"]
        assert answers(server, third) == {200}
