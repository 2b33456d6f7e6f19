"""Letting go of what was decrypted, also where nobody searches any more.

A search reads the epoch itself; a process that is idle hears of a new one here, within
five seconds. Numbers that were read are remembered no longer, whoever they are: most
were never searched for, and no epoch tells of them. Runs in processes that serve or
work, started by whoever starts them.
"""

import logging
from threading import Event, Thread

from django.db import DatabaseError, connection

from valv.archive import people
from valv.archive.identifiers import epoch
from valv.core.errors import ValvError
from valv.core.phones import forget_spellings
from valv.storage import scope

EVERY_SECONDS = 4.0

log = logging.getLogger("valv.archive")
_started = Event()


def start() -> None:
    """Look every few seconds until the process ends; once a process."""
    if not _started.is_set():
        _started.set()
        Thread(target=_run, name="watch", daemon=True).start()


def look() -> int:
    """Drop what was decrypted before the newest epoch; answers how many tenants'.

    And what numbers were read lately.
    What cannot be looked up is dropped too: better decrypted again than kept too long.
    """
    stale = [held for held in people.held() if _is_stale(held)]
    for held in stale:
        people.drop(held)
    forget_spellings()
    return len(stale)


def _is_stale(held: people.People) -> bool:
    try:
        with scope.reading(held.tenant_id):
            return epoch() > held.epoch
    except (DatabaseError, ValvError):
        log.warning("the epoch cannot be read; what was decrypted is let go of")
        return True


def _run() -> None:
    never = Event()
    while not never.wait(EVERY_SECONDS):
        look()
        connection.close()
