"""One installation's server, which dies and comes again on the same port."""

import http.client
import json
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Any

from tests.crash.installed import VALV, Installed
from tests.processes import free_port, kill

START_SECONDS = 60
SCOPES = "intake,read,content,delete,admin"


class Server:
    """Options are those of `serve`; ``under`` is a command that it is run by."""

    def __init__(
        self, made: Installed, *options: str, under: Sequence[str] = (), **process: Any
    ) -> None:
        self.made, self.port = made, free_port()
        serve = ["serve", "--port", str(self.port), *options]
        self._command, self._options = [*under, *VALV, *serve], process
        words = ["token", "create", "--name", "x", "--scope", SCOPES, "--json"]
        self._token = json.loads(made.run(*words))["token"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = self.made.start(self._command, **self._options)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with suppress(OSError):
                assert self.ask("GET", "/retention")[0] == 200
                return
            time.sleep(0.1)
        raise AssertionError("The server does not answer.")

    def kill(self) -> None:
        assert self.process
        kill(self.process)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        over: http.client.HTTPConnection | None = None,
    ) -> tuple[int, bytes]:
        """The answer, over a connection that stays open if one is given.

        Raises OSError or HTTPException if there was none.
        """
        if over is None:
            with closing(self.connection()) as one:
                return self.ask(method, path, body, over=one)
        headers = {"Authorization": f"Bearer {self._token}"}
        over.request(method, f"/api/v1{path}", body, headers)
        answer = over.getresponse()
        return answer.status, answer.read()

    def id_of(self, session: str) -> str:
        """The interaction's id, or nothing if there is none."""
        _, found = self.ask("GET", f"/interactions?session={session}")
        items = json.loads(found)["items"]
        return str(items[0]["id"]) if items else ""
