"""An interaction in work: what is about to be saved of it, and its sealed text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from valv.archive.flags import Flag
from valv.archive.models import Consent, Interaction, Survey
from valv.archive.text import GENERAL, Text, open_json, seal_json
from valv.core.ids import moment_of
from valv.core.interaction import Registration
from valv.intake.bodies import bodiless
from valv.intake.stated import Bits, Stated
from valv.storage import keys
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant

STRAY = timedelta(hours=24)


@dataclass(slots=True)
class Draft:
    """One interaction in work. What stays None is not changed.

    ``is_cut`` says that its person was forgotten: it takes no identifiers any more, and
    text only while its text key lives. One that ``is_idle`` is not saved. What is
    ``doomed`` is committed with it, and carried out after that.
    """

    tenant_id: int
    row: Interaction
    is_new: bool
    is_cut: bool = False
    is_idle: bool = False
    is_settled: bool = False
    awaits_chat: bool = False
    key: bytes | None = None
    others: list[int] | None = None
    registrations: list[Registration] | None = None
    survey: Survey | None = None
    consents: list[Consent] = field(default_factory=list)
    doomed: list[Intent] = field(default_factory=list)
    agents_before: list[int] = field(default_factory=list)
    had_topics: bool = False
    placed_before: tuple[object, ...] = ()
    started_before: datetime | None = None
    aged_before: datetime | None = None
    told_age_before: datetime | None = None
    terms_before: int = 0

    @property
    def id(self) -> int:
        return int(self.row.id)

    def states(self, bit: Bits) -> bool:
        return bool(self.row.stated & bit)

    @property
    def takes_nobody_in(self) -> bool:
        """Whether it stays with whom it is, or with nobody, whoever is named now."""
        return self.is_cut or self.states(Stated.CORRECTED)

    def settle_age(self, last: datetime) -> None:
        """Age counts from the end; of what never ended, from the ``last`` event."""
        row = self.row
        row.aged_from = max(row.started_at, row.ended_at or last)
        self.is_settled = True

    @property
    def told_age(self) -> datetime:
        """From when its raw events are kept: its end, and its start until it has one.

        So the events that came before are not written anew with each that comes; the
        night asks the interaction itself.
        """
        row = self.row
        age: datetime = row.started_at if row.ended_at is None else row.aged_from
        return age

    def text(self) -> Text:
        """The free text as it stands. Needs the key."""
        if self.row.text is None or self.key is None:
            return Text()
        return open_json(
            bytes(self.row.text),
            Text,
            tenant_id=self.tenant_id,
            interaction_id=self.id,
            key=self.key,
            role=GENERAL,
        )

    def set_text(self, text: Text) -> None:
        """Seal the free text, less any body; without a key it is dropped."""
        if self.key is None:
            return
        text = bodiless(text, self.row)
        self.row.text = None if text.is_empty() else self.sealed(text, GENERAL)
        set_flag(self.row, Flag.TEXT, on=not text.is_empty())

    def sealed(self, value: object, role: str) -> bytes:
        if self.key is None:
            raise RuntimeError("There is no key to seal free text with.")
        return seal_json(
            value,
            tenant_id=self.tenant_id,
            interaction_id=self.id,
            key=self.key,
            role=role,
        )


def set_flag(row: Interaction, flag: Flag, *, on: bool) -> None:
    row.flags = row.flags | int(flag) if on else row.flags & ~int(flag)


def refuse_storage(row: Interaction) -> None:
    """The visitor refused; a name known by the chat log alone goes with it."""
    row.storage_refused = True
    if row.stated & (Stated.NAME | Stated.NAME_IN_LOG) == Stated.NAME_IN_LOG:
        row.name_id = None
        row.stated &= ~int(Stated.NAME_IN_LOG)


Drafts = dict[str, Draft]


def open_texts(tenant: Tenant, drafts: Iterable[Draft]) -> None:
    """Give drafts their text keys, made where there is none; a cut one keeps its own.

    So it does only if its text was kept: what was left in raw data alone is not told
    anew, nor added to.
    Raises IntegrityError if the id is another's after all: it is drawn again.
    """
    listed = list(drafts)
    known = keys.ensure(tenant.id, KeyKind.TEXT, [d.id for d in listed if not d.is_cut])
    kept = (d for d in listed if d.is_cut and d.row.text is not None)
    cut = [d.id for d in kept if not d.states(Stated.STANDING)]
    if cut:
        known |= keys.read(tenant.id, KeyKind.TEXT, cut)
    for draft in listed:
        draft.key = known.get(draft.id)


def is_stray(row: Interaction) -> bool:
    apart = row.started_at - moment_of(row.id)
    return not -STRAY <= apart <= STRAY
