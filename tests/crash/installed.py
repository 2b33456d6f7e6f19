"""A real installation in a folder of its own, and processes in it that are killed."""

import atexit
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.intake.sounds import tone, wav
from tests.laid import lay_tables
from tests.peers.postgres import Postgres, start
from tests.processes import kill
from tests.starter import Started, is_module

SOAKED = os.environ.get("VALV_SOAK")
ROUNDS = int(SOAKED or 6)
PASSWORD = b"correct horse battery\n"
ROOT = Path(__file__).parents[2]
VALV = [sys.executable, "-m", "valv.config.main"]


@dataclass(frozen=True)
class Installed:
    """One installation. Everything in it is done by processes of its own.

    ``settings`` are those it has beside its folder, such as where its databases are.
    """

    data: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VALV_")}
        # A test run gives its own settings to Django, and these processes have none.
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        own = {"VALV_DATA": str(self.data), "PYTHONPATH": str(ROOT)}
        return {**kept, **self.settings, **own}

    def begin(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        return self.start([*VALV, *words], **options)

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        for name in ("stdin", "stdout", "stderr"):
            options.setdefault(name, subprocess.PIPE)
        way = Started if is_module(command) else subprocess.Popen
        return way(command, env=self.environment(), start_new_session=True, **options)

    def run(self, *words: str, stdin: bytes = b"") -> bytes:
        """Run a command to its end; it must be done."""
        return self._done([*VALV, *words], stdin)

    def state(self, *days_ahead: int) -> Any:
        """What it holds, after nights so many days from now."""
        module = [sys.executable, "-m", "tests.crash.state"]
        return json.loads(self._done([*module, *map(str, days_ahead)], b""))

    def _done(self, command: Sequence[str], stdin: bytes) -> bytes:
        process = self.start(command)
        out, err = process.communicate(stdin)
        assert process.returncode == 0, err.decode()[-2000:]
        return out

    def kill(self, *words: str, after: float) -> bool:
        """Run a command and kill it, with all its processes; was it still running?"""
        process = self.begin(*words)
        time.sleep(after)
        running = process.poll() is None
        kill(process)
        return running

    def copy_to(self, place: Path) -> "Installed":
        shutil.copytree(self.data, place)
        return Installed(place, self.settings)


def install(data: Path, **settings: str) -> Installed:
    """`valv init` in an empty folder; what comes is kept for ever.

    All that are in one folder are copies of the first.
    """
    if "VALV_DATABASE_URL" in settings:
        return _install(Installed(data, settings))
    shutil.copytree(_first(), data)
    return Installed(data, settings)


@cache
def _first() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="valv-first-"))
    atexit.register(shutil.rmtree, folder)
    lay_tables(folder)
    return _install(Installed(folder)).data


def _install(made: Installed) -> Installed:
    words = ["--tenant", "acme", "--admin", "alma@acme.example", "--password-stdin"]
    made.run("init", *words, stdin=PASSWORD)
    keep(made, "forever")
    return made


def databases_of(database: str) -> tuple[dict[str, str], Postgres | None]:
    """The settings of an installation on ``sqlite`` or ``postgresql``.

    The latter is a server of its own, whose folder may be looked through.
    """
    if database != "postgresql":
        return {}, None
    postgres = start()
    made = {
        "VALV_DATABASE_URL": postgres.make_database("data"),
        "VALV_KEYS_URL": postgres.make_database("keys"),
    }
    return made, postgres


def keep(made: Installed, days: str) -> None:
    classes = ("general", "recordings", "chat-logs", "transcripts")
    made.run("retention", "set", *(word for c in classes for word in (f"--{c}", days)))


def write_vcons(folder: Path, *, count: int = 24) -> Path:
    """VCons of old calls, each with its sound and a person of its own."""
    folder.mkdir()
    sound = base64.urlsafe_b64encode(wav(tone(440, seconds=2))).decode().rstrip("=")
    start = (datetime.now(UTC) - timedelta(days=20)).isoformat()
    for number in range(count):
        vcon = {
            "vcon": "0.0.1",
            "uuid": f"018f0000-0000-7000-8000-{number:012}",
            "created_at": start,
            "parties": [{"tel": f"+4670123{number:04}"}, {"role": "agent"}],
            "dialog": [
                {
                    "type": "recording",
                    "start": start,
                    "duration": 2,
                    "parties": [0, 1],
                    "mimetype": "audio/x-wav",
                    "encoding": "base64url",
                    "body": sound,
                }
            ],
        }
        (folder / f"{number}.vcon.json").write_text(json.dumps(vcon))
    return folder


def moments(seconds: float, *, rounds: int) -> list[float]:
    """When to kill a command that takes so many seconds, the same each run.

    After the first third of them, for in that it starts: anywhere in each of as many
    parts, so that few rounds leave no long one out.
    """
    chance, start = random.Random(7), seconds / 3
    left = seconds - start
    return [start + left * (part + chance.random()) / rounds for part in range(rounds)]
