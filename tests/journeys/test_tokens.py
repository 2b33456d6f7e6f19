"""What is done to a token holds from the next request on, in every process."""

import json
from pathlib import Path

from tests.journeys.serving import Server, served, valv

CONNECTIONS = 24  # that one of two workers gets none of: one in sixteen million


def asked(server: Server, token: str) -> set[int]:
    """Every answer to one request on each of many connections."""
    server.token = token
    return {server.ask("GET", "/retention")[0] for _ in range(CONNECTIONS)}


def test_two_processes_forget_a_token_at_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data, "--workers", "2") as server:
        first = server.token
        assert asked(server, first) == {200}

        told = valv(data, "token", "rotate", "1", "--keep-hours", "1", "--json")
        second = json.loads(told)["token"]
        assert (asked(server, first), asked(server, second)) == ({200}, {200})

        told = valv(data, "token", "rotate", "1", "--keep-hours", "0", "--json")
        third = json.loads(told)["token"]
        assert (asked(server, second), asked(server, third)) == ({401}, {200})

        valv(data, "token", "revoke", "1")
        assert asked(server, third) == {401}
