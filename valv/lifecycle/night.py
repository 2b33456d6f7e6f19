"""What each step of a night shares: whose it is, its batches, counts and entries."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Busy
from valv.core.moments import local_date
from valv.core.people import Actor
from valv.core.retention import StorageTimes, Stored
from valv.lifecycle.alone import Alone
from valv.lifecycle.batches import tried
from valv.lifecycle.unused import remove_unused
from valv.storage import intents
from valv.storage.blobs.contract import BlobError
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.surveys import kept_scores
from valv.tenants.models import Tenant

Counts = Counter[str]
Note = Callable[[Counts], None]
Batch = list[Intent] | None


@dataclass(frozen=True, slots=True)
class Night:
    """Whose data, by whom and when; ``note`` stores a batch's counts with it.

    ``times`` are the general ones that it purges by, read once.
    """

    tenant: Tenant
    actor: Actor
    now: datetime
    note: Note
    times: StorageTimes = field(default_factory=StorageTimes)


def in_batches(
    night: Night, batch: Callable[[Night], Batch], *, most: int | None = None
) -> None:
    """Batch by batch until there is nothing more, or ``most`` are done.

    Raises Busy once two in a row took nothing of what they found: one may have met a
    hold that was just laid, and the other is not asked for ever.

    What a few batches intend is carried out together, also where a later one fails. A
    blob store that fails keeps nobody's data longer: the keys are destroyed, what is
    left is intended, and the error is raised when all batches are through.
    """
    ending = _Ending(night.tenant.id)
    taking = _Taking(night)
    done = 0
    try:
        while most is None or done < most:
            doomed = tried(night.tenant.id, lambda: batch(taking.night))
            if doomed is None:
                break
            done += 1
            ending.add(doomed)
            taking.check()
    finally:
        ending.carry_out()
    if ending.failed is not None:
        raise ending.failed


class _Taking:
    """Whether batches take anything: counts that they note, seen as they pass."""

    def __init__(self, night: Night) -> None:
        self.night = replace(night, note=self._note)
        self._told, self._has_taken, self._was_idle = night.note, False, False

    def _note(self, counts: Counts) -> None:
        self._has_taken |= any(counts.values())
        self._told(counts)

    def check(self) -> None:
        """Raises Busy where neither this batch nor the one before took anything."""
        is_idle = not self._has_taken
        if is_idle and self._was_idle:
            raise Busy("What is due was not taken; the next run looks again.")
        self._has_taken, self._was_idle = False, is_idle


@dataclass(slots=True)
class _Ending:
    """What committed batches intend and was not carried out yet."""

    tenant_id: int
    waiting: list[Intent] = field(default_factory=list)
    failed: BlobError | None = None

    def add(self, doomed: list[Intent]) -> None:
        self.waiting += doomed
        if sum(len(one.object_ids) for one in self.waiting) >= intents.AT_ONCE:
            self.carry_out()

    def carry_out(self) -> None:
        doomed, self.waiting = self.waiting, []
        try:
            intents.carry_out(self.tenant_id, doomed)
        except BlobError as error:
            self.failed = error


def unused(night: Night, touched: Iterable[int], counts: Counts) -> list[Intent]:
    """Drop the identifiers that nothing points at now; what it takes to end them."""
    gone = remove_unused(touched)
    counts["identifiers"] += len(gone)
    return intents.intend(KeyKind.IDENTIFIER, gone, now=night.now)


def keep_scores(night: Night, interaction_ids: Iterable[int]) -> None:
    """Count the scores of surveys that are about to go, where those are kept."""
    if night.times.scores == 0:
        return
    zone = ZoneInfo(night.tenant.timezone)
    today = local_date(night.now, zone=zone)
    since = Alone(Stored.SCORES, zone).before(night.times, today)
    kept_scores.keep(interaction_ids, since=since, zone=zone)


def finish(night: Night, counts: Counts) -> None:
    """Count what a batch did, and enter it in the log."""
    night.note(counts)
    record(act_of(counts), actor=night.actor, now=night.now)


def act_of(counts: Counts) -> Act:
    return Act(Action.PURGE, details={name: n for name, n in counts.items() if n})
