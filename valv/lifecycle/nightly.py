"""The nightly run of one tenant: what is past its storage time goes.

A run belongs to a local date, starts at that date's first instant and may be repeated.
Its report counts what went, across repetitions; a class that failed is counted in
``failed``, kept, and tried again by the next run.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from valv.archive.models import Interaction
from valv.core.errors import Busy, Malformed, ValvError
from valv.core.moments import local_date
from valv.core.people import SYSTEM, Actor
from valv.core.retention import KIND_OF, StorageTimes, Stored
from valv.core.storage_rules import AppliesTo, StoragePolicy
from valv.lifecycle import (
    by_rule,
    holds,
    kinds,
    lease,
    orphans,
    purge,
    requests,
    restrictions,
    standing,
    sweep,
)
from valv.lifecycle.due import Due, kept_by
from valv.lifecycle.files import end_old_files
from valv.lifecycle.foreseen import Foreseen, foreseen
from valv.lifecycle.former_users import pseudonymise_due
from valv.lifecycle.lease import DONE, PARTLY, Lease, LeaseLost
from valv.lifecycle.models import NightlyRun
from valv.lifecycle.night import Counts, Night
from valv.lifecycle.sorting import sort_left
from valv.lifecycle.undecided import destroy_undecided
from valv.lifecycle.whole import purge_general
from valv.sharing.link_ends import end_over
from valv.storage import intents, keys, months, scope
from valv.tenants.access_log import purge_accesses
from valv.tenants.models import Tenant
from valv.tenants.sign_ins import clear_sessions
from valv.tenants.storage_changes import put_due
from valv.tenants.storage_terms import book

log = logging.getLogger("valv.nightly")

CLASSES = (
    "general",
    "recordings",
    "restricted",
    "chat_logs",
    "transcripts",
    "surveys",
    "raw_events",
    "log_entries",
    "scores",
    "audit_entries",
    "identifiers",
    "held",
    "failed",
)
Act = Callable[[], object]
Step = Callable[[Night, Due], None]


def _contents(stored: Stored) -> Step:
    return lambda night, due: purge.purge_contents(night, stored, due)


STEPS: tuple[tuple[Stored, Step], ...] = (
    (Stored.GENERAL, purge_general),
    *((stored, _contents(stored)) for stored in KIND_OF),
    (Stored.SURVEYS, purge.purge_surveys),
    (Stored.RAW_EVENTS, purge.purge_raw_events),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What one night did to one tenant, or would do."""

    date: date
    counts: dict[str, int]

    @property
    def is_whole(self) -> bool:
        return not self.counts.get("failed")

    def as_json(self) -> dict[str, Any]:
        return {"date": self.date.isoformat(), **self.counts}


def today(tenant: Tenant, now: datetime) -> date:
    """The tenant's local date."""
    return local_date(now, zone=ZoneInfo(tenant.timezone))


def due_before(
    tenant: Tenant, run_date: date, times: StorageTimes, stored: Stored
) -> datetime | None:
    """What ended before this moment goes; None if nothing ever does."""
    zone = ZoneInfo(tenant.timezone)
    return times.due_before(stored, run_date=run_date, zone=zone)


def run(
    tenant: Tenant, run_date: date, *, now: datetime, actor: Actor = SYSTEM
) -> Report:
    """Run the night of a date, or go on with it.

    Raises Conflict while another process runs one, and Malformed for a night that has
    not begun: what is due then may still be wanted today.
    """
    if run_date > today(tenant, now):
        raise Malformed("That night has not begun.", field="date")
    held = lease.take(tenant, run_date, now=now)
    try:
        return _run(held, run_date, actor)
    except BaseException:
        _give_up(held)
        raise


def _give_up(held: Lease) -> None:
    try:
        held.give_up()
    except (ValvError, DatabaseError):
        log.warning("a night's lease could not be given back; it will run out")


def _run(held: Lease, run_date: date, actor: Actor) -> Report:
    tenant = held.tenant
    with scope.reading(tenant.id):
        started = Counter(held.row().report)
        earlier = NightlyRun.objects.filter(
            state=DONE, finished_at__lte=held.now - sweep.AGE
        )
        before = earlier.order_by("-finished_at").first()
    night = Night(tenant, actor, held.now, note=held.note)
    failed = _take(held, _beforehand(night))
    failed += _take(held, _purges(night, run_date))
    suspects: list[int] = []
    failed += _take(held, _looking_after(night, before, suspects))
    return _finish(held, failed=failed, suspects=suspects, began_with=started)


def _take(held: Lease, steps: list[tuple[str, Act]]) -> int:
    """Take each step; answers how many failed. One that fails stops no other."""
    failed = 0
    for name, step in steps:
        try:
            held.renew()
            step()
        except LeaseLost:
            raise
        except (ValvError, DatabaseError, OSError) as error:
            # What an error quotes may be anybody's data: only its kind is logged.
            log.warning("step %s failed: %s", name, type(error).__name__)
            failed += 1
    return failed


def _beforehand(night: Night) -> list[tuple[str, Act]]:
    tenant, now, actor = night.tenant, night.now, night.actor
    return [
        ("resume", lambda: intents.resume(tenant.id)),
        ("undecided", lambda: destroy_undecided(tenant, now=now, actor=actor)),
        (
            "restrictions",
            lambda: restrictions.end_over(tenant, now=now, actor=actor),
        ),
        ("holds", lambda: holds.lift(tenant, now=now, actor=actor)),
        ("named", lambda: holds.keep_named(tenant, now=now)),
        ("jobs", lambda: _run_jobs(tenant, now)),
        ("files", lambda: end_old_files(tenant, now=now)),
        ("standing", lambda: standing.drop_over(tenant, now=now)),
        ("requests", lambda: requests.tidy(tenant, now=now)),
        ("links", lambda: end_over(tenant, now=now, actor=actor)),
        ("storage_change", lambda: put_due(tenant, actor=actor, now=now)),
        ("storage_rules", lambda: sort_left(tenant, now=now)),
    ]


def _purges(night: Night, run_date: date) -> list[tuple[str, Act]]:
    """What is not sorted by the newest rules is not looked at: it stays."""
    tenant = night.tenant
    zone = ZoneInfo(tenant.timezone)
    with scope.reading(tenant.id):
        terms = book()
    times = terms.policy.times
    night = replace(night, times=times)
    steps: list[tuple[str, Act]] = []
    for stored, step in STEPS:
        dues = (kept.due(stored, run_date, zone) for kept in kept_by(terms))
        steps += [
            (stored.value, _bound(step, by_rule.noting(night, due), due))
            for due in dues
            if due is not None
        ]
    for name, stored, act in (
        ("log_entries", Stored.LOG_ENTRIES, purge.purge_log),
        ("scores", Stored.SCORES, purge.purge_scores),
        ("forsaken", Stored.GENERAL, purge.purge_forsaken),
    ):
        before = due_before(tenant, run_date, times, stored)
        if before is not None:
            steps.append((name, partial(act, night, before)))
    steps.append(("access_log", lambda: purge_accesses(tenant, now=night.now)))
    steps.append(("sessions", lambda: clear_sessions(now=night.now)))
    return steps


def _run_jobs(tenant: Tenant, now: datetime) -> None:
    """What was left to the night, and plans and jobs that are old. Raises Busy."""
    kinds.drop_old(tenant, now=now)
    if not kinds.run_waiting(tenant, now=now, at_night=True):
        raise Busy("A job could not be done; the worker tries it again.")


def _bound(step: Step, night: Night, due: Due) -> Act:
    return lambda: step(night, due)


def _looking_after(
    night: Night, before: NightlyRun | None, suspects: list[int]
) -> list[tuple[str, Act]]:
    """What a crash or a fault left; and whether all that was to go is gone."""
    tenant, now = night.tenant, night.now
    since = None if before is None else before.started_at
    suspected = [] if before is None else before.suspects
    return [
        ("staff", lambda: pseudonymise_due(tenant, actor=night.actor, now=now)),
        ("orphans", lambda: _remove_orphans(night)),
        ("sweep", lambda: sweep.sweep(tenant, now=now, since=since)),
        (
            "texts",
            lambda: suspects.extend(sweep.sweep_texts(tenant, suspects=suspected)),
        ),
        ("gone", lambda: _all_is_gone(tenant)),
        ("months", lambda: months.drop_empty(before=now.astimezone(UTC).date())),
        ("vacuum", keys.vacuum),
    ]


def _remove_orphans(night: Night) -> None:
    gone = orphans.remove_orphans(night.tenant.id, actor=night.actor, now=night.now)
    if gone:
        log.warning("rows without their interaction were removed: %s", dict(gone))


def _all_is_gone(tenant: Tenant) -> None:
    """Raises Busy while something that was to be destroyed can still be read."""
    if not intents.resume(tenant.id):
        raise Busy("Someone holds the key file open; the next run goes on.")


def _finish(
    held: Lease, *, failed: int, suspects: list[int], began_with: Counts
) -> Report:
    with scope.writing(held.tenant.id):
        report = {**held.row().report, "failed": failed, "held": held_count()}
        row = held.end(PARTLY if failed else DONE, report, suspects=suspects)
    went = Counter(row.report)
    went.subtract({k: v for k, v in began_with.items() if k not in ("held", "failed")})
    return Report(row.date, {name: max(0, went[name]) for name in CLASSES})


def held_count() -> int:
    return Interaction.objects.filter(held=True).count()


def preview(
    tenant: Tenant,
    run_date: date,
    policy: StoragePolicy | None = None,
    applies_to: AppliesTo = AppliesTo.EXISTING,
) -> Report:
    """What the night of a date would take, by class; nothing is changed.

    With a ``policy``: what it would take if that was in force.
    """
    with scope.reading(tenant.id):
        return report_of(run_date, foreseen(tenant, run_date, policy, applies_to))


def report_of(run_date: date, classes: Mapping[Stored, Foreseen]) -> Report:
    """What is foreseen of a night, as it would report that. Inside a scope."""
    counts = {stored.value: one.count for stored, one in classes.items()}
    counts["held"] = held_count()
    return Report(run_date, dict.fromkeys(CLASSES, 0) | counts)


def last_run() -> NightlyRun | None:
    """The newest run of the tenant whose scope is open."""
    return NightlyRun.objects.order_by("-date").first()
