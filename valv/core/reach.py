"""How far somebody's rights reach: which interactions there are for them at all.

A right says what one may do, the reach to which interactions. It narrows a user to some
queues or to the contacts of some agents, and a support person to what was granted. What
lies outside of it does not exist for who asks.
"""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """All that is stated must hold of an interaction; None states nothing.

    ``queues`` are names, ``agents`` the source's ids of whom one must have taken part,
    ``interactions`` ids; it started from ``since`` on and before ``until``. An empty
    set holds of nothing. What is not ``in_use``, for the processing of somebody's data
    is restricted, is there for nobody who reads.
    """

    queues: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    interactions: frozenset[int] | None = None
    since: datetime | None = None
    until: datetime | None = None
    in_use: bool = True

    @property
    def is_everywhere(self) -> bool:
        return self == EVERYWHERE

    def of_agent(self, source_id: str) -> "Reach":
        """The same, and one's own contacts alone; nobody's without an id."""
        own = frozenset({source_id} if source_id else ())
        return replace(self, agents=own if self.agents is None else self.agents & own)


EVERYWHERE = Reach()
# For what holds, forgets and ends restrictions, and shows none of it.
WHOLE = Reach(in_use=False)
