"""Where a measurement runs: a data folder and databases of its own.

Nothing of the developer's own settings is used. Call ``prepare`` before anything of
Django's or Valv's is imported.
"""

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.peers.postgres import SUPERUSER, Postgres, start

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MASTER_KEY = "5a" * 32


@dataclass(frozen=True)
class Place:
    """A prepared installation; ``server`` is None on SQLite."""

    database: str
    data: Path
    server: Postgres | None = None

    def superuser_url(self, name: str) -> str:
        assert self.server is not None
        return self.server.url(name, role=SUPERUSER)


def prepare(database: str) -> Place:
    """Lay an empty installation on ``sqlite`` or ``postgresql``."""
    for name in [name for name in os.environ if name.startswith("VALV_")]:
        del os.environ[name]
    data = Path(tempfile.mkdtemp(prefix="valv-bench-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    server = serve() if database == "postgresql" else None
    os.environ |= {"VALV_DATA": str(data), "VALV_MASTER_KEY": MASTER_KEY}
    if server is not None:
        os.environ["VALV_DATABASE_URL"] = server.make_database("data")
        os.environ["VALV_KEYS_URL"] = server.make_database("keys")
    _lay(data)
    return Place(database, data, server)


def serve() -> Postgres:
    """PostgreSQL as an operator runs it: careful of crashes, with memory of its own.

    A quarter of the machine's, as its manual advises for a server.
    """
    pages = os.sysconf("SC_PHYS_PAGES") // 4
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") >> 20
    return start([f"shared_buffers={megabytes}MB"])


def _lay(data: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "valv.config.settings"
    import django

    django.setup()
    from valv.storage import installation, schema

    schema.prepare(data)
    installation.begin(now=NOW)
