"""The audit entry of a search: one for each user and settled query.

The log's one exception: a list is shown before its entry is written, within a second
and outside the read. What is typed letter by letter replaces itself until nobody has
typed for half a second; a page, an export and an API call are settled at once. Entries
tell which parameters were used and how much was found, never a value.

``start`` runs the writer in a thread, in processes that serve; elsewhere whoever notes
a search calls ``flush``. What is left is written at exit.
"""

import atexit
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from django.db import DatabaseError, connection

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Busy, ValvError
from valv.core.people import Actor
from valv.storage import scope

SETTLES_AFTER = 0.5
FLUSHED_EVERY = 0.25
MOST_WAITING = 10_000

log = logging.getLogger("valv.audit")


@dataclass(frozen=True, slots=True)
class _Noted:
    """A search that waits to be written."""

    tenant_id: int
    actor: Actor
    at: datetime
    details: Mapping[str, Any]
    noted: float
    settled: bool

    def is_settled(self) -> bool:
        return self.settled or monotonic() - self.noted >= SETTLES_AFTER


class _Waiting:
    """The searches not yet written; of one who types only the last is kept."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._settled: list[_Noted] = []
        self._typing: dict[tuple[int, Actor], _Noted] = {}

    def add(self, noted: _Noted) -> bool:
        """Answers whether so many wait that they should be written at once."""
        who = (noted.tenant_id, noted.actor)
        with self._lock:
            earlier = self._typing.pop(who, None)
            if earlier is not None and earlier.is_settled():
                self._settled.append(earlier)
            if noted.settled:
                self._settled.append(noted)
            else:
                self._typing[who] = noted
            return len(self._settled) >= MOST_WAITING

    def take(self, *, all_of_them: bool) -> list[_Noted]:
        with self._lock:
            ready = [
                who
                for who, noted in self._typing.items()
                if all_of_them or noted.is_settled()
            ]
            taken = self._settled + [self._typing.pop(who) for who in ready]
            self._settled = []
            return taken

    def put_back(self, noted: Iterable[_Noted]) -> None:
        with self._lock:
            self._settled = [*noted, *self._settled]

    def cache_clear(self) -> None:
        with self._lock:
            self._settled, self._typing = [], {}


_waiting = _Waiting()
_stopping = Event()


def note(
    tenant_id: int,
    actor: Actor,
    *,
    kinds: Iterable[str],
    found: int,
    capped: bool,
    now: datetime,
    typing: bool = False,
) -> None:
    """Note a search. ``kinds`` are names of parameters; ``typing`` is not settled."""
    details = {"by": sorted(set(kinds)), "found": found, "capped": capped}
    noted = _Noted(tenant_id, actor, now, details, monotonic(), settled=not typing)
    if _waiting.add(noted):
        flush()


def flush(*, all_of_them: bool = True) -> int:
    """Write what waits, a transaction per tenant; answers how many entries.

    Outside of every scope. What cannot be written now is kept for the next time.
    """
    taken = _waiting.take(all_of_them=all_of_them)
    for tenant_id, listed in _by_tenant(taken).items():
        try:
            _write(tenant_id, listed)
        except (DatabaseError, ValvError):
            _waiting.put_back(listed)
            log.warning("%s searches are not entered yet", len(listed))
    return len(taken)


def insist() -> None:
    """Write what waits before anything is shown; raises Busy if it cannot be.

    For a command, which ends before there would be another time; what is not shown
    then need not be entered.
    """
    for tenant_id, listed in _by_tenant(_waiting.take(all_of_them=True)).items():
        try:
            _write(tenant_id, listed)
        except (DatabaseError, ValvError):
            raise Busy(
                "The audit log cannot be written, so nothing is shown."
            ) from None


def _by_tenant(listed: Iterable[_Noted]) -> dict[int, list[_Noted]]:
    found: dict[int, list[_Noted]] = {}
    for noted in listed:
        found.setdefault(noted.tenant_id, []).append(noted)
    return found


def _write(tenant_id: int, listed: list[_Noted]) -> None:
    with scope.writing(tenant_id):
        for noted in listed:
            act = Act(Action.SEARCH, details=dict(noted.details))
            record(act, actor=noted.actor, now=noted.at)


def start() -> None:
    """Write in the background until the process ends; once a process."""
    if not any(thread.name == "searches" for thread in _threads):
        thread = Thread(target=_run, name="searches", daemon=True)
        _threads.append(thread)
        thread.start()


_threads: list[Thread] = []


def _run() -> None:
    while not _stopping.wait(FLUSHED_EVERY):
        if flush(all_of_them=False):
            connection.close()


@atexit.register
def _at_exit() -> None:
    _stopping.set()
    for thread in _threads:
        thread.join(timeout=FLUSHED_EVERY * 8)
        flush()
