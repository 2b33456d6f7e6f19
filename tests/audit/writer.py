"""A process that writes entries in several threads, and says which are committed.

    python -m tests.audit.writer TENANT_ID FIRST THREADS EACH

Each line it prints is the interaction of an entry that stands.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "valv.config.settings"


def main(tenant_id: int, first: int, threads: int, each: int) -> None:
    django.setup()
    read_keys(tenant_id)
    with ThreadPoolExecutor(threads) as pool:
        starts = range(first, first + threads * each, each)
        list(pool.map(lambda start: write(tenant_id, start, each), starts))


def read_keys(tenant_id: int) -> None:
    """Once for all threads: PostgreSQL has not a hundred connections to give."""
    from django.db import connections

    from valv.audit.tree import signer
    from valv.storage import keys
    from valv.storage.keys import KeyKind

    keys.of_tenant(tenant_id, KeyKind.AUDIT)
    signer(tenant_id)
    connections.close_all()


def write(tenant_id: int, start: int, each: int) -> None:
    from tests.cast import NOW, OPERATOR
    from valv.audit.actions import Action
    from valv.audit.operations import Act, record
    from valv.audit.tree import sequence
    from valv.core.errors import Busy
    from valv.storage import scope

    for about in range(start, start + each):
        try:
            with scope.writing(tenant_id):
                record(Act(Action.PLAY, about), actor=OPERATOR, now=NOW)
            os.write(1, f"{about}\n".encode())
            sequence(tenant_id)
        except Busy:
            continue


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
