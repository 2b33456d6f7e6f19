"""The nightly run of one tenant: what is past its storage time goes.

A run belongs to a local date, starts at that date's first instant and may be repeated.
Its report counts what went, across repetitions; a class that failed is counted in
``failed``, kept, and tried again by the next run.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from valv.archive.models import Interaction, RawEvent, Survey
from valv.core.errors import Busy, Conflict, ValvError
from valv.core.interaction import ContentKind
from valv.core.moments import local_date
from valv.core.people import SYSTEM, Actor
from valv.core.retention import StorageTimes, Stored
from valv.lifecycle import purge, sweep
from valv.lifecycle.models import NightlyRun
from valv.storage import intents, scope
from valv.tenants.models import Tenant
from valv.tenants.queries import storage_times

CLASSES = (
    "general",
    "recordings",
    "chat_logs",
    "transcripts",
    "surveys",
    "raw_events",
    "audit_entries",
    "identifiers",
    "held",
    "failed",
)
LEASE = timedelta(minutes=15)
DONE, RUNNING, PARTLY = "done", "running", "partly"
Step = Callable[[purge.Night, datetime], None]


def _contents(kind: ContentKind) -> Step:
    return lambda night, before: purge.purge_contents(night, kind, before)


STEPS: tuple[tuple[Stored, Step], ...] = (
    (Stored.GENERAL, purge.purge_general),
    (Stored.RECORDINGS, _contents(ContentKind.RECORDING)),
    (Stored.CHAT_LOGS, _contents(ContentKind.CHAT_LOG)),
    (Stored.TRANSCRIPTS, _contents(ContentKind.TRANSCRIPT)),
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
    """Run the night of a date. Raises Conflict while another process runs it."""
    with scope.writing(tenant.id):
        row = _lease(run_date, now=now)
        times = storage_times()
    started = Counter(row.report)
    night = purge.Night(tenant, actor, now, note=_noter(row.id))
    failed = _run_steps(night, times, run_date)
    sweep.sweep(tenant, now=now)
    return _finish(tenant, row.id, failed=failed, now=now, began_with=started)


def _lease(run_date: date, *, now: datetime) -> NightlyRun:
    row = NightlyRun.objects.filter(date=run_date).first()
    if row is not None and row.lease_until is not None and row.lease_until > now:
        raise Conflict("This night's run is under way.")
    if row is None:
        row = NightlyRun(date=run_date, started_at=now)
    row.state, row.lease_until = RUNNING, now + LEASE
    row.save()
    return row


def _noter(run_id: int) -> purge.Note:
    """Add a batch's counts to the stored report, in the batch's own transaction."""

    def note(counts: purge.Counts) -> None:
        row = NightlyRun.objects.get(id=run_id)
        row.report = dict(Counter(row.report) + counts)
        row.save(update_fields=["report"])

    return note


def _run_steps(night: purge.Night, times: StorageTimes, run_date: date) -> int:
    """Take each step; answers how many failed. One that fails stops no other."""
    failed = 0
    steps: list[Callable[[], object]] = [lambda: intents.resume(night.tenant.id)]
    for stored, step in STEPS:
        before = due_before(night.tenant, run_date, times, stored)
        if before is not None:
            steps.append(lambda step=step, before=before: step(night, before))  # type: ignore[misc]
    steps.append(lambda: _all_is_gone(night.tenant))
    for one in steps:
        try:
            one()
        except ValvError:
            failed += 1
    return failed


def _all_is_gone(tenant: Tenant) -> None:
    """Raises Busy while something that was to be destroyed can still be read."""
    if not intents.resume(tenant.id):
        raise Busy("Someone holds the key file open; the next run goes on.")


def _finish(
    tenant: Tenant,
    run_id: int,
    *,
    failed: int,
    now: datetime,
    began_with: purge.Counts,
) -> Report:
    with scope.writing(tenant.id):
        row = NightlyRun.objects.get(id=run_id)
        row.state = PARTLY if failed else DONE
        row.finished_at, row.lease_until = now, None
        row.report = {**row.report, "failed": failed, "held": held_count()}
        row.save()
    went = Counter(row.report)
    went.subtract({k: v for k, v in began_with.items() if k not in ("held", "failed")})
    return Report(row.date, {name: max(0, went[name]) for name in CLASSES})


def held_count() -> int:
    return Interaction.objects.filter(held=True).count()


def preview(
    tenant: Tenant, run_date: date, *, times: StorageTimes | None = None
) -> Report:
    """What the night of a date would take, by class; nothing is changed."""
    with scope.reading(tenant.id):
        wanted = times or storage_times()
        counts = dict.fromkeys(CLASSES, 0)
        counts["held"] = held_count()
        for stored, _ in STEPS:
            before = due_before(tenant, run_date, wanted, stored)
            if before is not None:
                counts[stored.value] = _due(stored, before)
    return Report(run_date, counts)


def _due(stored: Stored, before: datetime) -> int:
    kinds = {name: kind for kind, name in purge.CLASS_OF_KIND.items()}
    if stored.value in kinds:
        due = purge.contents_due(kinds[stored.value], before)
        return due.exclude(interaction_id__in=purge.held_ids()).count()
    if stored is Stored.GENERAL:
        return purge.general_due(before).filter(held=False).count()
    child: Any = Survey if stored is Stored.SURVEYS else RawEvent
    aged = child.objects.filter(aged_from__lt=before)
    return int(aged.exclude(interaction_id__in=purge.held_ids()).count())


def last_run() -> NightlyRun | None:
    """The newest run of the tenant whose scope is open."""
    return NightlyRun.objects.order_by("-date").first()
