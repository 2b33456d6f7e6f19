"""Laws 1–4 and 12 with everything killed anywhere: what must not be kept is nowhere.

In each round stories of many kinds are told by several senders at once, their parts in
any order, and now and then imported by command meanwhile, until all is killed. Then the
same is told again, in other orders. Looked through are every byte of the data folder,
the databases, the logs, temporary files and what the server has open, and whatever a
living key opens: straight after the kill for what was answered before it, and in the
end for all. ``VALV_SOAK`` says how often; see `make soak`.
"""

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from random import Random
from typing import Any

import pytest

from tests.crash.installed import SOAKED, Installed, databases_of, install
from tests.crash.search import FORMS, Opener, held_open, places_of
from tests.crash.server import Server
from tests.crash.stories import RULES, SOUNDS, Part, Story, secret, stories
from tests.environment import DATABASE
from tests.processes import kill
from valv.jobs.command import OK, REFUSED

pytestmark = pytest.mark.timeout(4 * 3600)
SENDERS = 4
LONGEST = 1.0
TRIES = 3  # of senders, each of whom ends with a connection that is lost
# Ten times in CI; on PostgreSQL every story once, where SQLite has tried each often.
TIMES = int(SOAKED or {"sqlite": 8, "postgresql": 2}[DATABASE])
EVERY = 4  # in one round of so many, something is imported by command too
NOT_FOUND = 404
DONE = {200, 201, 204, 403, 409, 410}
Parts = SimpleQueue[tuple[Story, Part]]


@dataclass
class Place:
    """An installation, what of it is looked through, and what has been told."""

    made: Installed
    server: Server
    opener: Opener
    folders: list[Path]
    told: list[Story] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def log(self) -> str:
        """What the server complained of."""
        lines = (self.folders[0] / "log").read_text().splitlines()
        return "\n".join(line for line in lines if "INFO" not in line)[-2000:]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folders = [tmp_path / "valv"]
    temporary = folders[0] / "tmp"
    temporary.mkdir(parents=True)
    settings, postgres = databases_of(DATABASE)
    if postgres:
        folders.append(postgres.sockets)
    made = install(folders[0] / "data", **settings, TMPDIR=str(temporary))
    with (folders[0] / "log").open("ab") as log:
        server = Server(made, stdout=log, stderr=log)
        opener = Opener(made)
        yield Place(made, server, opener, folders)
        server.kill()
        opener.close()


def test_what_must_not_be_kept_is_nowhere(place: Place, tmp_path: Path) -> None:
    place.server.start()
    for path, rules in RULES.items():
        assert place.server.ask("PUT", path, json.dumps(rules).encode())[0] == 200
    for round_ in range(TIMES):
        chance = Random(round_)
        fresh = stories(round_)
        place.told += fresh
        imported = round_ % EVERY == 0
        folder = write_vcons(fresh, tmp_path / f"in-{round_}") if imported else None
        tell_until_killed(place, fresh, folder, chance)
        check(place)

        place.server.start()
        tell_all(place, fresh, folder, chance)
        place.settled |= {story.session for story in fresh}
        check_ends(check(place), fresh)


def write_vcons(fresh: list[Story], folder: Path) -> Path:
    folder.mkdir()
    for story in fresh:
        for number, part in enumerate(story.parts):
            if part.path == "/vcons":
                (folder / f"{story.session}-{number}.json").write_bytes(part.body)
    return folder


def tell_until_killed(
    place: Place, fresh: list[Story], folder: Path | None, chance: Random
) -> None:
    parts = shuffled(fresh, chance)
    importing = place.made.begin("import", str(folder)) if folder else None
    senders = begin_to_tell(place, parts)
    time.sleep(chance.uniform(0.02, LONGEST) * (3 if importing else 1))
    assert place.server.process
    assert not held_open(place.server.process.pid, FORMS, under=place.folders[0])
    place.server.kill()
    if importing:
        kill(importing)
    for sender in senders:
        sender.join()
    place.lost.clear()


def tell_all(
    place: Place, fresh: list[Story], folder: Path | None, chance: Random
) -> None:
    """All of it, and then half of it once more, in other orders."""
    importing = place.made.begin("import", str(folder)) if folder else None
    for share in (1.0, 0.5):
        parts = shuffled(fresh, chance, share=share)
        for _ in range(TRIES):
            for sender in begin_to_tell(place, parts):
                sender.join()
        assert parts.empty(), (place.lost, place.log())
        assert place.wrong == [], place.log()
    if importing:
        check_import(importing)


def check_import(importing: subprocess.Popen[bytes]) -> None:
    said = b"".join(importing.communicate())
    assert importing.returncode in (OK, REFUSED), said.decode()[-2000:]


def shuffled(fresh: list[Story], chance: Random, *, share: float = 1) -> Parts:
    listed = [(story, part) for story in fresh for part in story.parts]
    queue: Parts = SimpleQueue()
    for one in chance.sample(listed, round(len(listed) * share)):
        queue.put(one)
    return queue


def begin_to_tell(place: Place, parts: Parts) -> list[threading.Thread]:
    senders = [
        threading.Thread(target=tell, args=(place, parts)) for _ in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    return senders


def tell(place: Place, parts: Parts) -> None:
    """Send parts until there are no more, or a connection is lost.

    What was not answered may have been done, and is sent again by the next; what is to
    be deleted may have to come first.
    """
    with suppress(Empty):
        while True:
            story, part = parts.get_nowait()
            try:
                status = send(place, story, part)
            except (OSError, http.client.HTTPException) as error:
                place.lost.append(f"{part.method} {part.path}: {error!r}")
                parts.put((story, part))
                return
            if status == NOT_FOUND:
                parts.put((story, part))


def send(place: Place, story: Story, part: Part) -> int:
    path = part.path
    if "{id}" in path:
        path = path.format(id=place.server.id_of(story.session) or "1")
    status, body = 503, b""
    while status == 503:
        status, body = place.server.ask(part.method, path, part.body)
    if status not in DONE | {NOT_FOUND}:
        place.wrong.append(f"{part.method} {path}: {status} {body!r}")
    if part.settles and status in DONE:
        place.settled.add(story.session)
    return status


def check(place: Place) -> dict[str, Any]:
    """Nothing is in the clear, and nothing opens that is settled or never may.

    Answers what was seen.
    """
    assert places_of(FORMS | SOUNDS, *place.folders) == []
    seen = place.opener.look()
    going_on = [
        story
        for story in place.told
        if story.session not in place.settled and not story.never
    ]
    may_be_said = [secret(story.session) for story in going_on]
    assert [
        text for text in seen["found"] if not any(said in text for said in may_be_said)
    ] == []
    kept = {s.hertz for s in place.told if "present" in s.ends.values()}
    assert set(seen["hertz"]) <= kept | {story.hertz for story in going_on}
    return seen


def check_ends(seen: dict[str, Any], fresh: list[Story]) -> None:
    """Each is there once, with what it may keep, and no event is lost or doubled."""
    held = seen["held"]
    assert {"interaction.text", "identifier.sealed"} <= set(seen["kept"])
    for story in fresh:
        found = held[story.session]
        assert found["times"] == 1
        assert found["contents"].items() >= story.ends.items(), story.session
        assert story.events in (None, found["events"]), story.session
