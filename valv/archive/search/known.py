"""What a search must know of the tenant before anything else, in one statement.

The epoch, in the search's own snapshot; whether there are strays; and the ids of the
exact values asked for, by keyed hash.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from valv.archive.identifiers import hash_of
from valv.core.identifiers import Kind, Pattern
from valv.core.search import SearchRequest
from valv.storage import scope
from valv.storage.raw import rows

NO_KIND = -1
CONTEXT = (
    "SELECT -1, coalesce((SELECT epoch FROM epoch WHERE tenant_id = %s), 0),"
    " EXISTS (SELECT 1 FROM stray WHERE tenant_id = %s)"
)
LOOKUP = (
    " UNION ALL SELECT kind, id, NULL FROM identifier"
    " WHERE tenant_id = %s AND kind = %s AND hash = %s"
)


@dataclass(frozen=True, slots=True)
class Known:
    """The tenant's epoch, whether it has strays, and ids by kind of identifier."""

    epoch: int
    has_strays: bool
    ids: dict[Kind, frozenset[int]]

    def ids_of(self, pattern: Pattern) -> frozenset[int]:
        """Those whom an exact pattern means; none, one, or as many as bear a name."""
        return self.ids.get(pattern.kind, frozenset())


def known_of(request: SearchRequest) -> Known:
    """Read it, as the first statement of the scope that is open."""
    tenant_id = scope.current()
    exact = [
        (alternative.text, pattern.kind)
        for pattern in request.patterns
        if pattern.is_exact
        for alternative in pattern.alternatives
    ]
    parameters: list[object] = [tenant_id, tenant_id]
    for normal, kind in exact:
        parameters += [tenant_id, kind.number, hash_of(tenant_id, kind, normal)]
    return _known(rows(CONTEXT + LOOKUP * len(exact), parameters))


def _known(found: Sequence[tuple[int, int, bool | None]]) -> Known:
    epoch, has_strays = 0, False
    ids: dict[int, set[int]] = defaultdict(set)
    for kind, value, strays in found:
        if kind == NO_KIND:
            epoch, has_strays = value, bool(strays)
        else:
            ids[kind].add(value)
    by_kind = {Kind.numbered(kind): frozenset(found) for kind, found in ids.items()}
    return Known(epoch, has_strays, by_kind)
