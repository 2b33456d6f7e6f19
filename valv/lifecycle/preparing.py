"""Preparing files: the content of many interactions in zips, which die within a day.

A file is made in one go, of as many interactions as it takes; what waits after it goes
into the next. Its parts are entered and listed batch by batch while it is made, its key
is committed when it is whole, in the transaction that looks whether all in it is still
there. Cut short, nothing opens, and the file is made again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar, Final

from django.db.models import Q

from valv.archive import contents, prepared, sights
from valv.archive.contents import Sealing
from valv.archive.items import Item, items
from valv.archive.models import PreparedFile, PreparedPart
from valv.archive.rows import rows_of
from valv.archive.sights import Opened
from valv.archive.taking_out import Taken, take_out
from valv.core.interaction import ContentKind
from valv.core.moments import parse_moment, zone_named
from valv.core.reach import EVERYWHERE, Reach
from valv.lifecycle.batches import tried
from valv.lifecycle.jobs import Kind, Running
from valv.lifecycle.matching import items_of
from valv.lifecycle.models import JobItem
from valv.lifecycle.plans import ItemState, take_of
from valv.sharing.archive_zip import Member, archive_zip
from valv.sharing.chat_files import chat_log_xml, transcript_xml
from valv.sharing.file_names import name_by
from valv.sharing.workbook import Cell, Column
from valv.storage import intents, scope

LIVES: Final = timedelta(hours=24)
BATCH: Final = 100  # interactions; a write transaction stays under 250 ms
MOST_MEMBERS, MOST_BYTES = 5_000, 2 * 1024**3
TITLE: Final = "Contents"
COLUMNS: Final = (
    Column("Id", 22), Column("Session", 38), Column("Media", 8), Column("Started", 20),
    Column("Queue", 20), Column("Agents", 24), Column("Kind", 12), Column("N", 6),
)  # fmt: skip
REMARKS: Final = {
    ItemState.REFUSED: "Restricted: it does not open for this purpose.",
    ItemState.WITHOUT: "There is none, or none any more.",
}


@dataclass
class Making:
    """A file that is being made, and what is in it so far; nothing beyond ``reach``."""

    reach: ClassVar[Reach] = EVERYWHERE
    running: Running
    file: PreparedFile
    members: int = 0
    size: int = 0
    settled: dict[int, ItemState] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return self.members >= MOST_MEMBERS or self.size >= MOST_BYTES

    def written(self) -> Iterator[Member]:
        """Batch after batch, until it is full or nothing waits."""
        last = 0
        while not self.is_full:
            ids = _waiting(self.running, after=last)
            if not ids:
                return
            last = ids[-1]
            yield from self._batch(ids)

    def _batch(self, ids: list[int]) -> Iterator[Member]:
        taken, told = tried(self.running.tenant.id, lambda: self.taken(ids))
        self.size += sum(one.reader.plain_size for one in taken.opened)
        self.settled |= dict.fromkeys(taken.refused, ItemState.REFUSED)
        yield from self.told(taken, told)

    def taken(self, ids: list[int]) -> tuple[Taken, dict[int, Item]]:
        """Enter them, and list them as parts. Raises LeaseLost."""
        running = self.running
        running.lease.note(Counter())
        take = replace(take_of(running.options), reach=self.reach)
        taken = take_out(ids, take, actor=running.actor, now=running.now)
        PreparedPart.objects.bulk_create(self.parts(ids, taken))
        told = items(running.tenant, rows_of(ids, reach=self.reach))
        return taken, {int(item.id): item for item in told}

    def parts(self, ids: list[int], taken: Taken) -> list[PreparedPart]:
        """Whatever the file ends with: the contents in it."""
        return [
            part_of(self.file, one.interaction.id, one.row.id or 0)
            for one in taken.opened
        ]

    def told(self, taken: Taken, told: dict[int, Item]) -> Iterator[Member]:
        """Each content, and a line for each interaction that has none to give."""
        self.members += len(taken.opened)
        self.settled |= dict.fromkeys(taken.without, ItemState.WITHOUT)
        for opened in taken.opened:
            yield _member(self.running, opened, told[opened.interaction.id])
        for id_ in sorted((taken.refused | taken.without) & told.keys()):
            facts, remark = facts_of(self.running, told[id_]), self.settled[id_]
            yield Member("", None, facts, REMARKS[remark])

    def settle(self) -> None:
        """What is in the file is done, what was refused is, too; inside ``writing``."""
        mine = JobItem.objects.filter(job_id=self.running.job.id)
        waiting = mine.filter(state=ItemState.WAITING)
        parts = PreparedPart.objects.filter(file_id=self.file.id)
        inside = parts.values("interaction_id")
        waiting.filter(interaction_id__in=inside).update(state=ItemState.DONE)
        for state in REMARKS:
            ids = [id_ for id_, one in self.settled.items() if one is state]
            for start in range(0, len(ids), BATCH):
                some = ids[start : start + BATCH]
                mine.filter(interaction_id__in=some).update(state=state)


def part_of(file: PreparedFile, interaction_id: int, content_id: int) -> PreparedPart:
    return PreparedPart(
        file_id=file.id, interaction_id=interaction_id, content_id=content_id
    )


def _waiting(running: Running, *, after: int = 0) -> list[int]:
    with scope.reading(running.tenant.id):
        found = items_of(running.job.id, ItemState.WAITING)
        found = found.filter(interaction_id__gt=after).order_by("interaction_id")
        return list(found[:BATCH])


def _member(running: Running, opened: Opened, item: Item) -> Member:
    row, kind = opened.row, ContentKind.numbered(opened.row.kind)
    part, ending = f"{row.n}", row.format.removeprefix("x-")
    if kind is not ContentKind.RECORDING:
        part, ending = f"{kind.value.replace('_', '-')}-{row.n}", "xml"
    name = name_by(
        running.tenant.file_names,
        item,
        started_at=row.started_at or opened.interaction.started_at,
        zone=zone_named(running.tenant.timezone),
        part=part,
    )
    facts = facts_of(running, item, kind.value, row.n)
    return Member(f"{name}.{ending}", body_of(opened, kind), facts)


def body_of(opened: Opened, kind: ContentKind) -> Iterator[bytes]:
    """Its bytes as they leave, read when it is their turn."""
    match kind:
        case ContentKind.CHAT_LOG:
            yield chat_log_xml(sights.chat_log_of(opened))
        case ContentKind.TRANSCRIPT:
            yield transcript_xml(sights.transcript_of(opened))
        case ContentKind.RECORDING:
            yield from opened.reader.read()


def facts_of(
    running: Running, item: Item, kind: str = "", n: int | None = None
) -> tuple[Cell, ...]:
    at = parse_moment(item.started_at).astimezone(zone_named(running.tenant.timezone))
    agents = ", ".join(item.agents)
    when = f"{at:%Y-%m-%d %H:%M:%S}"
    return item.id, item.session_id, item.media, when, item.queue, agents, kind, n


def fill(running: Running, make: type[Making] = Making) -> bool:
    """Make one file of what waits; whether there was anything."""
    if not _waiting(running):
        return False
    sealing = contents.begin(running.tenant.id, now=running.now)
    making = make(running, _laid(running, sealing.id))
    try:
        chunks = archive_zip(making.written(), COLUMNS, title=TITLE)
        sealing = contents.store_file(sealing, chunks)
        (sealing,) = contents.promise([sealing], now=running.now)
        kept = admit(making, sealing)
    except BaseException:
        contents.abandon(sealing)
        raise
    if not kept:
        contents.abandon(sealing)
        forsake(running, Q(id=sealing.id))
        with scope.writing(running.tenant.id):
            PreparedPart.objects.filter(file_id=sealing.id).delete()
    return True


def _laid(running: Running, file_id: int) -> PreparedFile:
    """A file that is begun; what another process began of this job is no more."""
    forsake(running, Q(job_id=running.job.id, blob=""))
    with scope.writing(running.tenant.id):
        running.lease.note(Counter())
        made = PreparedFile.objects.filter(job_id=running.job.id)
        return PreparedFile.objects.create(
            id=file_id,
            job_id=running.job.id,
            n=(made.order_by("-n").values_list("n", flat=True).first() or 0) + 1,
            created_at=running.now,
            expires_at=running.now + LIVES,
        )


def forsake(running: Running, which: Q) -> None:
    running.batch(lambda: intents.commit(prepared.files_ending(which, now=running.now)))


def admit(making: Making, sealing: Sealing) -> bool:
    """Let it open, unless anything in it went meanwhile, or nothing is in it.

    Raises LeaseLost, and Busy.
    """
    running, file = making.running, making.file
    with scope.writing(running.tenant.id):
        if not making.members:
            making.settle()
            return False
        stands = PreparedFile.objects.filter(id=file.id).update(
            blob=sealing.blob,
            stored_bytes=sealing.stored_bytes,
            members=making.members,
            expires_at=running.now + LIVES,
        )
        if not stands:
            return False
        running.lease.note(Counter(files=1, contents=making.members))
        making.settle()
        contents.redeem(sealing)
    return True


def still_waiting(running: Running) -> list[str]:
    """Inside a scope."""
    waits = items_of(running.job.id, ItemState.WAITING).exists()
    return ["interactions"] if waits else []


DOWNLOAD = Kind((fill,), still_waiting, has_receipt=False)
