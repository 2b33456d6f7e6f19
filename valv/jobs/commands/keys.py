"""``valv keys``: change the master key while serving; confirm that copies are kept."""

import argparse
import hmac
import os
import time
from datetime import UTC, datetime, timedelta
from os import urandom
from pathlib import Path

from django.conf import settings

from valv.core.errors import Malformed
from valv.core.master_keys import KEY_BYTES, key_from, written
from valv.jobs.command import FAILED, OK, Asked
from valv.storage import installation, keys, masters, rotation

HELP = "change the master key while serving; confirm that copies are kept"
STATE_ONE = (
    "VALV_MASTER_KEY is set, so Valv cannot put another in its place. State the new "
    "key in VALV_NEW_MASTER_KEY or VALV_NEW_MASTER_KEY_FILE."
)
GO_ON = (
    "Both master keys are in force, and all keys are under the new one. Set it "
    "wherever the old one is set, restart Valv there, one process after another, and "
    "run `valv keys rotate` again: that retires the old one."
)
KEPT = (
    "Both master keys are in force, and all keys are under the new one. Put the new "
    "key on every node, then run `valv keys rotate` again to retire the old one."
)
DONE = (
    "The new master key is in force, and the old one opens nothing here any more. Keep "
    "a copy of it elsewhere, and one of the key database, then run `valv keys confirm`."
)
LEFT_OVER = (
    "The new master key is in force. A reader kept bytes of the old state in the key "
    "database's log; they go when it is next folded in."
)
ALL_HAVE_LEARNT = timedelta(seconds=2 * masters.LEARN_SECONDS + 1)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["rotate", "confirm"])
    parser.add_argument(
        "--keep-old",
        action="store_true",
        help="leave both keys in force until rotate is run again, for several nodes",
    )
    parser.add_argument(
        "--master-key-copy",
        type=Path,
        help="with confirm: the copy of the master key, to see that it is the one",
    )


def run(asked: Asked) -> int:
    return _rotate(asked) if asked.act == "rotate" else _confirm(asked)


def _rotate(asked: Asked) -> int:
    begun = rotation.new_key() is not None
    if not begun:
        rotation.begin(_new_key(), now=asked.now)
    new, moved = rotation.new_key() or b"", rotation.rewrap()
    place: Path | None = settings.VALV_MASTER_KEY_PLACE
    if place is not None:
        _replace(place, new)
    elif masters.own() != new:
        return _left(asked, moved, GO_ON)
    if asked.keep_old and not begun:
        return _left(asked, moved, KEPT)
    time.sleep(rotation.seconds_until(ALL_HAVE_LEARNT, now=datetime.now(UTC)))
    rotation.retire()
    settled = keys.is_settled()
    answer = {"state": "done", "rewrapped": moved, "settled": settled}
    asked.answer(answer, DONE if settled else LEFT_OVER)
    return OK


def _left(asked: Asked, moved: int, sentence: str) -> int:
    answer = {"state": "both", "rewrapped": moved, "settled": True}
    asked.answer(answer, sentence)
    return OK


def _new_key() -> bytes:
    stated: bytes | None = settings.VALV_NEW_MASTER_KEY
    if stated is not None:
        return stated
    if settings.VALV_MASTER_KEY_PLACE is None:
        raise Malformed(STATE_ONE)
    return urandom(KEY_BYTES)


def _replace(place: Path, key: bytes) -> None:
    """Put the key in the file's place, whole or not at all; durable at return."""
    made = place.with_name(f"{place.name}.new")
    made.unlink(missing_ok=True)
    made.touch(mode=0o600)
    with made.open("wb") as file:
        file.write(written(key))
        file.flush()
        os.fsync(file.fileno())
    made.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _confirm(asked: Asked) -> int:
    place: Path | None = asked.master_key_copy
    if place is not None and not _is_in_force(place):
        asked.answer(
            {"confirmed": False}, "That copy is not the master key in force. Keep one."
        )
        return FAILED
    installation.confirm_copies(now=asked.now)
    asked.answer({"confirmed": True}, "Noted: copies are kept elsewhere.")
    return OK


def _is_in_force(place: Path) -> bool:
    try:
        copy = key_from(place.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError):
        raise Malformed("That copy cannot be read.", field="master-key-copy") from None
    return copy is not None and hmac.compare_digest(copy, masters.for_writing())
