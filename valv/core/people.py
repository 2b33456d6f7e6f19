"""Who acts: the person, token or machine named in the audit log.

An actor is a value. Rights are decided in ``permissions``; this only says who it is.
"""

from dataclasses import dataclass
from enum import StrEnum


class ActorType(StrEnum):
    """The kinds of actor the audit log tells apart."""

    INTERNAL = "internal"
    SUPPORT = "support"
    EXTERNAL = "external"
    API = "api"
    SYSTEM = "system"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; ``id`` is the user's or token's number, where there is one."""

    type: ActorType
    name: str
    id: int | None = None

    @property
    def mark(self) -> str:
        """Who it is: the number if there is one, for a name may be changed."""
        return f"{self.type.value}:{self.name if self.id is None else self.id}"


SYSTEM = Actor(ActorType.SYSTEM, "valv")
