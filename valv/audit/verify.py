"""Whether the log is whole: every number from 1 on, save those the purges account for.

That is all that can be said so far. Proofs that no entry was altered (a Merkle tree
with signed checkpoints) are not made yet, and nothing here claims them.
"""

from dataclasses import dataclass

from django.db.models import Count, Max, Min

from valv.audit import searches
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import BATCH, sequence
from valv.storage import scope
from valv.storage.raw import rows


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first number that is not as it should be, and why."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``size`` entries are numbered, ``pending`` wait for their number."""

    ok: bool
    size: int
    pending: int
    first_bad: Flaw | None


def settle(tenant_id: int) -> None:
    """Give all entries that wait their number, searches of this process included."""
    searches.flush()
    while sequence(tenant_id) >= BATCH:
        pass


def verify(tenant_id: int) -> Verdict:
    """Look through the tenant's log for the first flaw.

    Entries go with the interactions they are of, and the purge's own entry says how
    many; if more numbers are missing than that, the first missing one is the flaw.
    """
    settle(tenant_id)
    with scope.reading(tenant_id):
        numbered = Entry.objects.filter(seq__isnull=False)
        found = numbered.aggregate(size=Count("id"), low=Min("seq"), high=Max("seq"))
        pending = Entry.objects.filter(seq=None).count()
        missing = (found["high"] or 0) - found["size"]
        flaw = _flaw(found["low"] or 1, missing=missing)
    return Verdict(flaw is None, found["size"], pending, flaw)


def _flaw(lowest: int, *, missing: int) -> Flaw | None:
    if lowest < 1:
        return Flaw(lowest, "A number before the first.")
    if missing > _purged():
        return Flaw(_first_gap(), "An entry is missing that no purge accounts for.")
    return None


def _purged() -> int:
    """How many entries the purges say they took."""
    purges = Entry.objects.filter(action=Action.PURGE.value)
    told = purges.values_list("details", flat=True).iterator()
    return sum(details.get("audit_entries", 0) for details in told)


def _first_gap() -> int:
    found = rows(
        "SELECT min(before) FROM (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq)"
        " AS before FROM audit_entry WHERE tenant_id = %s AND seq IS NOT NULL) AS pairs"
        " WHERE seq <> before + 1",
        [scope.current()],
    )
    return int(found[0][0]) + 1
