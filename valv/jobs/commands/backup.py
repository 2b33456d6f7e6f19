"""``valv backup FOLDER``: copy data, blobs and keys, while everything runs."""

import argparse
from pathlib import Path

from valv.core.errors import Malformed
from valv.jobs.command import OK, Asked
from valv.storage import copies

HELP = "copy the data, the blobs and the keys into a folder, while everything runs"
TOLD = (
    "Copied as {stamp}. The copy of the keys replaced the last one. The master key is "
    "not in it: keep a copy of that elsewhere."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="made if it is not there")


def run(asked: Asked) -> int:
    folder: Path = asked.folder
    if not folder.parent.is_dir():
        raise Malformed("There is no such folder.", field="folder")
    stamp = copies.back_up(folder, now=asked.now)
    asked.answer({"data": stamp}, TOLD.format(stamp=stamp))
    return OK
