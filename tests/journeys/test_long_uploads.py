"""Long recordings sent to a real server: little memory, and nothing in the clear."""

import base64
import hashlib
import io
import json
import struct
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from tests.journeys.serving import Server, files_under, served

pytestmark = pytest.mark.sqlite

MIB = 1024 * 1024
LONG = 200 * MIB
MOST_ABOVE_IDLE = 150 * MIB
PLANTED = struct.pack("<8h", 7001, -7003, 7013, -7019, 7027, -7039, 7043, -7057) * 4
PIECE = PLANTED * (MIB // len(PLANTED))
WHERE = "/interactions/{}/recordings/1?started_at=2026-11-23T09:00:00Z"


def header(length: int) -> bytes:
    """The header of a WAV of that many bytes of sound."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"")
    made = bytearray(file.getvalue())
    made[4:8] = struct.pack("<I", 36 + length)
    made[40:44] = struct.pack("<I", length)
    return bytes(made)


def sound(length: int) -> Iterator[bytes]:
    yield header(length)
    for _ in range(length // MIB):
        yield PIECE


def content_digest(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(tmp_path / "data") as running:
        yield running


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that nobody kills, nor measures."""
    with served(tmp_path_factory.mktemp("living") / "data") as running:
        yield running


def is_there(server: Server, session: str) -> bool:
    return bool(
        json.loads(server.ask("GET", f"/interactions?session={session}")[1])["items"]
    )


def test_a_long_recording_takes_little_memory_and_no_clear_disk(
    server: Server,
) -> None:
    server.ask("PUT", WHERE.format("warm"), b"".join(sound(MIB)))
    idle = server.peak()

    vouched = {"Content-Digest": content_digest(sound(LONG))}
    status, body = server.ask("PUT", WHERE.format("long"), sound(LONG), **vouched)

    assert status == 201, body
    assert json.loads(body)["seconds"] == pytest.approx(LONG / 16000, rel=0.001)
    assert server.peak() - idle < MOST_ABOVE_IDLE
    assert not any(PLANTED in held for held in files_under(server.data))


def test_an_upload_half_way_lies_nowhere_in_the_clear(server: Server) -> None:
    with half_way(server):
        held = [*server.open_files(), *files_under(server.data)]
        assert any(len(one) > MIB for one in held)
        assert not any(PLANTED in one for one in held)
        server.kill()

    assert not any(PLANTED in held for held in files_under(server.data))


def test_an_upload_cut_short_is_no_recording(living: Server) -> None:
    connection = living.connection()
    connection.putrequest("PUT", "/api/v1" + WHERE.format("cut"))
    connection.putheader("Authorization", f"Bearer {living.token}")
    connection.putheader("Content-Length", str(4 * MIB))
    connection.endheaders()
    for piece in sound(2 * MIB):
        connection.send(piece)
    connection.close()

    living.ask("PUT", WHERE.format("after"), b"".join(sound(MIB)))

    assert is_there(living, "after")
    assert not is_there(living, "cut")


def test_chunks_that_do_not_vouch_for_themselves_are_no_recording(
    living: Server,
) -> None:
    """And are told so: what no buffer on the way holds is read off."""
    status, _ = living.ask("PUT", WHERE.format("loose"), sound(32 * MIB))

    assert status == 411
    assert not is_there(living, "loose")


def test_half_of_what_was_vouched_for_is_no_recording(living: Server) -> None:
    vouched = {"Content-Digest": content_digest(sound(2 * MIB))}

    status, _ = living.ask("PUT", WHERE.format("half"), sound(MIB), **vouched)

    assert status == 400
    assert not is_there(living, "half")


class half_way:  # noqa: N801 -- it reads as what it is in a with statement
    """An upload that waits in its middle for as long as the block lasts."""

    def __init__(self, server: Server) -> None:
        self._go_on: Queue[None] = Queue()
        self._there: Queue[None] = Queue()
        self._thread = Thread(target=self._send, args=(server,), daemon=True)

    def __enter__(self) -> None:
        self._thread.start()
        self._there.get(timeout=60)

    def __exit__(self, *_told: object) -> None:
        self._go_on.put(None)
        self._thread.join(60)

    def _send(self, server: Server) -> None:
        try:
            vouched = {"Content-Digest": content_digest([])}
            server.ask("PUT", WHERE.format("half"), self._pieces(), **vouched)
        except OSError:
            return

    def _pieces(self) -> Iterator[bytes]:
        yield header(16 * MIB)
        for _ in range(8):
            yield PIECE
        self._there.put(None)
        self._go_on.get(timeout=60)
        yield PIECE
