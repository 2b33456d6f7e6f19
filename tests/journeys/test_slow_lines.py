"""Slow lines on a real server: whoever fetches or sends slowly keeps nobody waiting."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.intake.sounds import tone, wav
from tests.journeys.serving import Server, served

pytestmark = [pytest.mark.sqlite, pytest.mark.once]
THREADS = "4"
ANSWERED_IN = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("slow") / "data"
    with served(data, VALV_THREADS=THREADS) as running:
        yield running


def begun(
    server: Server, method: str, path: str, body: bytes = b"", *, length: int = 0
) -> socket.socket:
    """A request of which the answer is not read, and the body not sent to its end."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", server.port))
    line.settimeout(ANSWERED_IN)
    head = (
        f"{method} /api/v1/interactions/{path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {server.token}\r\nContent-Length: {length}\r\n\r\n"
    )
    line.sendall(head.encode() + body)
    return line


def told(line: socket.socket) -> bytes:
    return line.recv(12).partition(b" ")[2]


def is_answered(server: Server) -> bool:
    began = time.monotonic()
    status, _ = server.ask("GET", "/interactions")
    return status == 200 and time.monotonic() - began < ANSWERED_IN


def test_slow_readers_keep_nobody_from_searching(server: Server) -> None:
    sound = wav(tone(440, seconds=1200))
    assert server.ask("PUT", "/interactions/S1/recordings/1", sound)[0] == 201
    (item,) = json.loads(server.ask("GET", "/interactions")[1])["items"]
    fetch = "GET", f"{item['id']}/recordings/1"

    with ExitStack() as lines:
        answers = [told(lines.enter_context(begun(server, *fetch))) for _ in range(6)]
        assert is_answered(server)
    time.sleep(1)

    assert answers == [b"200", *[b"503"] * 5]
    with begun(server, *fetch) as again:
        assert told(again) == b"200"


@pytest.mark.parametrize("token", ["", "nobody's"])
def test_slow_senders_keep_nobody_from_searching(server: Server, token: str) -> None:
    """Nor do those who are refused, of whose body the rest is read off."""
    sender = replace(server, token=token or server.token)
    with ExitStack() as lines:
        for number in range(6):
            send = "PUT", f"S{number}/recordings/1", b"RIFF"
            lines.enter_context(begun(sender, *send, length=9000))
        time.sleep(1)
        assert is_answered(server)
