"""The entry point of the ``valv`` command."""

import getpass
import os
import sys

import django

from valv.core.errors import Misconfigured

CONFIGURATION_FAILED = 1


def main() -> None:
    """Set Django up, run the command, and leave with its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
    try:
        django.setup()
        from valv.config.checks import check_start

        check_start(sys.argv[1:])
    except Misconfigured as error:
        print(f"valv: {error.detail}", file=sys.stderr)
        sys.exit(CONFIGURATION_FAILED)
    from valv.jobs.command import main as run

    sys.exit(run(None, user=getpass.getuser()))


if __name__ == "__main__":
    main()
