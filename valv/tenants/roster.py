"""The tenant's users as they are shown; staff are people too, so a sight is entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from valv.audit import searches
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import NotFound
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.access_log import last_sign_ins
from valv.tenants.users import Everyone, everyone

LISTED, ONE = "users", "user"


@dataclass(frozen=True, slots=True)
class Roster:
    """Users and groups, and when each user last came in, as far as that is known."""

    everyone: Everyone
    signed_in_at: Mapping[int, datetime]


def list_users(caller: Caller, *, now: datetime) -> Roster:
    """All users; a list, so its entry follows within a second. Raises Forbidden."""
    caller.require(Right.USERS)
    with scope.reading(caller.tenant.id):
        found = _read(caller)
    searches.note(
        caller.tenant.id,
        caller.actor,
        kinds=[LISTED],
        found=len(found.everyone.users),
        capped=False,
        now=now,
    )
    return found


def see_user(caller: Caller, user_id: int, *, now: datetime) -> Roster:
    """The same, to show one of them; entered. Raises Forbidden and NotFound."""
    caller.require(Right.USERS)
    with scope.writing(caller.tenant.id):
        found = _read(caller)
        if user_id not in found.everyone.users:
            raise NotFound
        act = Act(Action.SEE, content=ONE, details={"user": user_id})
        record(act, actor=caller.actor, now=now)
    return found


def _read(caller: Caller) -> Roster:
    return Roster(everyone(caller.tenant), last_sign_ins())
