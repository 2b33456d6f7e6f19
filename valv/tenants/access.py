"""Who is asking, and the door they come through.

A ``Caller`` is made once for each request, from a token or a signed-in user, and is the
only thing the rooms above ask about rights.
"""

from dataclasses import dataclass

from valv.core.errors import Forbidden
from valv.core.people import Actor
from valv.core.permissions import OF_A_PART, Right
from valv.core.reach import EVERYWHERE, Reach
from valv.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone known, in one tenant, with their rights and how far these reach."""

    tenant: Tenant
    actor: Actor
    rights: frozenset[Right]
    reach: Reach = EVERYWHERE

    def __post_init__(self) -> None:
        """Who sees a part of the archive has no right that is of the whole."""
        if not self.reach.is_everywhere:
            object.__setattr__(self, "rights", self.rights & OF_A_PART)

    def may(self, right: Right) -> bool:
        return right in self.rights

    def require(self, right: Right) -> None:
        """Raises Forbidden, naming the right, if the caller lacks it."""
        if right not in self.rights:
            raise Forbidden(f"This needs the right “{right.value}”.")
