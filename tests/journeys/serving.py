"""A real ``valv serve`` in a data folder of its own, asked over real sockets."""

import atexit
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.cast import PASSWORD
from tests.environment import DATABASE
from tests.laid import lay_tables
from tests.peers import postgres
from tests.processes import free_port, kill, open_files, processes_under
from tests.starter import Started

PATIENCE = 60
TENANT = ("--tenant", "acme")
SCOPES = "intake,read,content,delete,privacy,audit,admin"
TOKEN = ("--scope", SCOPES, "--name", "test", "--json")


@dataclass
class Server:
    """A running server, whose processes may be looked at and killed."""

    data: Path
    process: subprocess.Popen[bytes]
    port: int
    token: str

    def connection(self, *, source: str = "127.0.0.1") -> http.client.HTTPConnection:
        """A new one, from an address of this machine."""
        return http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, source_address=(source, 0)
        )

    def ask(
        self, method: str, path: str, body: bytes | Iterable[bytes] = b"", **more: str
    ) -> tuple[int, bytes]:
        """One request; a body of pieces is sent in chunks."""
        headers = {"Authorization": f"Bearer {self.token}", **more}
        with closing(self.connection()) as connection:
            connection.request(
                method,
                f"/api/v1{path}",
                body=body,
                headers=headers,
                encode_chunked=not isinstance(body, bytes),
            )
            answer = connection.getresponse()
            return answer.status, answer.read()

    def peak(self) -> int:
        """The most memory any process of it has held, in bytes."""
        return max(map(_peak_of, processes_under(self.process.pid)))

    def open_files(self) -> Iterator[bytes]:
        """What stands in the files it has open under its data, named or not."""
        for pid in processes_under(self.process.pid):
            yield from open_files(pid, under=self.data)

    def kill(self) -> None:
        kill(self.process)


def _peak_of(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def log_of(data: Path) -> Path:
    return data / "serve.log"


def files_under(data: Path) -> Iterator[bytes]:
    for path in data.rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def valv(data: Path, *words: str, stdin: str = "", **urls: str) -> str:
    """Run one command to its end."""
    done = run_valv(data, *words, stdin=stdin, **urls)
    done.check_returncode()
    return done.stdout


def run_valv(
    data: Path, *words: str, stdin: str = "", **urls: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, whatever that is."""
    command, pipe = [sys.executable, "-m", "valv.config.main", *words], subprocess.PIPE
    with Started(
        command, env=environment_of(data, urls),
        stdin=pipe, stdout=pipe, stderr=pipe, text=True,
    ) as process:  # fmt: skip
        out, err = process.communicate(stdin)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def environment_of(data: Path, urls: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VALV_")}
    return {**kept, "VALV_DATA": str(data), **urls}


@contextmanager
def served(data: Path, *words: str, **urls: str) -> Iterator[Server]:
    """An archive with one tenant and a token, served until the block is left.

    ``urls`` are settings such as where its databases are; what it writes to its
    standard output and error goes to ``log_of(data)``. In them {port} is its port.
    """
    port = free_port()
    urls = {name: value.replace("{port}", str(port)) for name, value in urls.items()}
    token = _install(data, urls)
    command = [sys.executable, "-m", "valv.config.main", "serve", "--no-work", *words]
    with (
        log_of(data).open("wb") as log,
        Started(
            [*command, "--port", str(port)],
            env=environment_of(data, urls), start_new_session=True,
            stdout=log, stderr=log,
        ) as process,
    ):  # fmt: skip
        server = Server(data, process, port, token)
        try:
            _wait_for(server)
            yield server
        finally:
            server.kill()


def databases() -> dict[str, str]:
    """For ``served`` and ``valv``: none, where the run is on SQLite."""
    if DATABASE != "postgresql":
        return {}
    peer = postgres.start()
    return {
        "VALV_DATABASE_URL": peer.make_database("data"),
        "VALV_KEYS_URL": peer.make_database("keys"),
    }


def _install(data: Path, urls: Mapping[str, str]) -> str:
    """Lay an archive; its token. Those that are one folder are copies of the first."""
    if "VALV_DATABASE_URL" in urls:
        return _init(data, urls)
    first, token = _first()
    shutil.copytree(first, data, dirs_exist_ok=True)
    return token


@cache
def _first() -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="valv-first-"))
    atexit.register(shutil.rmtree, folder)
    lay_tables(folder)
    return folder, _init(folder, {})


def _init(data: Path, urls: Mapping[str, str]) -> str:
    admin = ("--admin", "alma@acme.example", "--password-stdin")
    valv(data, "init", *TENANT, *admin, stdin=PASSWORD + "\n", **urls)
    made = valv(data, "token", "create", *TENANT, *TOKEN, **urls)
    return str(json.loads(made)["token"])


def _wait_for(server: Server) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError):
            if server.ask("GET", "/interactions")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError("The server did not come up.")
