"""A server with two processes: what is done to its keys and tokens, they all heed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cast import PASSWORD
from tests.journeys.serving import Server, environment_of, served, valv
from tests.processes import kill

pytestmark = pytest.mark.once  # its archive is one folder in both runs
CONNECTIONS = 20  # that one of two processes gets none of: one in a million
ROTATE = [sys.executable, "-m", "valv.config.main", "keys", "rotate"]
OTHER = ("--tenant", "other")
ADMIN = ("--admin", "dag@other.example", "--password-stdin")
TOKEN = ("--name", "x", "--scope", "audit,admin", "--json")


def answers(server: Server, token: str) -> set[int]:
    """Every answer to one request on each of many connections."""
    server.token = token
    return {server.ask("GET", "/audit")[0] for _ in range(CONNECTIONS)}


def begin_and_die(data: Path) -> bytes:
    """Change the master key, and be killed when the file has the new one."""
    file = data / "master.key"
    old = file.read_bytes()
    with subprocess.Popen(
        ROTATE, env=environment_of(data, {}), start_new_session=True
    ) as rotating:
        while file.read_bytes() == old:
            time.sleep(0.05)
        kill(rotating)
    return file.read_bytes()


def test_keys_are_changed_while_serving(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data, "--workers", "2") as server:
        first = server.token
        new = begin_and_die(data)
        assert answers(server, first) == {200}

        told = valv(data, "token", "rotate", "1", "--keep-hours", "0", "--json")
        second = json.loads(told)["token"]
        assert (answers(server, first), answers(server, second)) == ({401}, {200})
        valv(data, "token", "revoke", "1")
        assert answers(server, second) == {401}

        assert json.loads(valv(data, "keys", "rotate", "--json"))["state"] == "done"
        assert (data / "master.key").read_bytes() == new
        valv(data, "init", *OTHER, *ADMIN, stdin=PASSWORD + "\n")
        third = json.loads(valv(data, "token", "create", *OTHER, *TOKEN))["token"]
        assert answers(server, third) == {200}
