"""Taking general information, raw data or the log out as a file: one entry each."""

from datetime import datetime
from typing import Any

from valv.archive.mentions import stated_reason
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.reasons import Needs
from valv.storage import scope
from valv.tenants.access import Caller


def enter_export(
    caller: Caller,
    details: dict[str, Any],
    *,
    reason: str,
    now: datetime,
    content: str | None = None,
) -> None:
    """Enter what is about to be taken out, before the first of it leaves.

    ``content`` is what it is, unless it is general information. Raises ReasonRequired
    where the tenant wants to know why.
    """
    kept = stated_reason(caller.tenant, Needs.EXPORT, reason, now=now)
    with scope.writing(caller.tenant.id):
        act = Act(Action.EXPORT, content=content, reason=kept, details=details)
        record(act, actor=caller.actor, now=now)
