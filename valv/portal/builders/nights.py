"""The nights to come as a picture, and the reports of those behind us."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import ngettext

from valv.core.moments import night_starts_at, zone_named
from valv.core.retention import Stored
from valv.lifecycle.lease import RUNNING
from valv.lifecycle.models import NightlyRun
from valv.lifecycle.queries import Coming
from valv.portal.contexts.reports import NightDay, NightRun, TonightPage
from valv.tenants.models import Tenant


def tonight_page(
    tenant: Tenant, coming: Coming, runs: Iterable[NightlyRun], *, now: datetime
) -> TonightPage:
    """``coming`` begins with the very next night."""
    first = coming.nights[0][0]
    return TonightPage(
        starts_at=night_starts_at(first, zone=zone_named(tenant.timezone)),
        days=tuple(
            NightDay(on, tuple((stored.value, n) for stored, n in counts.items()))
            for on, counts in coming.nights
        ),
        held=coming.held,
        runs=tuple(_run(one, now=now) for one in runs),
    )


def _run(run: NightlyRun, *, now: datetime) -> NightRun:
    counts = run.report
    failed = int(counts.get("failed", 0))
    return NightRun(
        on=run.date,
        state=_state(run, now=now),
        started_at=run.started_at,
        ended_at=run.finished_at,
        taken=tuple((one.value, int(counts.get(one.value, 0))) for one in Stored),
        held=int(counts.get("held", 0)),
        faults=(_fault(failed),) if failed else (),
    )


def _state(run: NightlyRun, *, now: datetime) -> str:
    """A run that was left in the middle has failed, until another takes it up."""
    is_left = run.lease_until is not None and run.lease_until < now
    return "failed" if run.state == RUNNING and is_left else run.state


def _fault(failed: int) -> str:
    said = ngettext(
        "%(shown)s step failed: what it was to take is kept, and tried again.",
        "%(shown)s steps failed: what they were to take is kept, and tried again.",
        failed,
    )
    return said % {"shown": failed}
