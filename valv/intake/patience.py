"""What a tenant sets about completeness: patience, threshold, and who is told.

The secret that signs what is told is derived from the tenant's key, and stands nowhere.
Refuses an address that news may not be sent to.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from msgspec import to_builtins

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.completeness import Patience
from valv.core.errors import Malformed
from valv.core.interaction import decoded
from valv.core.permissions import Right
from valv.intake.models import CompletenessSetting
from valv.storage import keys, scope
from valv.tenants.access import Caller

LONGEST_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class Setting:
    """What is in force, and who set it when."""

    patience: Patience
    webhook: str
    secret: str
    since: datetime | None = None
    set_by: str = ""


def setting_in_force() -> Setting:
    """That of the tenant whose scope is open."""
    tenant_id = scope.current()
    row = CompletenessSetting.objects.order_by("-id").first()
    if row is None:
        return Setting(Patience(), "", _secret(tenant_id, 1))
    patience = decoded(row.patience, Patience)
    secret = _secret(tenant_id, row.secret_n)
    return Setting(patience, row.webhook, secret, row.since, row.set_by)


def _secret(tenant_id: int, n: int) -> str:
    return keys.digest(tenant_id, "webhook", str(n)).hex()


def set_completeness(
    caller: Caller,
    patience: Patience,
    *,
    webhook: str,
    now: datetime,
    new_secret: bool = False,
) -> None:
    """Put another setting in force, with the secret there is or a new one.

    Raises Forbidden, and Malformed for an address that may not be called.
    """
    caller.require(Right.SETTINGS)
    if webhook:
        check_address(webhook)
    with scope.writing(caller.tenant.id):
        before = CompletenessSetting.objects.order_by("-id").first()
        n = before.secret_n if before else 1
        CompletenessSetting.objects.create(
            patience=to_builtins(patience),
            webhook=webhook,
            secret_n=n + new_secret,
            since=now,
            set_by=caller.actor.name,
        )
        held = {} if before is None else _told(before.patience, before.webhook)
        new = _told(to_builtins(patience), webhook)
        if new_secret:
            held, new = held | {"secret": n}, new | {"secret": n + 1}
        details = setting("completeness", held, new)
        record(Act(Action.SETTING, details=details), actor=caller.actor, now=now)


def _told(patience: dict[str, Any], webhook: str) -> dict[str, Any]:
    """In plain; of where news is sent only the host, for the rest may be a secret."""
    return {**patience, "webhook": urlsplit(webhook).hostname}


def check_address(url: str) -> None:
    """Raise Malformed unless news may be sent there.

    That is https, or http on this very machine; where the operator names hosts, those
    alone, by either.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Malformed("That is no address.", field="webhook") from None
    if len(url) > LONGEST_ADDRESS or not url.isprintable() or " " in url:
        raise Malformed("That is no address.", field="webhook")
    if not host or parts.username is not None:
        raise Malformed("That is no address.", field="webhook")
    named: list[str] = settings.VALV_WEBHOOK_HOSTS
    allowed = host in named if named else parts.scheme == "https" or _is_here(host)
    if parts.scheme not in {"http", "https"} or not allowed:
        raise Malformed("Nothing may be sent there.", field="webhook")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
