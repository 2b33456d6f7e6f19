"""Who is asking, and the door they come through.

A ``Caller`` is made once for each request, from a token or a signed-in user, and is the
only thing the rooms above ask about rights.
"""

from dataclasses import dataclass

from valv.core.errors import Forbidden
from valv.core.people import Actor
from valv.core.permissions import Right
from valv.core.reach import EVERYWHERE, Reach
from valv.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone known, in one tenant, with their rights and how far these reach."""

    tenant: Tenant
    actor: Actor
    rights: frozenset[Right]
    reach: Reach = EVERYWHERE

    def may(self, right: Right) -> bool:
        return right in self.rights

    def require(self, right: Right) -> None:
        """Raises Forbidden, naming the right, if the caller lacks it."""
        if right not in self.rights:
            raise Forbidden(f"This needs the right “{right.value}”.")

    def require_everywhere(self, right: Right) -> None:
        """As ``require``, for what cannot be done to a part of the archive.

        Raises Forbidden too for who has the right to some interactions alone.
        """
        self.require(right)
        if not self.reach.is_everywhere:
            raise Forbidden("This needs the whole archive, and you see a part of it.")
