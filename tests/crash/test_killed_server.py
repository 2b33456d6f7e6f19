"""`valv serve`, killed while recordings come in and go out, and started again.

Whoever had an answer was told the truth; whoever had none asks again and gets the same
end. ``VALV_SOAK`` says how often; see `make soak`.
"""

import http.client
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.crash.installed import ROUNDS, Installed, install
from tests.crash.server import Server
from tests.intake.sounds import tone, wav
from valv.core.interaction import ContentState

pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(3600)]
SOUND = wav(tone(440, seconds=3))
PRESENT, DELETED = ContentState.PRESENT.number, ContentState.DELETED.number
# A deletion that was under way may have been done, though nobody was told.
MAY_BE = {201: {PRESENT, DELETED}, 204: {DELETED}}


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(install(tmp_path / "data"), "--no-work")


def work_until_killed(server: Server, sessions: list[str]) -> dict[str, int]:
    """Put a recording to each session, delete every other; answers who was answered."""
    answered: dict[str, int] = {}
    with suppress(OSError, http.client.HTTPException):
        for number, session in enumerate(sessions):
            put_one(server, session)
            answered[session] = 201
            if number % 2:
                delete_one(server, session)
                answered[session] = 204
    return answered


def put_one(server: Server, session: str) -> None:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/interactions/{session}/recordings/1?started_at={at}"
    assert server.ask("PUT", path, SOUND)[0] in (200, 201, 410)


def delete_one(server: Server, session: str) -> None:
    path = f"/interactions/{server.id_of(session)}/recordings/1"
    assert server.ask("DELETE", path)[0] in (204, 410)


def test_a_server_killed_at_work_loses_and_keeps_nothing(server: Server) -> None:
    chance = Random(11)
    sessions: list[str] = []
    begun: list[str] = []
    for round_ in range(ROUNDS):
        fresh = [f"r{round_}-{number}" for number in range(40)]
        server.start()
        finish(server, begun)
        answered = killed_at_work(server, fresh, after=chance.uniform(0.05, 1.5))
        check_answers(server.made, answered)
        begun = fresh[: len(answered) + 1]
        sessions += begun
    server.start()
    finish(server, begun)
    server.kill()

    state = server.made.state(2, 4)

    assert state["sessions"] == sorted(sessions)
    assert (
        sorted(one[3] for one in state["contents"]).count(1) == state["keys"]["CONTENT"]
    )
    assert (state["lost_blobs"], state["spare_blobs"], state["orphans"]) == (0, 0, {})
    assert (state["whole"], state["intents"], state["log"][0]) == (True, 0, True)


def killed_at_work(server: Server, fresh: list[str], *, after: float) -> dict[str, int]:
    answered: dict[str, int] = {}
    worker = threading.Thread(
        target=lambda: answered.update(work_until_killed(server, fresh))
    )
    worker.start()
    time.sleep(after)
    server.kill()
    worker.join()
    return answered


def check_answers(made: Installed, answered: dict[str, int]) -> None:
    """What was answered is so, straight after the crash."""
    state = made.state()
    held = {session: state_ for session, _, _, state_ in state["contents"]}
    for session, status in answered.items():
        assert held[session] in MAY_BE[status]
    assert state["lost_blobs"] == 0
    assert not state["older_keys"]


def finish(server: Server, sessions: list[str]) -> None:
    for number, session in enumerate(sessions):
        put_one(server, session)
        if number % 2:
            delete_one(server, session)
