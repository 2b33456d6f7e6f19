"""The worker: numbers the audit log, finishes what a crash left, keeps the nights.

It may run in several processes at once: each step takes its own lock or lease, and
doing it twice changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

from django.db import DatabaseError, connections

from valv.audit.publishing import is_due, publish
from valv.audit.queries import is_waiting
from valv.audit.tree import sequence
from valv.core import shapes
from valv.core.errors import Busy, Conflict, ValvError
from valv.core.people import SYSTEM
from valv.intake.chats import close_left
from valv.intake.quieting import quieten_left
from valv.jobs.completeness import keep_counting, tell
from valv.lifecycle import lease, nightly
from valv.lifecycle.files import end_old_files
from valv.lifecycle.kinds import run_waiting
from valv.lifecycle.sorting import sort_left
from valv.lifecycle.undecided import destroy_undecided
from valv.sharing.link_ends import end_over
from valv.storage import intents, scope
from valv.tenants import support
from valv.tenants.models import Tenant
from valv.tenants.queries import log_keepers

TICK_SECONDS = 1.0
RETRY = timedelta(minutes=10)
LOOK, LEFT = timedelta(minutes=1), timedelta(minutes=5)
ASIDE_SECONDS = 5.0
log = logging.getLogger("valv.work")

Clock = Callable[[], datetime]


def work(clock: Clock, stop: Event) -> None:
    """Work until told to stop; a step that fails is tried again."""
    _for_each_tenant("resume", lambda tenant: intents.resume(tenant.id))
    _for_each_tenant("contents", lambda tenant: _finish_contents(tenant, clock()))
    shapes.look_through()
    Thread(target=_work_aside, args=(clock, stop), daemon=True).start()
    tried: dict[int, datetime] = {}
    sent: dict[int, datetime] = {}
    looked: dict[int, datetime] = {}
    while not stop.wait(TICK_SECONDS):
        _for_each_tenant("sequence", _number_entries)
        _for_each_tenant("jobs", lambda tenant: run_waiting(tenant, now=clock()))
        _for_each_tenant(
            "undecided", lambda tenant: end_undecided(tenant, clock(), looked)
        )
        _for_each_tenant(
            "checkpoint", lambda tenant: send_checkpoint(tenant, clock(), sent)
        )
        _for_each_tenant("night", lambda tenant: keep_night(tenant, clock(), tried))


def _work_aside(clock: Clock, stop: Event) -> None:
    """What takes its time: nothing else waits for it, nor for who is told."""
    counted: dict[int, datetime] = {}
    while not stop.wait(ASIDE_SECONDS):
        _for_each_tenant(
            "count", lambda tenant: keep_counting(tenant, clock(), counted)
        )
        _for_each_tenant("tell", lambda tenant: tell(tenant, now=clock()))
        _for_each_tenant(
            "files", lambda tenant: run_waiting(tenant, now=clock(), preparing=True)
        )
        _for_each_tenant("sort", lambda tenant: sort_left(tenant, now=clock()))
    connections.close_all()


def _for_each_tenant(step: str, act: Callable[[Tenant], object]) -> None:
    try:
        for tenant in log_keepers():
            _act(step, lambda: act(tenant))  # noqa: B023 - called at once
    except DatabaseError as error:
        log.warning("step %s could not begin: %s", step, type(error).__name__)


def _act(step: str, act: Callable[[], object]) -> None:
    try:
        act()
    except (Busy, Conflict):
        log.debug("step %s waits", step)
    except (ValvError, DatabaseError) as error:
        log.warning("step %s failed: %s", step, type(error).__name__)


def _finish_contents(tenant: Tenant, now: datetime) -> None:
    """Put together chats whose end was noted just before a crash; silence pauses."""
    close_left(tenant, actor=SYSTEM, now=now)
    quieten_left(tenant, actor=SYSTEM, now=now)


def _number_entries(tenant: Tenant) -> None:
    """Give waiting entries their numbers, and take no write lock when none waits."""
    with scope.reading(tenant.id):
        waiting = is_waiting()
    if waiting:
        sequence(tenant.id)


def send_checkpoint(tenant: Tenant, now: datetime, sent: dict[int, datetime]) -> None:
    """Once a day, write the signed root of the log out to where it is kept."""
    if now - sent.get(tenant.id, now - RETRY) >= RETRY and is_due(tenant.id, now):
        sent[tenant.id] = now
        publish(tenant.id, tenant.slug, now=now)


def end_undecided(tenant: Tenant, now: datetime, looked: dict[int, datetime]) -> None:
    """Once a minute, destroy what has waited a day for its decision.

    And end links and files whose time is over, and finish what a process left that died
    alone, as one of a server's may.
    """
    if now - looked.get(tenant.id, now - LOOK) < LOOK:
        return
    looked[tenant.id] = now
    _finish_contents(tenant, now)
    intents.resume(tenant.id, before=now - LEFT)
    destroy_undecided(tenant, now=now)
    end_over(tenant, now=now)
    end_old_files(tenant, now=now)
    support.end_over(tenant, now=now)


def keep_night(tenant: Tenant, now: datetime, tried: dict[int, datetime]) -> None:
    """Run the tenant's night once its date has begun, and again until it is done.

    The night that has begun takes all that earlier, missed ones would have taken.
    """
    if now - tried.get(tenant.id, now - RETRY) < RETRY:
        return
    date = nightly.today(tenant, now)
    with scope.reading(tenant.id):
        last = nightly.last_run()
    if last is not None and last.date >= date and last.state == lease.DONE:
        return
    tried[tenant.id] = now
    _finish_contents(tenant, now)
    report = nightly.run(tenant, date, now=now)
    log.info("night of %s, tenant %s: %s", date, tenant.id, report.counts)
