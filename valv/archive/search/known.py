"""What a search must know of the tenant before anything else, in one statement.

The epoch, in the search's own snapshot; whether there are strays; and the ids of the
exact values asked for, by keyed hash. And whether anything is kept from all readers,
so that a search need not ask it of every row where nothing is.
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
    " EXISTS (SELECT 1 FROM stray WHERE tenant_id = %s),"
    " EXISTS (SELECT 1 FROM hold WHERE tenant_id = %s AND restricts"
    " AND released_at IS NULL)"
)
LOOKUP = (
    " UNION ALL SELECT kind, id, NULL, NULL FROM identifier"
    " WHERE tenant_id = %s AND kind = %s AND hash = %s"
)


@dataclass(frozen=True, slots=True)
class Known:
    """The tenant's epoch, whether it has strays, and ids by kind of identifier.

    ``restricts`` says whether the processing of anybody's data is restricted.
    """

    epoch: int
    has_strays: bool
    restricts: bool
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
    parameters: list[object] = [tenant_id] * 3
    for normal, kind in exact:
        parameters += [tenant_id, kind.number, hash_of(tenant_id, kind, normal)]
    return _known(rows(CONTEXT + LOOKUP * len(exact), parameters))


def _known(found: Sequence[tuple[int, int, bool | None, bool | None]]) -> Known:
    epoch, has_strays, restricts = 0, False, False
    ids: dict[int, set[int]] = defaultdict(set)
    for kind, value, strays, hidden in found:
        if kind == NO_KIND:
            epoch, has_strays, restricts = value, bool(strays), bool(hidden)
        else:
            ids[kind].add(value)
    by_kind = {Kind.numbered(kind): frozenset(found) for kind, found in ids.items()}
    return Known(epoch, has_strays, restricts, by_kind)
