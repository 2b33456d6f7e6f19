"""Holds, restrictions and requests, laid straight into the tables of the one tenant."""

from tests.cast import OPERATOR
from tests.laws.laying import NAME, Laid
from valv.archive.models import Hold, HoldItem, Identifier
from valv.audit.verify import settle
from valv.core.permissions import Right
from valv.core.privacy_requests import RequestKind
from valv.lifecycle import requests
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, Token


def _tenant() -> Tenant:
    with scope.at_the_gate():
        number = Token.objects.values_list("tenant_id", flat=True)[0]
        return Tenant.objects.get(id=number)


def held(laid: Laid, **more: object) -> int:
    """A hold that stands on the call."""
    with scope.writing(_tenant().id):
        about = {"placed_at": laid.at, "complete_at": laid.at, **more}
        hold = Hold.objects.create(name="Case", **about)
        HoldItem.objects.create(hold_id=hold.id, interaction_id=int(laid.call))
        return int(hold.id)


def restricted(laid: Laid) -> int:
    """A restriction of everybody who stands anywhere."""
    with scope.reading(_tenant().id):
        known = Identifier.objects.filter(hash__isnull=False).order_by("id")
        people = [bytes(one.hash or b"").hex() for one in known]
    return held(laid, restricts=True, rule={"people": people})


def restrictions_of(laid: Laid) -> str:
    restricted(laid)
    return "/restrictions"


def requested(laid: Laid) -> str:
    """Where the requests are, of which there is one."""
    caller = Caller(_tenant(), OPERATOR, frozenset(Right))
    kind, day = RequestKind.ERASURE, laid.at.date()
    requests.register(caller, kind, who=NAME, received_on=day, now=laid.at)
    settle(caller.tenant.id)
    return "/privacy-requests"
