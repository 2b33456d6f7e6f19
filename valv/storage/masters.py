"""The master key in force, and while it is being changed both.

A process is told its key once, at the start. While a change is under way the key
database holds each of the two keys sealed under the other, so that whoever knows one
knows both; ``learn`` reads them, and a server's processes do so every few seconds. What
was learnt is kept in memory alone.
"""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

from django.conf import settings
from django.db import DatabaseError, connections

from valv.core.errors import Misconfigured
from valv.core.master_keys import key_from
from valv.storage.models import KeyInstallation, MasterChange
from valv.storage.sealed import Tampered, open_value, seal_value, unwrap, wrap

KEYS_DB = "keys"
CHECK_TEXT = b"valv"
CHECK_CONTEXT = b"master-check"
NEW_CONTEXT, OLD_CONTEXT = b"master-new", b"master-old"
LEARN_SECONDS = 2.0
NONE_HERE = (
    "There is no master key here. Put the file back where it was, or name it in "
    "VALV_MASTER_KEY_FILE; without it nothing here can be read, by anyone. If there is "
    "no archive yet, run `valv init`."
)
OPENS_NOTHING = (
    "The master key does not open this installation's keys. Set VALV_MASTER_KEY or "
    "VALV_MASTER_KEY_FILE to the right one; if it was changed by `valv keys rotate`, "
    "to the new one."
)


class _Learnt:
    """Keys that were learnt since the start; forgotten between tests."""

    keys: tuple[bytes, ...] = ()

    def add(self, key: bytes) -> None:
        if key not in self.keys:
            self.keys = (*self.keys, key)

    def cache_clear(self) -> None:
        self.keys = ()


_learnt = _Learnt()


def own() -> bytes:
    """The key this process was started with. Raises Misconfigured without one."""
    key: bytes | None = settings.VALV_MASTER_KEY
    if key is None:
        raise Misconfigured(NONE_HERE)
    return key


def known() -> tuple[bytes, ...]:
    return (own(), *(key for key in _learnt.keys if key != own()))


def learn() -> None:
    """Learn the other key of a change under way, and a file's that was replaced."""
    change = under_way()
    if change is not None:
        for key in both_of(change):
            _learnt.add(key)
        return
    place: Path | None = settings.VALV_MASTER_KEY_PLACE
    if place is not None:
        _learn_from(place)


def _learn_from(place: Path) -> None:
    try:
        text = place.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return
    key = key_from(text.strip())
    if key is not None:
        _learnt.add(key)


def under_way() -> MasterChange | None:
    return MasterChange.objects.using(KEYS_DB).first()


def both_of(change: MasterChange) -> tuple[bytes, bytes]:
    """The old and the new key of a change. Raises Misconfigured if neither is known."""
    for key in known():
        try:
            return key, unwrap(bytes(change.new_under_old), key, NEW_CONTEXT)
        except Tampered:
            pass
        try:
            return unwrap(bytes(change.old_under_new), key, OLD_CONTEXT), key
        except Tampered:
            pass
    raise Misconfigured(OPENS_NOTHING)


def sealed_change(*, old: bytes, new: bytes) -> dict[str, bytes]:
    """The columns by which whoever knows one of the two keys knows both."""
    return {
        "new_under_old": wrap(new, old, NEW_CONTEXT),
        "old_under_new": wrap(old, new, OLD_CONTEXT),
    }


def opened(wrapped: bytes, context: bytes) -> bytes:
    """Open a tenant's own key under whichever master key is in force.

    Raises Misconfigured if none that is known, or can be learnt, opens it.
    """
    for key in _known_then_learnt():
        try:
            return unwrap(wrapped, key, context)
        except Tampered:
            continue
    raise Misconfigured(OPENS_NOTHING)


def _known_then_learnt() -> Iterator[bytes]:
    tried = known()
    yield from tried
    learn()
    yield from (key for key in known() if key not in tried)


def for_writing() -> bytes:
    """The key under which a tenant's own keys are wrapped now: the new one, if any.

    Ask inside the transaction that writes them, with the change locked out.
    """
    change = under_way()
    if change is not None:
        return both_of(change)[1]
    row = KeyInstallation.objects.using(KEYS_DB).first()
    return own() if row is None else key_that_opens(bytes(row.check_value))


def key_that_opens(check_value: bytes) -> bytes:
    """Which of the known keys is the installation's. Raises Misconfigured."""
    for key in _known_then_learnt():
        try:
            open_value(check_value, key=key, context=CHECK_CONTEXT)
        except Tampered:
            continue
        return key
    raise Misconfigured(OPENS_NOTHING)


def check_value(key: bytes) -> bytes:
    """A known text under the key, by which a wrong one is known at the start."""
    return seal_value(CHECK_TEXT, key=key, context=CHECK_CONTEXT)


def start() -> None:
    """Let this process learn of a change within seconds, for as long as it lives."""
    Thread(target=_keep_learning, name="masters", daemon=True).start()


def _keep_learning() -> None:
    while True:
        sleep(LEARN_SECONDS)
        try:
            learn()
        except (DatabaseError, Misconfigured):
            continue  # what needs the key says so
        finally:
            connections.close_all()
