"""The tables of both databases, laid once a run and copied to whoever needs them.

Over a hundred migrations take seconds, and each worker and each archive would pay them.
``python -m tests.laid`` lays them in its environment's folder.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = "VALV_TEST_LAID"


def provide() -> None:
    """Say where they are to lie; asked of a run before its workers start."""
    if PLACE not in os.environ:
        os.environ[PLACE] = tempfile.mkdtemp(prefix="valv-laid-")
        atexit.register(shutil.rmtree, os.environ[PLACE], ignore_errors=True)


def lay_tables(data: Path) -> None:
    """As ``schema.prepare`` leaves a folder that was empty, on SQLite."""
    provide()  # who is no run of tests, as a benchmark, has a place of its own
    made = Path(os.environ[PLACE]) / "data"
    with made.with_name("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits for the first
        if not made.is_dir():
            _lay(made)
    shutil.copytree(made, data, dirs_exist_ok=True)


def _lay(made: Path) -> None:
    laying = made.with_name("laying")
    laying.mkdir(exist_ok=True)
    environment = {**os.environ, "VALV_DATA": str(laying)}
    command = [sys.executable, "-m", "tests.laid"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    laying.rename(made)


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "valv.config.settings"
    django.setup()
    from django.conf import settings

    from valv.storage import schema

    schema.prepare(settings.VALV_DATA)


if __name__ == "__main__":
    main()
