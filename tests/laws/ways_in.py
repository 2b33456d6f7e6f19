"""Every way into a real archive, gone with a planted value in each of its fields.

The API as its own table of endpoints tells it, the portal as its own pages do, an
import of each kind of source, and commands. What is right is taken; all that is wrong
about a request is tried as well, and must leave as little behind.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cast import PASSWORD
from tests.journeys.serving import Server, run_valv
from tests.laws.browsing import Browser
from tests.laws.planted import Planted, Shape
from tests.laws.sending import Sent, requests_to
from tests.laws.sources_planted import lay_sources
from tests.laws.vcons_planted import plain_vcon
from valv.api.urls import ENDPOINTS

SHAPES = (Shape.NUMBER, Shape.ADDRESS, Shape.WORD)
SEARCHED = ("phone", "email", "name", "handle", "queue", "agent", "session", "subject")


@dataclass(slots=True)
class Archive:
    """A served archive, with what was planted in it."""

    server: Server
    urls: dict[str, str]
    planted: Planted

    def go_every_way(self, folder: Path, *, shapes: Sequence[Shape] = SHAPES) -> None:
        """Words come last: what a number or an address is refused for, they are not."""
        for shape in shapes:
            self.planted.shape = shape
            self._send_all()
            self._browse()
            self._name_a_token()
            self._name_a_user()
        self._search()
        self._import(folder)

    def _send_all(self) -> None:
        there = self._there("sent")
        for one in ENDPOINTS:
            for sent in requests_to(one, there, self.planted.value):
                self._send(sent)

    def _there(self, name: str) -> dict[str, str]:
        """The ids of two calls and a chat with content, to fill addresses with."""
        ids = {}
        for kind in ("call", "second-call", "chat"):
            session = f"{self.planted.shape}-{name}-{kind}"
            body = json.dumps(plain_vcon(session, is_chat=kind == "chat")).encode()
            status, said = self.server.ask("POST", "/vcons", body)
            assert status == 201, said
            ids[kind] = json.loads(said)["id"]
        return ids

    def _send(self, sent: Sent) -> None:
        more = {"Content-Type": sent.media_type, **dict(sent.headers)}
        status, said = self.server.ask(sent.method, sent.path, sent.body, **more)
        told = (sent.method, sent.path, status, said[:300])
        assert status < 500, told
        if sent.right:
            assert status < 300, told
            assert b'"line"' not in said, told

    def _browse(self) -> None:
        ids = self._there("browsed")
        # Who tries to sign in over and over has to wait, at that place.
        place = SHAPES.index(self.planted.shape) + 2
        stranger = Browser(self.server, f"127.0.{place}.1")
        stranger.wander(self.planted.value, ["/sign-in"])
        browser = Browser(self.server)
        browser.enter()
        for kind in ("call", "chat"):
            browser.wander(self.planted.value, [f"/interactions/{ids[kind]}"])

    def _name_a_token(self) -> None:
        name = self.planted.value("valv token create --name")
        self._valv("token", "create", "--scope", "read", "--name", name)

    def _name_a_user(self) -> None:
        name, address = self.planted.value("valv user add --name"), "eva@acme.example"
        told = ("user", "add", address, "--name", name, "--password-stdin")
        run_valv(self.server.data, *told, stdin=PASSWORD + "\n", **self.urls)

    def _search(self) -> None:
        """One search with every filter, each of them in every shape."""
        words = []
        for self.planted.shape in SHAPES:
            for one in SEARCHED:
                words += [f"--{one}", self.planted.value(f"valv search --{one}")]
        assert self._valv("search", *words, "--json").returncode == 0

    def _import(self, folder: Path) -> None:
        laid = []
        for self.planted.shape in SHAPES:
            laid.append(lay_sources(folder / self.planted.shape, self.planted.value))
        folders = [str(place.parent) for place in laid]
        done = self._valv("import", *folders, "--map", str(laid[0]), "--json")
        assert json.loads(done.stdout)["imported"] > 12, done.stdout

    def _valv(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run_valv(self.server.data, *words, **self.urls)
