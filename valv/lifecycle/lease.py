"""Who runs a tenant's night: one process at a time, and none that has died.

The lease is renewed with every batch, in the batch's own transaction; whoever finds
that another has taken it stops, and that batch never was. A process that died on this
machine is known to be dead, so that its run can be repeated at once; of one elsewhere
the lease has to run out.
"""

import os
import socket
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from secrets import token_hex
from time import monotonic

from django.db import IntegrityError, connection

from valv.core.errors import Conflict
from valv.lifecycle.models import NightlyRun
from valv.storage import scope
from valv.tenants.models import Tenant

LEASE = timedelta(minutes=15)
DONE, RUNNING, PARTLY = "done", "running", "partly"

_process = f"{socket.gethostname()[:100]}:{os.getpid()}:{token_hex(8)}"
_run = count(1)


class LeaseLost(Conflict):
    """Another process took the run over; this one must change nothing more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one night, from ``now`` on by a clock that nobody sets."""

    tenant: Tenant
    run_id: int
    runner: str
    now: datetime
    began: float

    def moment(self) -> datetime:
        """What time it is for this run."""
        return self.now + timedelta(seconds=monotonic() - self.began)

    def row(self) -> NightlyRun:
        """The run's row, in the scope that is open. Raises LeaseLost."""
        row = NightlyRun.objects.filter(id=self.run_id, runner=self.runner).first()
        if row is None:
            raise LeaseLost("Another process has taken this night's run over.")
        return row

    def note(self, counts: Counter[str]) -> None:
        """Store a batch's counts, and renew, in the batch's own transaction."""
        row = self.row()
        row.report = dict(Counter(row.report) + counts)
        row.lease_until = self.moment() + LEASE
        row.save(update_fields=["report", "lease_until"])

    def renew(self) -> None:
        with scope.writing(self.tenant.id):
            self.note(Counter())

    def end(
        self, state: str, report: dict[str, int], suspects: list[int]
    ) -> NightlyRun:
        """Give the lease back. Inside the ``writing`` scope."""
        row = self.row()
        row.state, row.report, row.suspects = state, report, suspects
        row.finished_at, row.lease_until, row.runner = self.moment(), None, ""
        row.save()
        return row

    def give_up(self) -> None:
        """Give the lease back, the night not done."""
        with scope.writing(self.tenant.id):
            NightlyRun.objects.filter(id=self.run_id, runner=self.runner).update(
                state=PARTLY, lease_until=None, runner=""
            )


def take(tenant: Tenant, run_date: date, *, now: datetime) -> Lease:
    """Begin a night, or go on with it. Raises Conflict while another process runs one.

    Nights of one tenant never overlap, whatever their dates.
    """
    runner = f"{_process}:{next(_run)}"
    try:
        with scope.writing(tenant.id):
            _raise_if_taken(now)
            row = NightlyRun.objects.filter(date=run_date).first()
            row = row or NightlyRun(date=run_date, started_at=now)
            row.state, row.runner, row.lease_until = RUNNING, runner, now + LEASE
            row.save()
    except IntegrityError:
        raise Conflict("This night's run is under way.") from None
    return Lease(tenant, row.id, runner, now, monotonic())


def _raise_if_taken(now: datetime) -> None:
    running = NightlyRun.objects.filter(state=RUNNING).order_by("id")
    if connection.features.has_select_for_update:
        running = running.select_for_update()
    for row in running:
        leased = row.lease_until is not None and row.lease_until > now
        if leased and not is_dead(row.runner):
            raise Conflict("This night's run is under way.")


def is_dead(runner: str) -> bool:
    """Whether the process is known to have ended; of another machine's, nothing is."""
    host, _, rest = runner.partition(":")
    pid = rest.partition(":")[0]
    if host != _process.partition(":")[0] or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return not runner.startswith(_process)
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
