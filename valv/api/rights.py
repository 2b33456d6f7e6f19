"""Rights: what all users inherit, and the shapes in which each level is told.

What is stated is what one level says; what is effective is what comes of the levels,
each right with the level that decided.
"""

from typing import Annotated

from msgspec import Meta, Struct

from valv.api.endpoint import Call, endpoint
from valv.core.errors import Malformed
from valv.core.inheritance import (
    MOST_GROUPS,
    MOST_QUEUES,
    Effective,
    Level,
    Stated,
    effective,
)
from valv.core.interaction import Word
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.rights import read
from valv.tenants.users import state_for_all

LONGEST_ID = 18


class RightsStated(Struct, frozen=True, forbid_unknown_fields=True):
    """What one level says. A right in neither list, and a filter of null, is inherited.

    `queues` are names, `groups` ids of user groups, meaning the contacts of their
    agents. An empty filter lets nothing through.
    """

    grant: tuple[Right, ...] = ()
    deny: tuple[Right, ...] = ()
    queues: Annotated[tuple[Word, ...], Meta(max_length=MOST_QUEUES)] | None = None
    groups: Annotated[tuple[Word, ...], Meta(max_length=MOST_GROUPS)] | None = None

    def as_stated(self) -> Stated:
        """Raises Malformed."""
        return Stated(
            grant=tuple(sorted(set(self.grant))),
            deny=tuple(sorted(set(self.deny))),
            queues=self.queues,
            groups=None if self.groups is None else tuple(map(group_id, self.groups)),
        )


class RightShown(Struct, frozen=True):
    """Whether a right is held, and which level said so; null: nobody did.

    `idle` is stated and without effect, since it is of the whole archive and its holder
    is let to a part.
    """

    right: Right
    held: bool
    by: Level | None
    idle: bool


class EffectiveShown(Struct, frozen=True):
    """What comes of the levels. A filter of null lets to all; `own` to one's own."""

    rights: tuple[RightShown, ...]
    queues: tuple[str, ...] | None
    queues_by: Level | None
    groups: tuple[str, ...] | None
    groups_by: Level | None
    own: bool


class RightsOfAll(Struct, frozen=True):
    """What all users inherit."""

    stated: RightsStated
    effective: EffectiveShown


def group_id(text: str) -> int:
    """Raises Malformed for what is no number of a user group."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID):
        raise Malformed("There is no such group.", field="group")
    return int(text)


def stated_shown(stated: Stated) -> RightsStated:
    groups = None if stated.groups is None else tuple(map(str, stated.groups))
    return RightsStated(stated.grant, stated.deny, stated.queues, groups)


def effective_shown(found: Effective) -> EffectiveShown:
    held = found.rights
    return EffectiveShown(
        rights=tuple(
            RightShown(right, right in held, by, is_stated and right not in held)
            for right, (is_stated, by) in found.decided.items()
        ),
        queues=found.queues,
        queues_by=found.queues_by,
        groups=None if found.groups is None else tuple(map(str, found.groups)),
        groups_by=found.groups_by,
        own=found.is_own,
    )


@endpoint("GET", "/rights", right=Right.USERS, answers={200: RightsOfAll})
def show_rights_of_all(call: Call) -> RightsOfAll:
    """Show what all users inherit whose group says nothing else, and they neither."""
    return _of_all(call)


@endpoint(
    "PUT", "/rights", right=Right.USERS, body=RightsStated, answers={200: RightsOfAll}
)
def put_rights_of_all(call: Call) -> RightsOfAll:
    """State what all users inherit, from everybody's next request on.

    Nobody gives a right they lack. 409 where nobody would be left who sees to users.
    """
    stated = call.json(RightsStated).as_stated()
    state_for_all(call.caller, stated, now=call.now)
    return _of_all(call)


def _of_all(call: Call) -> RightsOfAll:
    with scope.reading(call.caller.tenant.id):
        tenant = Tenant.objects.get(id=call.caller.tenant.id)
    stated = read(tenant.stated)
    comes = effective({Level.TENANT: stated})
    return RightsOfAll(stated_shown(stated), effective_shown(comes))
