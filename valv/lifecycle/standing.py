"""Standing entries: after a forgetting, nothing is kept of who gets in touch again.

Made by the job that forgets, for so many days; listed, and ended by hand or by the
night. An entry tells nobody's number: to end one is to trust the job it is of.
"""

from datetime import datetime, timedelta
from typing import Any

from valv.archive.standing import standing_hash
from valv.archive.standing_models import StandingEntry
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Malformed, NotFound
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.lifecycle.jobs import Running
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

MOST_DAYS = 3650
BEGUN, ENDED = "standing", "standing_ended"


def checked_days(days: int) -> int:
    """Raises Malformed for what is not 0 (none) to ten years."""
    if not 0 <= days <= MOST_DAYS:
        raise Malformed(f"It is 0 to {MOST_DAYS} days.", field="standing_days")
    return days


def stand(running: Running) -> int:
    """Lay entries for whom the job forgets, once; answers how many.

    One that was ended by hand stays so, however often the job is gone on with.
    Inside the transaction that forgets them.
    """
    tenant_id, days = running.tenant.id, running.options.standing_days
    known = running.who.known if days else ()
    hashes = [standing_hash(tenant_id, one.kind, one.normal) for one in known]
    if not hashes or running.job.report.get("standing"):
        return 0
    StandingEntry.objects.filter(hash__in=hashes).delete()  # the new one is told later
    StandingEntry.objects.bulk_create(
        StandingEntry(
            hash=one,
            until=running.now + timedelta(days=days),
            job_id=running.job.id,
            created_at=running.now,
            created_by=running.actor.name[:200],
        )
        for one in hashes
    )
    details = {"job": str(running.job.id), "entries": len(hashes), "days": days}
    act = Act(Action.FORGET, content=BEGUN, details=details)
    record(act, actor=running.actor, now=running.now)
    return len(hashes)


def entries(caller: Caller, *, now: datetime) -> list[StandingEntry]:
    """Those that stand, the newest first; they tell nobody. Raises Forbidden."""
    caller.require(Right.PRIVACY)
    with scope.reading(caller.tenant.id):
        found = StandingEntry.objects.filter(until__gt=now).order_by("-id")
        return list(found)


def end_entry(caller: Caller, number: int, *, now: datetime) -> None:
    """End an entry: who gets in touch again is somebody new. Raises NotFound."""
    caller.require(Right.PRIVACY)
    with scope.writing(caller.tenant.id):
        row = StandingEntry.objects.filter(id=number).first()
        if row is None:
            raise NotFound
        row.delete()
        act = Act(Action.FORGET, content=ENDED, details={"job": str(row.job_id)})
        record(act, actor=caller.actor, now=now)


def drop_over(tenant: Tenant, *, now: datetime) -> None:
    """What the night does: entries whose time is over go."""
    with scope.writing(tenant.id):
        StandingEntry.objects.filter(until__lte=now).delete()


def shown_entry(row: StandingEntry) -> dict[str, Any]:
    """As it is answered to machines."""
    return {
        "id": str(row.id),
        "job": str(row.job_id),
        "since": format_moment(row.created_at),
        "until": format_moment(row.until),
        "by": row.created_by,
    }
