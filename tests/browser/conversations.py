"""Conversations with real sound on a real server, and two who hear them.

Alma reads Swedish; Cleo changes language and looks as the tests ask.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.living import sign_in
from tests.cast import PASSWORD
from tests.intake.sounds import two_lanes, wav
from tests.journeys.serving import Server, served, valv

SECONDS = 8
SOUND = wav(two_lanes(SECONDS))
SAID = (
    ("bot", "Hej! Vad gäller det?"),
    ("customer", "Min leverans har inte kommit."),
    ("agent", "Jag ser att den ligger hos budet."),
)
_next = count(1)


@dataclass(frozen=True)
class Archive:
    """A running archive; each test lays the conversations it looks at."""

    server: Server
    data: Path

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def call(self, *, days: int = 0, sound: bytes = SOUND) -> str:
        """A call with a recording and a survey; answers the address of its page."""
        session = f"call-{next(_next)}"
        start = datetime.now(UTC) - timedelta(days=days, hours=1)
        lines = "\n".join(json.dumps(one) for one in _told(session, start))
        self._send("POST", "/events", lines.encode())
        self._send("PUT", f"/interactions/{session}/recordings/1", sound)
        survey = json.dumps({"score": 9, "comment": "Snabbt.", "at": start.isoformat()})
        self._send("PUT", f"/interactions/{session}/survey", survey.encode())
        return f"{self.home}/s/{session}"

    def chat(self) -> str:
        """A chat with a log longer than is shown at once; answers its address."""
        session = f"chat-{next(_next)}"
        start = datetime.now(UTC) - timedelta(hours=2)
        general = {
            "started_at": start.isoformat(),
            "media": "chat",
            "identifiers": {"name": "Anna Exempel", "email": "anna@example.com"},
            "agents": [{"id": "bo", "name": "Bo Ek"}],
            "queue": "Support",
            "wait_seconds": 12,
            "talk_seconds": 240,
        }
        self._send("PUT", f"/interactions/{session}", json.dumps(general).encode())
        messages = [
            {"at": (start + timedelta(seconds=9 * i)).isoformat(), "from": who,
             "text": f"{text} ({i})"}
            for i, (who, text) in enumerate(SAID * 8)
        ]  # fmt: skip
        log = json.dumps({"messages": messages}).encode()
        self._send("PUT", f"/interactions/{session}/chat-log", log)
        return f"{self.home}/s/{session}"

    def entries(self, action: str, page: str) -> list[dict[str, Any]]:
        """What the log says was done with the conversation on a page."""
        told = valv(self.data, "audit", "list", "--action", action, "--json",
                    "--interaction", page.rpartition("/")[2])  # fmt: skip
        found: list[dict[str, Any]] = json.loads(told)["items"]
        return found

    def _send(self, method: str, path: str, body: bytes) -> None:
        status, said = self.server.ask(method, path, body)
        assert status in (200, 201), said


def _told(session: str, start: datetime) -> Iterator[dict[str, Any]]:
    person = {"phone": "070-174 06 05", "name": "Anna Exempel"}
    told: tuple[tuple[str, float, dict[str, Any]], ...] = (
        ("session.started", 0, {"media": "phone", "identifiers": person}),
        ("menu.entered", 1, {"menu": "Val"}),
        ("consent.given", 20, {"purpose": "recording"}),
        ("queue.entered", 24, {"queue": "Support"}),
        ("agent.connected", 100, {"agent": "bo", "name": "Bo Ek"}),
        ("recording.started", 101, {"n": 1, "agent": "bo"}),
        ("recording.stopped", 101 + SECONDS, {"n": 1, "agent": "bo"}),
        ("session.ended", 120, {"outcome": "answered"}),
    )
    for type_, seconds, data in told:
        yield {
            "event_id": f"{session}-{seconds}",
            "session_id": session,
            "type": type_,
            "at": (start + timedelta(seconds=seconds)).isoformat(),
            "data": data,
        }


@contextmanager
def conversations() -> Iterator[Archive]:
    with tempfile.TemporaryDirectory(prefix="valv-conversations-") as folder:
        data = Path(folder)
        with served(data) as server:
            who = ("cleo@acme.example", "--name", "Cleo", "--role", "owner")
            valv(data, "user", "add", *who, "--password-stdin", stdin=PASSWORD + "\n")
            yield Archive(server, data)


def cookies_of(browser: Browser, home: str, name: str) -> list[Any]:
    """What a browser holds in which someone of ours has signed in."""
    context = browser.new_context()
    sign_in(context.new_page(), home, name)
    found: list[Any] = context.cookies()
    context.close()
    return found


def prefer(page: Page, home: str, *, language: str, theme: str) -> None:
    """As someone who has chosen these before."""
    page.goto(f"{home}/search")
    for path, name, value in (
        ("language", "language", language), ("theme", "theme", theme),
    ):  # fmt: skip
        page.evaluate(
            """([path, name, value]) => fetch(`/preferences/${path}`, {
                method: "POST", redirect: "manual",
                headers: JSON.parse(document.body.getAttribute("hx-headers")),
                body: new URLSearchParams({[name]: value})})""",
            [path, name, value],
        )
