"""Support access: what is granted, granting, changing, ending it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from valv.api.endpoint import Answer, Call, endpoint
from valv.core.errors import Malformed
from valv.core.ids import id_from_text
from valv.core.interaction import Line
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.core.support import Granted
from valv.tenants import support
from valv.tenants.models import SupportGrant

Shown = dict[str, Any]


class GrantAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to let in (`person` by its number, or `team`), to what, and until when.

    Null queues, interactions (by id) and times mean all; `since` is inclusive, `before`
    exclusive.
    """

    rights: tuple[Line, ...]
    until: datetime
    reason: Line
    person: int | None = None
    team: Line = ""
    queues: tuple[Line, ...] | None = None
    interactions: tuple[Line, ...] | None = None
    since: datetime | None = None
    before: datetime | None = None

    def granted(self) -> Granted:
        """Raises Malformed."""
        known = {one.value for one in Right}
        if not set(self.rights) <= known:
            raise Malformed("There is no such right.", field="rights")
        interactions = self.interactions
        reach = Reach(
            queues=None if self.queues is None else frozenset(self.queues),
            interactions=None
            if interactions is None
            else frozenset(map(id_from_text, interactions)),
            since=_aware(self.since),
            until=_aware(self.before),
        )
        rights = frozenset(Right(name) for name in self.rights)
        until = _aware(self.until) or self.until
        return Granted(rights, reach, until, self.reason)


def _aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise Malformed("A time states its offset.", field="until")
    return at


def _shown(row: SupportGrant) -> Shown:
    return {
        "id": str(row.id),
        "name": row.name,
        "person": row.person_id,
        "team": row.team or None,
        **support.granted_of(row).as_json(),
        "reason": row.reason,
        "created_at": format_moment(row.created_at),
        "created_by": row.created_by,
        "ended_at": row.ended_at and format_moment(row.ended_at),
        "last_used_at": row.last_used_at and format_moment(row.last_used_at),
    }


def _all(call: Call) -> dict[str, Shown]:
    return {str(row.id): _shown(row) for row in support.grants(call.caller)}


@endpoint("GET", "/support-grants", right=Right.SUPPORT, answers={200: Shown})
def show_support_grants(call: Call) -> Shown:
    """Show whom support access was granted, newest first, and who may be let in."""
    people = [
        {"person": one.id, "name": one.name, "team": one.team}
        for one in support.supporters()
    ]
    return {"items": list(_all(call).values()), "supporters": people}


@endpoint(
    "POST",
    "/support-grants",
    right=Right.SUPPORT,
    body=GrantAsked,
    answers={201: Shown},
)
def grant_support_access(call: Call) -> Answer:
    """Let a person or a team of the operator's support in, for at most 30 days."""
    asked = call.json(GrantAsked)
    made = support.grant(
        call.caller,
        asked.granted(),
        person=asked.person,
        team=asked.team,
        now=call.now,
    )
    return Answer(_all(call)[str(made)], 201)


@endpoint(
    "PUT",
    "/support-grants/{grant}",
    right=Right.SUPPORT,
    body=GrantAsked,
    answers={200: Shown},
)
def change_support_access(call: Call, grant: str) -> Shown:
    """Change what is granted, from the next request on; whom to stays as it is."""
    asked = call.json(GrantAsked)
    number = id_from_text(grant)
    support.change_grant(call.caller, number, asked.granted(), now=call.now)
    return _all(call)[grant]


@endpoint("DELETE", "/support-grants/{grant}", right=Right.SUPPORT, answers={204: None})
def end_support_access(call: Call, grant: str) -> None:
    """End it at once, on the next request in every process."""
    support.end_grant(call.caller, id_from_text(grant), now=call.now)
