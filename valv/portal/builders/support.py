"""Support access for the pages that show it."""

from collections.abc import Iterable
from datetime import datetime

from valv.archive.log_reading import Line
from valv.portal.builders.log import log_entry
from valv.portal.contexts.interaction import LogEntry
from valv.portal.contexts.support import Grant
from valv.tenants.models import SupportGrant, Tenant
from valv.tenants.support import granted_of


def grant_shown(
    row: SupportGrant, *, now: datetime, tenant: Tenant | None = None
) -> Grant:
    granted = granted_of(row)
    reach = granted.reach
    is_over = row.ended_at is None and row.expires_at <= now
    return Grant(
        number=row.id,
        to=row.name,
        state="over" if is_over else "ended" if row.ended_at else "open",
        reason=row.reason,
        rights=tuple(granted.as_json()["rights"]),
        queues=tuple(sorted(reach.queues or ())),
        interactions=tuple(str(one) for one in sorted(reach.interactions or ())),
        since=reach.since,
        before=reach.until,
        created_at=row.created_at,
        created_by=row.created_by,
        until=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        used_at=row.last_used_at,
        used_by=row.last_used_by,
        tenant=tenant.name if tenant else "",
        tenant_id=row.tenant_id,
    )


def done_shown(lines: Iterable[Line]) -> tuple[LogEntry, ...]:
    return tuple(log_entry(line, linked=True) for line in lines)
