"""Subject access: all that is held about one person, in a package (GDPR 15 and 20).

A prepared file as all others: a page to be read, a vCon of each interaction, recordings
and chat logs, and who came upon them. Who else stands there is left out, but for those
whom somebody looked at and let be named; so is staff, unless it is asked for. What is
restricted (GDPR 18) is in it all the same, for who asks what is held is to be told.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

import msgspec

from valv.archive import sights
from valv.archive.identifiers import reveal
from valv.archive.items import Identifiers, Item
from valv.archive.models import PreparedPart
from valv.archive.sights import Opened
from valv.archive.taking_out import Taken
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.core.interaction import ContentKind, Sender
from valv.core.reach import WHOLE, Reach
from valv.lifecycle.jobs import Kind
from valv.lifecycle.matching import with_names
from valv.lifecycle.models import JobItem
from valv.lifecycle.plans import ItemState
from valv.lifecycle.preparing import Making, facts_of, fill, part_of, still_waiting
from valv.sharing import subject_page
from valv.sharing.archive_zip import Member
from valv.sharing.chat_files import chat_log_xml, transcript_xml
from valv.sharing.subject_page import Held, Sight
from valv.sharing.vcon_file import vcon_of
from valv.storage import scope, spools
from valv.storage.spool import SealedSpool
from valv.tenants.queries import storage_times

INDEX = "index.html"
CAME_UPON = (Action.PLAY, Action.SEE, Action.DOWNLOAD, Action.SEND, Action.SHARE)


@dataclass
class Package(Making):
    """What is known to be the person's, or may be told; the page as it grows."""

    reach: ClassVar[Reach] = WHOLE
    known: frozenset[str] = frozenset()
    page: SealedSpool | None = None
    sights: dict[int, list[Sight]] = field(default_factory=dict)

    def written(self) -> Iterator[Member]:
        """The interactions one after the other, and the page of them all."""
        self.known = self._known()
        with spools.new(digest=spools.Digests()) as self.page:
            self.page.write(self._head())
            yield from Making.written(self)
            self.page.write(subject_page.foot())
            self.page.finish()
            yield Member(INDEX, self.page.chunks())

    def _known(self) -> frozenset[str]:
        running = self.running
        with scope.reading(running.tenant.id):
            ids = with_names([*running.who.ids, *running.options.tell])
            values = reveal(running.tenant.id, ids)
        return frozenset(one.shown for one in values.values())

    def _head(self) -> bytes:
        running = self.running
        with scope.reading(running.tenant.id):
            times = storage_times()
            struck = JobItem.objects.filter(
                job_id=running.job.id, state=ItemState.STRUCK
            ).count()
        about = [one.shown for one in running.who.known]
        return subject_page.head(
            running.tenant,
            about,
            times,
            language=running.options.language,
            left_out=struck,
            now=running.now,
        )

    def parts(self, ids: list[int], taken: Taken) -> list[PreparedPart]:
        """The file ends with their general information as well."""
        self.sights = self._sights(ids)
        bare = [part_of(self.file, id_, 0) for id_ in ids]
        return [*Making.parts(self, ids, taken), *bare]

    def _sights(self, ids: list[int]) -> dict[int, list[Sight]]:
        found: dict[int, list[Sight]] = defaultdict(list)
        entries = Entry.objects.filter(
            interaction_id__in=ids, action__in=[one.value for one in CAME_UPON]
        )
        for one in entries.order_by("at", "id"):
            by = one.actor if self.running.options.name_staff else ""
            sight = Sight(one.at, one.action, one.content or "", one.actor_type, by)
            found[one.interaction_id or 0].append(sight)
        return found

    def told(self, taken: Taken, told: dict[int, Item]) -> Iterator[Member]:
        """A folder for each interaction; what is locked is said on the page."""
        self.members += len(told)
        opened: dict[int, list[Opened]] = defaultdict(list)
        for one in taken.opened:
            opened[one.interaction.id].append(one)
        for id_, item in sorted(told.items()):
            yield from self._one(item, opened[id_], is_locked=id_ in taken.refused)

    def _one(
        self, item: Item, opened: list[Opened], *, is_locked: bool
    ) -> Iterator[Member]:
        shown = cut_others(item, self.known, name_staff=self.running.options.name_staff)
        folder, facts = f"interactions/{item.id}", facts_of(self.running, shown)
        held = Held(shown, folder, is_locked, self.sights.get(int(item.id), []))
        for one in opened:
            n, kind = one.row.n, ContentKind.numbered(one.row.kind)
            if kind is ContentKind.RECORDING:
                name = f"recording-{n}.{one.row.format.removeprefix('x-')}"
                held.recordings[n] = name
                yield Member(f"{folder}/{name}", one.reader.read(), facts)
            elif kind is ContentKind.CHAT_LOG:
                held.chat = sights.chat_log_of(self._without_others(one))
                body = [chat_log_xml(held.chat)]
                yield Member(f"{folder}/chat-log.xml", body, facts)
            else:
                written = sights.transcript_of(self._without_others(one))
                held.transcripts.append(written)
                body = [transcript_xml(written)]
                yield Member(f"{folder}/transcript-{n}.xml", body, facts)
        yield Member(f"{folder}/interaction.vcon", [self._vcon(held)], facts)
        if self.page is not None:
            zone, language = self.running.tenant.timezone, self.running.options.language
            self.page.write(subject_page.section(held, zone=zone, language=language))

    def _vcon(self, held: Held) -> bytes:
        return vcon_of(
            held.item,
            files=held.recordings,
            chat=held.chat,
            transcripts=held.transcripts,
            now=self.running.now,
        )

    def _without_others(self, one: Opened) -> Opened:
        names = {
            sender: name
            for sender, name in one.names.items()
            if name in self.known
            or (sender is Sender.AGENT and self.running.options.name_staff)
        }
        return replace(one, names=names)


def cut_others(item: Item, known: frozenset[str], *, name_staff: bool) -> Item:
    """The item without whom the package is not to name."""
    others = (_cut(one, known) for one in item.others)
    copies = [
        msgspec.structs.replace(one, to=one.to if one.to in known else None)
        for one in item.copies
    ]
    shown = msgspec.structs.replace(
        item,
        identifiers=_cut(item.identifiers, known),
        others=[one for one in others if one != Identifiers()],
        copies=copies,
    )
    return shown if name_staff else _without_staff(shown)


def _cut(who: Identifiers, known: frozenset[str]) -> Identifiers:
    kept = {
        name: value
        for name, value in msgspec.structs.asdict(who).items()
        if value in known
    }
    return Identifiers(**kept)


def _without_staff(item: Item) -> Item:
    contents = [
        one
        if one.removed is None
        else msgspec.structs.replace(
            one, removed=msgspec.structs.replace(one.removed, by="")
        )
        for one in item.contents
    ]
    return msgspec.structs.replace(item, agents=[], contents=contents)


SUBJECT_ACCESS = Kind((partial(fill, make=Package),), still_waiting, has_receipt=False)
