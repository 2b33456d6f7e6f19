"""Counting the days that are due, and telling the tenants' webhooks what got worse."""

from datetime import datetime, timedelta

import msgspec

from valv.core.errors import Malformed
from valv.intake import deliveries
from valv.intake.counting import count_due
from valv.intake.models import Delivery
from valv.intake.patience import Setting, check_address, setting_in_force
from valv.intake.worsening import tell_worse
from valv.sharing.webhook import NotTaken, post
from valv.storage import scope
from valv.tenants.models import Tenant

LOOK_AGAIN = timedelta(minutes=1)


def keep_counting(tenant: Tenant, now: datetime, counted: dict[int, datetime]) -> None:
    """Count what is due, looking once a minute, and lay out the news of it."""
    if now - counted.get(tenant.id, now - LOOK_AGAIN) < LOOK_AGAIN:
        return
    counted[tenant.id] = now
    tell_worse(tenant, count_due(tenant, now=now), now=now)


def tell(tenant: Tenant, *, now: datetime) -> None:
    """Try every delivery of a tenant that is due."""
    found = deliveries.due(tenant, now=now)
    if not found:
        return
    with scope.reading(tenant.id):
        setting = setting_in_force()
    for delivery in found:
        try:
            _send(setting, delivery, now=now)
        except NotTaken as failure:
            deliveries.failed(tenant, delivery, str(failure), now=now)
        else:
            deliveries.taken(tenant, delivery, now=now)


def _send(setting: Setting, delivery: Delivery, *, now: datetime) -> None:
    if not setting.webhook:
        raise NotTaken("no address")
    try:
        check_address(setting.webhook)
    except Malformed:
        raise NotTaken("an address that may not be called") from None
    told = {"id": str(delivery.id), **delivery.body}
    post(setting.webhook, msgspec.json.encode(told), secret=setting.secret, at=now)
