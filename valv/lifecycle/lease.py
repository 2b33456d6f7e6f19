"""Who runs a tenant's night, or a job: one process at a time, and none that has died.

The lease is renewed with every batch, in the batch's own transaction; whoever finds
that another has taken it, or that it was taken away, stops, and that batch never was. A
process that died on this machine is known to be dead, so that its work can be gone on
with at once; of one elsewhere the lease has to run out.
"""

import json
import os
import socket
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from secrets import token_hex
from time import monotonic
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import QuerySet

from valv.core.errors import Conflict
from valv.core.ids import unix_ms
from valv.lifecycle.models import Job, Leased, NightlyRun
from valv.storage import scope
from valv.storage.raw import change, rows
from valv.tenants.models import Tenant

LEASE = timedelta(minutes=15)
DONE, RUNNING, PARTLY = "done", "running", "partly"
OURS = "WHERE +tenant_id = %s AND id = %s AND runner = %s"
TOLD = f"SELECT CAST(report AS text) FROM {{}} {OURS}"  # noqa: S608
TELL = f"UPDATE {{}} SET report = %s, {{}} {OURS}"  # noqa: S608
LOST = "Another process has taken this over, or it was stopped."

_process = f"{socket.gethostname()[:100]}:{os.getpid()}:{token_hex(8)}"
_run = count(1)


class LeaseLost(Conflict):
    """Another process took the work over; this one must change nothing more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do one row's work, from ``now`` on by a clock that nobody sets."""

    tenant: Tenant
    model: type[NightlyRun] | type[Job]
    row_id: int
    runner: str
    now: datetime
    began: float

    def moment(self) -> datetime:
        """What time it is for this run."""
        return self.now + timedelta(seconds=monotonic() - self.began)

    def row(self) -> Any:
        """The row, in the scope that is open. Raises LeaseLost."""
        row = self._ours().first()
        if row is None:
            raise LeaseLost(LOST)
        return row

    def _ours(self) -> QuerySet[Any]:
        return self.model.objects.filter(id=self.row_id, runner=self.runner)

    def note(self, counts: Counter[str], **moments: datetime) -> None:
        """Store a batch's counts, what else is told, and renew, in its transaction."""
        ours = [scope.current(), self.row_id, self.runner]
        told = rows(TOLD.format(self.model._meta.db_table), ours)
        if not told:
            raise LeaseLost(LOST)
        report = dict(Counter(json.loads(told[0][0])) + counts)
        moments["lease_until"] = self.moment() + LEASE
        put = ", ".join(f"{name} = %s" for name in moments)
        given = [json.dumps(report), *map(unix_ms, moments.values()), *ours]
        change(TELL.format(self.model._meta.db_table, put), given)

    def renew(self) -> None:
        """Raises LeaseLost."""
        with scope.writing(self.tenant.id):
            if not self._ours().update(lease_until=self.moment() + LEASE):
                raise LeaseLost(LOST)

    def end(self, state: str, report: dict[str, int], **more: object) -> Any:
        """Give the lease back, and set what else is told. Inside ``writing``."""
        row = self.row()
        for name, value in {**more, "state": state, "report": report}.items():
            setattr(row, name, value)
        row.finished_at, row.lease_until, row.runner = self.moment(), None, ""
        row.save()
        return row

    def give_up(self, state: str = PARTLY) -> None:
        """Give the lease back, the work not done."""
        with scope.writing(self.tenant.id):
            self._ours().update(state=state, lease_until=None, runner="")


def take(tenant: Tenant, run_date: date, *, now: datetime) -> Lease:
    """Begin a night, or go on with it. Raises Conflict while another process runs one.

    Nights of one tenant never overlap, whatever their dates.
    """
    runner = _name()
    try:
        with scope.writing(tenant.id):
            _raise_if_taken(NightlyRun.objects.filter(state=RUNNING), now)
            row = NightlyRun.objects.filter(date=run_date).first()
            row = row or NightlyRun(date=run_date, started_at=now)
            row.state, row.runner, row.lease_until = RUNNING, runner, now + LEASE
            row.save()
    except IntegrityError:
        raise Conflict("This night's run is under way.") from None
    return Lease(tenant, NightlyRun, row.id, runner, now, monotonic())


def take_job(
    tenant: Tenant, job_id: int, *, states: tuple[str, ...], now: datetime
) -> Lease:
    """Begin a job that is in one of ``states``, or go on with what a dead process left.

    Raises Conflict while another process runs it, and for one in another state.
    """
    runner = _name()
    with scope.writing(tenant.id):
        row = _raise_if_taken(Job.objects.filter(id=job_id), now)
        if row is None or row.state not in (RUNNING, *states):
            raise Conflict("The job is not there to be run.")
        row.state, row.runner, row.lease_until = RUNNING, runner, now + LEASE
        row.tried_at = now
        row.save(update_fields=["state", "runner", "lease_until", "tried_at"])
    return Lease(tenant, Job, job_id, runner, now, monotonic())


def _name() -> str:
    return f"{_process}:{next(_run)}"


def _raise_if_taken(rows: QuerySet[Any], now: datetime) -> Any:
    """The last of the rows, which nobody works at and which are locked."""
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    row = None
    for row in rows.order_by("id"):
        if is_taken(row, now):
            raise Conflict("This run is under way.")
    return row


def is_taken(row: Leased, now: datetime) -> bool:
    """Whether a process that may be alive works at it."""
    leased = row.lease_until is not None and row.lease_until > now
    return row.state == RUNNING and leased and not is_dead(row.runner)


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
