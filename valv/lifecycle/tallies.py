"""What a plan would be done to, counted: with content, without and why, and locked.

Counted over the interactions that the plan lists, in statements that do not grow with
them; what comes between preview and run is told by the job's own results.
"""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from valv.archive.models import Content, Interaction
from valv.archive.taking_out import Take, answers_of, opens
from valv.core.interaction import ContentKind, ContentState
from valv.lifecycle.matching import items_of
from valv.storage import scope
from valv.storage.raw import rows

# Of those without, by the lowest state of what they have: each is counted once.
STATES = (
    "SELECT state, count(*) FROM (SELECT c.interaction_id, min(c.state) AS state"
    " FROM job_item AS j JOIN content AS c ON c.tenant_id = j.tenant_id"
    " AND c.interaction_id = j.interaction_id WHERE j.tenant_id = %s AND j.job_id = %s"
    " AND j.state = 0 AND c.kind IN ({kinds}) GROUP BY c.interaction_id"
    " HAVING sum(CASE WHEN c.state = %s THEN 1 ELSE 0 END) = 0) AS bare GROUP BY state"
)


def tally(job_id: int, take: Take) -> dict[str, int]:
    """``with_content``, ``without_…`` and ``locked``: interactions. Inside a scope."""
    ours = Interaction.objects.filter(id__in=items_of(job_id))
    having = ours.filter(Exists(_there(take.kinds)))
    total, with_content = ours.count(), having.count()
    counts = Counter(with_content=with_content)
    for state, count in _without(job_id, take.kinds).items():
        counts[f"without_{state}"] += count
    told = sum(n for name, n in counts.items() if name != "with_content")
    counts["without_any"] = total - with_content - told
    counts["locked"] = _locked(having, take)
    return {name: count for name, count in counts.items() if count}


def _there(kinds: Sequence[ContentKind]) -> QuerySet[Content]:
    return Content.objects.filter(
        interaction_id=OuterRef("id"),
        kind__in=[kind.number for kind in kinds],
        state=ContentState.PRESENT.number,
    )


def _without(job_id: int, kinds: Sequence[ContentKind]) -> dict[str, int]:
    marks = ", ".join(["%s"] * len(kinds))
    given = [kind.number for kind in kinds]
    present = ContentState.PRESENT.number
    found = rows(STATES.format(kinds=marks), [scope.current(), job_id, *given, present])
    return {ContentState.numbered(state).value: count for state, count in found}


def _locked(having: QuerySet[Interaction], take: Take) -> int:
    """How many are restricted and do not open for what they are taken out for."""
    ids = having.filter(restricted=True).values_list("id", flat=True)
    given = answers_of(ids)
    return sum(not opens(take, given.get(id_, [])) for id_ in ids)
