"""The environment of a test run, made before Django reads its settings.

Loaded by pytest as a plugin (``-p tests.environment``), so that the settings under
test are the real ones, in a data folder of their own. ``VALV_TEST_DATABASE`` says on
which database the run is: ``sqlite`` (unless stated) or ``postgresql``.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import laid
from tests.peers.postgres import MEMORY, MOST_BYTES, Postgres, start

DATABASE = os.environ.get("VALV_TEST_DATABASE", "sqlite")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
OURS = ("VALV_TEST_", "VALV_STRICT", "VALV_SAMPLES", "VALV_SOAK")
MASTER_KEY = "5a" * 32


def server() -> Postgres:
    """The run's PostgreSQL, started by whoever asks first; its workers share it."""
    if "VALV_TEST_SOCKETS" not in os.environ:
        os.environ["VALV_TEST_SOCKETS"] = str(start().sockets)
    return Postgres(Path(os.environ["VALV_TEST_SOCKETS"]))


def _forget_the_developers_settings() -> None:
    for name in list(os.environ):
        if name.startswith("VALV_") and not name.startswith(OURS):
            del os.environ[name]


def _write_into_memory() -> None:
    """All that tests lay, where there is room: a disk takes its time to be certain.

    Nobody pulls its plug here, and what is killed leaves in memory what it had written.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MOST_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _make_data_folder() -> None:
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="valv-test-", dir=place)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["VALV_DATA"] = folder
    os.environ["VALV_MASTER_KEY"] = MASTER_KEY
    # Playwright keeps an event loop in the thread of the tests; Django would mind.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _make_databases() -> None:
    if DATABASE == "postgresql":
        for variable, name in (
            ("VALV_DATABASE_URL", f"data_{WORKER}"),
            ("VALV_KEYS_URL", f"keys_{WORKER}"),
        ):
            os.environ[variable] = server().make_database(name)
    elif DATABASE != "sqlite":
        raise SystemExit("VALV_TEST_DATABASE must be sqlite or postgresql.")
    laid.provide()


_forget_the_developers_settings()
_write_into_memory()
_make_data_folder()
_make_databases()
