"""The tenant that somebody of the support desk has entered: kept with their session.

Only which grant it is: whether it holds is asked anew by each request.
"""

from datetime import datetime

from django.http import HttpRequest

from valv.core.people import Actor, ActorType
from valv.portal.doors import clock
from valv.tenants import support
from valv.tenants.access import Caller
from valv.tenants.models import User

ENTERED = "support_grant"


def supporting(request: HttpRequest, caller: Caller, user: User) -> Caller:
    """Who asks, by the grant they entered with; at the desk if it holds no more."""
    place = request.session.get(ENTERED)
    if place is not None:
        found = support.caller_by_grant(user, *place, now=clock())
        if found is not None:
            return found
        leave(request)
    actor = Actor(ActorType.SUPPORT, user.name, user.id)
    return Caller(caller.tenant, actor, frozenset())


def enter(
    request: HttpRequest, person: User, tenant_id: int, grant_id: int, *, now: datetime
) -> None:
    """Raises NotFound for what was not granted, or has ended."""
    support.enter(person, tenant_id, grant_id, now=now)
    request.session[ENTERED] = [tenant_id, grant_id]


def leave(request: HttpRequest) -> None:
    request.session.pop(ENTERED, None)
