"""The entry point of the ``valv`` command."""

import gc
import getpass
import os
import sys
from typing import NoReturn

import django
from django.db import connections

from valv.config.memory import forbid_core_dumps
from valv.core.errors import Misconfigured

FAILED = 1
COMMAND_SECONDS = 120


def main() -> None:
    """Set Django up, run the command, and leave with its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
    try:
        forbid_core_dumps()
        gc.disable()  # nothing that is imported is garbage, and looking takes a while
        django.setup()
        from valv.config.checks import check_start
        from valv.jobs.command import main as run

        gc.freeze()
        gc.enable()
        if "serve" not in sys.argv[1:2]:  # whose workers answer those who wait
            be_patient()
        check_start(sys.argv[1:])
        code = run(None, user=_user())
    except Misconfigured as error:
        _leave(error.detail)
    except KeyboardInterrupt:
        _leave("Interrupted; what was begun can be run again.")
    sys.exit(code)


def be_patient() -> None:
    """Let whoever writes here wait longer for a turn: others write without a break.

    On SQLite, which does not keep to the order in which its lock was asked for.
    """
    for settings in connections.databases.values():
        options = settings["OPTIONS"]
        if "timeout" in options:
            options["timeout"] = COMMAND_SECONDS


def _leave(sentence: str) -> NoReturn:
    print(f"valv: {sentence}", file=sys.stderr)
    sys.exit(FAILED)


def _user() -> str:
    """The system's user, by number where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


if __name__ == "__main__":
    main()
