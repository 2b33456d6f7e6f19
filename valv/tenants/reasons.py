"""Which acts need a reason in a tenant, and which reasons are proposed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.people import Actor
from valv.core.reasons import Needs, checked, checked_proposals
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.tenants.models import Tenant

NAME = "reasons"


@dataclass(frozen=True, slots=True)
class Reasons:
    """The acts that need a reason, and the reasons to choose from."""

    required: tuple[Needs, ...] = ()
    proposed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        required = [one.value for one in self.required]
        return {"required": required, "proposed": list(self.proposed)}


def reasons_of(tenant: Tenant) -> Reasons:
    """What is in force."""
    required = tuple(Needs(one) for one in tenant.reasons_required.split())
    return Reasons(required, tuple(tenant.reasons_proposed.splitlines()))


def stated(tenant: Tenant, act: Needs, reason: str) -> str:
    """The reason for an act; whom it names is still to be put by reference.

    Raises ReasonRequired where the tenant asks for one, and Malformed for what is not
    one line.
    """
    return checked(reason, required=act in reasons_of(tenant).required)


def set_reasons(
    tenant: Tenant,
    *,
    required: Iterable[Needs],
    proposed: Iterable[str],
    actor: Actor,
    now: datetime,
) -> Reasons:
    """Ask for reasons from now on, of these acts; it is entered if it changes anything.

    Raises Malformed for reasons that cannot be proposed, or lead to somebody.
    """
    wanted = set(required)
    listed = tuple(one for one in Needs if one in wanted)
    new = Reasons(listed, checked_proposals(proposed))
    for one in new.proposed:
        refuse_traces(one, region=tenant.region, field="proposed")
    columns = {
        "reasons_required": " ".join(one.value for one in new.required),
        "reasons_proposed": "\n".join(new.proposed),
    }
    with scope.writing(tenant.id):
        before = reasons_of(Tenant.objects.get(id=tenant.id))
        if new != before:
            Tenant.objects.filter(id=tenant.id).update(**columns)
            details = setting(NAME, before.as_json(), new.as_json())
            record(Act(Action.SETTING, details=details), actor=actor, now=now)
    for name, value in columns.items():
        setattr(tenant, name, value)
    return new
