"""``valv doctor``: what is wrong with this installation, in sentences."""

import argparse

from valv.jobs.command import OK, Asked
from valv.storage import installation

HELP = "look for what is wrong, and say what to do"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copies-kept",
        action="store_true",
        help="confirm that copies of master key and key database are kept elsewhere",
    )


def run(asked: Asked) -> int:
    if asked.copies_kept:
        installation.confirm_copies(now=asked.now)
    warnings = installation.warnings()
    asked.answer(
        {"ok": not warnings, "warnings": warnings},
        "\n".join(warnings) or "Nothing is wrong.",
    )
    return OK
