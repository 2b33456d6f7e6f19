"""Restrictions as their page shows them."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _

from valv.core.errors import Conflict, Malformed
from valv.core.moments import local_date, zone_named
from valv.lifecycle.restrictions import Restriction
from valv.portal.contexts.restrictions import (
    OtherMatter,
    RestrictionRow,
    RestrictionsPage,
    RestrictionTyped,
)
from valv.tenants.models import Tenant

A_MOMENT = timedelta(milliseconds=1)


def restrictions_page(
    listed: Iterable[Restriction],
    tenant: Tenant,
    *,
    typed: RestrictionTyped,
    error: Malformed | Conflict | None,
) -> RestrictionsPage:
    rows = [_row(one, tenant) for one in listed]
    return RestrictionsPage(
        standing=tuple(row for row in rows if row.ended_at is None),
        ended=tuple(row for row in rows if row.ended_at is not None),
        typed=typed,
        wrong=_field(error),
        fault=_fault(error),
    )


def _row(seen: Restriction, tenant: Tenant) -> RestrictionRow:
    row, zone = seen.row, zone_named(tenant.timezone)
    ends_at = row.ends_at
    return RestrictionRow(
        id=row.id,
        about=", ".join(seen.about),
        reason=row.reason,
        count=seen.count,
        began_at=row.placed_at,
        began_by=row.placed_by,
        last_day=ends_at and local_date(ends_at - A_MOMENT, zone=zone),
        ended_at=row.released_at,
        ended_by=row.released_by,
        also=tuple(OtherMatter(o.matter, o.owner, o.since) for o in seen.also),
    )


def _field(error: Malformed | Conflict | None) -> str:
    if error is None:
        return ""
    return (error.field if isinstance(error, Malformed) else "") or "phone"


def _fault(error: Malformed | Conflict | None) -> str:
    match error:
        case None:
            return ""
        case Conflict():
            return _("Their processing is restricted already.")
        case Malformed(field="last_day"):
            return _("Choose today or a later day.")
        case _:
            return _("Write whom it is about: a number, an address or a handle.")
