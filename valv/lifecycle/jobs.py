"""The engine that everything uses that ends many things at once, or one person.

plan → preview → approve → run → verify → receipt. A job is done in small batches, each
in a transaction of its own, and may be stopped anywhere: paused, killed, or met by a
store that fails. Whoever runs it again goes on, and ends the same. It is called done
only when it was looked at and nothing is left; else it is *partly* done, and says why.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q

from valv.archive import prepared
from valv.audit.verify import settle
from valv.core.errors import Conflict, NotFound, ValvError
from valv.core.people import Actor, ActorType
from valv.lifecycle import lease, receipts
from valv.lifecycle.batches import Pace, tried
from valv.lifecycle.lease import Lease, LeaseLost
from valv.lifecycle.models import Job, JobItem, PrivacyRequest
from valv.lifecycle.plans import (
    ItemState,
    JobState,
    Options,
    Who,
    options_of,
    who_of,
)
from valv.storage import intents, scope
from valv.storage.blobs.contract import BlobError
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant

log = logging.getLogger("valv.jobs")

RETRY = timedelta(minutes=10)
LIVES = timedelta(days=365)
LISTED_AT_ONCE = 1000
UNAPPROVED = timedelta(hours=24)
CANCELLABLE = (
    JobState.PLANNED,
    JobState.WAITING,
    JobState.PAUSED,
    JobState.RUNNING,
)
ENDED = (JobState.DONE, JobState.CANCELLED)
RUNNABLE = (JobState.WAITING, JobState.PARTLY)
Batch = Callable[[], list[Intent] | None]


@dataclass(slots=True)
class Running:
    """A job that this process is at, and what went wrong with it so far."""

    lease: Lease
    job: Job
    who: Who
    options: Options
    left: int | None = None
    settled: bool = True
    failed: BlobError | None = None
    counted: Counter[str] = field(default_factory=Counter)
    pace: Pace = field(default_factory=Pace)

    @property
    def tenant(self) -> Tenant:
        return self.lease.tenant

    @property
    def actor(self) -> Actor:
        job = self.job
        return Actor(ActorType(job.actor_type), job.actor, job.actor_id)

    @property
    def now(self) -> datetime:
        return self.lease.moment()

    def note(self, **counts: int) -> None:
        """Count what the batch does; stored with it."""
        self.counted.update({k: n for k, n in counts.items() if n})

    def batch(self, act: Batch) -> bool:
        """One batch in its transaction, then what it intends; whether there was one.

        A blob store that fails keeps nobody's data longer: the keys are destroyed, what
        is left is intended, and the job will not call itself done.
        """
        doomed = tried(self.tenant.id, lambda: self._counted(act))
        if doomed is None:
            return False
        try:
            self.settled &= intents.carry_out(self.tenant.id, doomed)
        except BlobError as error:
            self.failed = self.failed or error
        return True

    def _counted(self, act: Batch) -> list[Intent] | None:
        """One attempt at a batch, with what it counts. Raises LeaseLost."""
        self.counted.clear()
        doomed = act()
        if doomed is not None:
            self.lease.note(self.counted)
        return doomed


Step = Callable[[Running], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of a kind are done.

    Each step does one batch and answers whether to ask it again; ``left`` looks for
    what should be gone and is not, by a word for each. What ends nothing leaves no
    receipt.
    """

    steps: tuple[Step, ...]
    left: Callable[[Running], list[str]]
    has_receipt: bool = True


def run(
    tenant: Tenant, job_id: int, kind: Kind, *, now: datetime, most: int | None = None
) -> Job:
    """Run a job, or go on with one, ``most`` batches of it if stated.

    A job of which more is left then waits. Raises Conflict while another process is at
    it. Never raises for a store that fails: the job is then *partly* done.
    """
    held = lease.take_job(tenant, job_id, states=RUNNABLE, now=now)
    try:
        return _run(held, kind, most)
    except LeaseLost:
        raise
    except (ValvError, DatabaseError, OSError) as error:
        # What an error quotes may be anybody's data: only its kind is logged.
        log.warning("job %s failed: %s", job_id, type(error).__name__)
        return _failed(held)
    except BaseException:
        _give_up(held)
        raise
    finally:
        _number(tenant.id)


def _number(tenant_id: int) -> None:
    try:
        settle(tenant_id)
    except (ValvError, DatabaseError):
        log.debug("the worker will number what this job entered")


def _give_up(held: Lease) -> None:
    try:
        held.give_up(JobState.WAITING)
    except (ValvError, DatabaseError):
        log.warning("a job's lease could not be given back; it will run out")


def _run(held: Lease, kind: Kind, most: int | None) -> Job:
    running = opened(held)
    running.left = most
    for step in kind.steps:
        while True:
            if running.left is not None:
                if running.left <= 0:
                    held.give_up(JobState.WAITING)
                    return found(held.tenant.id, held.row_id)
                running.left -= 1
            if not step(running):
                break
    return _end(running, kind)


def opened(held: Lease) -> Running:
    """Read what is to be done; what a hold kept before is asked again."""
    with scope.writing(held.tenant.id):
        job: Job = held.row()
        items = JobItem.objects.filter(job_id=job.id, state=ItemState.HELD)
        items.update(state=ItemState.WAITING)
        job.report = {k: n for k, n in job.report.items() if k not in PASSING}
        job.save(update_fields=["report"])
    return Running(held, job, who_of(job), options_of(job))


PASSING = ("held", "failed")


def _end(running: Running, kind: Kind) -> Job:
    """Look whether all is gone, and say so, or say why not."""
    tenant_id = running.tenant.id
    finished = intents.finish(tenant_id)
    with scope.reading(tenant_id):
        left = kind.left(running)
        held = _count(running.job.id, ItemState.HELD)
    if running.failed is not None or left or not finished:
        for word in left:
            log.warning("job %s is not done: %s", running.job.id, word)
        return _failed(running.lease)
    if held:
        return _close(running, kind, JobState.PARTLY, held=held)
    if not _mask(running):
        return _failed(running.lease)
    return _close(running, kind, JobState.DONE, held=0)


def _mask(running: Running) -> bool:
    """Let go of whom it was about, in the requests that asked for it too.

    Answers whether that is gone for good.
    """

    def act() -> list[Intent]:
        row = running.lease.row()
        row.sealed = None
        row.save(update_fields=["sealed"])
        asked = PrivacyRequest.objects.filter(job_id=row.id, sealed__isnull=False)
        gone = [row.id, *asked.values_list("id", flat=True)]
        asked.update(sealed=None)
        now = running.now
        return intents.commit(intents.intend(KeyKind.JOB, gone, now=now))

    running.settled = True
    running.batch(act)
    return running.settled


def _close(running: Running, kind: Kind, state: JobState, *, held: int) -> Job:
    """Give the lease back with a receipt, in one transaction."""
    with scope.writing(running.tenant.id):
        row: Job = running.lease.row()
        report = {**row.report, "held": held}
        ended_more = state is JobState.DONE or row.report != running.job.report
        if kind.has_receipt and ended_more:
            receipts.issue(row, state, report, actor=running.actor, now=running.now)
        ended: Job = running.lease.end(state, report)
        return ended


def _failed(held: Lease) -> Job:
    with scope.writing(held.tenant.id):
        row = held.row()
        counted = _count(row.id, ItemState.HELD)
        report = {**row.report, "failed": 1, "held": counted}
        ended: Job = held.end(JobState.PARTLY, report)
        return ended


def _count(job_id: int, *states: ItemState) -> int:
    return JobItem.objects.filter(job_id=job_id, state__in=states).count()


def add_items(
    tenant_id: int, job_id: int, ids: Iterable[int], state: ItemState
) -> None:
    """List interactions of a job, in batches; what is listed stays as it is."""
    listed = sorted(ids)
    for start in range(0, len(listed), LISTED_AT_ONCE):
        with scope.writing(tenant_id):
            JobItem.objects.bulk_create(
                [
                    JobItem(job_id=job_id, interaction_id=id_, state=state)
                    for id_ in listed[start : start + LISTED_AT_ONCE]
                ],
                ignore_conflicts=True,
            )


def found(tenant_id: int, job_id: int) -> Job:
    """The job's row. Raises NotFound."""
    with scope.reading(tenant_id):
        job: Job | None = Job.objects.filter(id=job_id).first()
    if job is None:
        raise NotFound
    return job


def progress_of(job: Job) -> dict[str, int]:
    """How many of its interactions are done, of how many. Inside a scope."""
    counts = {state.name.lower(): _count(job.id, state) for state in ItemState}
    return {"total": sum(counts.values()) - counts["struck"], **counts}


def approve(tenant: Tenant, job_id: int, *, at_night: bool, now: datetime) -> Job:
    """Let a planned job be run: by the next worker, or by the coming night.

    Raises Conflict for one in another state.
    """
    with scope.writing(tenant.id):
        changed = Job.objects.filter(id=job_id, state=JobState.PLANNED).update(
            state=JobState.WAITING, at_night=at_night, approved_at=now
        )
    _raise_unless(changed)
    return found(tenant.id, job_id)


def pause(tenant: Tenant, job_id: int) -> Job:
    """Stop a job before its next batch; it can be gone on with. Raises Conflict."""
    return _stop(tenant, job_id, JobState.PAUSED, JobState.WAITING, JobState.RUNNING)


def go_on(tenant: Tenant, job_id: int) -> Job:
    """Let a paused job go on, or one that is partly done be tried again now."""
    return _stop(tenant, job_id, JobState.WAITING, JobState.PAUSED, JobState.PARTLY)


def may_cancel(job: Job) -> bool:
    """Whether it has not ended, nor begun to forget anybody."""
    return job.gone_at is None and job.state in CANCELLABLE


def cancel(tenant: Tenant, job_id: int) -> Job:
    """End a job that has not begun to forget anybody, and files it made. Or Conflict.

    What was forgotten cannot be brought back, and the rest of it must follow.
    """
    with scope.writing(tenant.id):
        job = found(tenant.id, job_id)
        if job.gone_at is not None:
            raise Conflict("It has begun, and who is forgotten cannot be brought back.")
        _stop(tenant, job_id, JobState.CANCELLED, *CANCELLABLE)
        Job.objects.filter(id=job_id).update(sealed=None)
        now = job.created_at
        ended = intents.intend(KeyKind.JOB, [job_id], now=now)
        ended += prepared.files_ending(Q(job_id=job_id), now=now)
        doomed = intents.commit(ended)
    intents.carry_out(tenant.id, doomed)
    return found(tenant.id, job_id)


def _stop(tenant: Tenant, job_id: int, to: JobState, *states: JobState) -> Job:
    with scope.writing(tenant.id):
        changed = Job.objects.filter(id=job_id, state__in=states).update(
            state=to, runner="", lease_until=None
        )
    _raise_unless(changed)
    return found(tenant.id, job_id)


def _raise_unless(changed: int) -> None:
    if not changed:
        raise Conflict("The job is not in a state in which that can be done.")
