"""One interaction as its page shows it: the item, its journey, and who has looked.

Seeing it is one act with one entry, in the transaction that reads; nothing that was
said is read. Raw events of a person forgotten are not, as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from valv.archive import contents, lock, mentions, queries, vocabulary
from valv.archive import people as people_of
from valv.archive.access import readable_interaction
from valv.archive.identifiers import epoch
from valv.archive.items import Item, item_of
from valv.archive.kept import KeptPart, parts_kept
from valv.archive.models import Agent, Content, Interaction, RawEvent
from valv.archive.raw_events import nameless_event, open_body
from valv.archive.raw_listing import forgotten_in
from valv.archive.storage_terms import terms_of
from valv.archive.text import text_keys
from valv.audit.models import Entry
from valv.audit.queries import entries_of
from valv.core.errors import NotFound
from valv.core.events import Event
from valv.core.ids import id_from_text
from valv.core.interaction import ContentKind, ContentState
from valv.core.journey import Journey, journey_of
from valv.core.legs import RecordingRef, facts_of
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.purposes import Use
from valv.core.recording import Manual
from valv.storage import scope
from valv.tenants.access import Caller


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one content, and of the interaction it is part of.

    ``uses`` is what the caller may open it for, where it is restricted; ``manual`` the
    agent's start that a recording came of, as far as events tell.
    """

    row: Content
    agent: str
    held: bool
    restricted: bool
    uses: tuple[Use, ...] = ()
    manual: Manual | None = None

    @property
    def state(self) -> ContentState:
        return ContentState.numbered(self.row.state)

    @property
    def seconds(self) -> float | None:
        """How long it is, or was; of what nobody is shown, not even that."""
        hidden = contents.is_secret(self.row) or self.state is ContentState.REFUSED
        return None if hidden else self.row.seconds


@dataclass(frozen=True, slots=True)
class Detail:
    """An interaction's item and what stands around it on its page.

    ``journey`` is None where no raw event is held or may be read; ``agents`` are names
    by the source's id; ``looked`` is None for who may not read the audit log.
    """

    item: Item
    updated_at: datetime
    aged_from: datetime
    kept: list[KeptPart]
    parts: list[Part]
    journey: Journey | None
    agents: Mapping[str, str]
    looked: list[Entry] | None
    has_raw_events: bool = False


def see_detail(caller: Caller, interaction_id: str, *, now: datetime) -> Detail:
    """See one interaction with its page: one audit entry for each call.

    Raises Forbidden, or NotFound for what is not there or not the caller's.
    """
    with scope.writing(caller.tenant.id):
        item = queries.see(caller, interaction_id, now=now)
        row = readable_interaction(caller, interaction_id)
        events = _readable_events(row)
        journey = journey_of(events) if events else None
        return Detail(
            item=item,
            updated_at=row.updated_at,
            aged_from=row.aged_from,
            kept=_kept(caller, row),
            parts=[_with_start(part, events) for part in _parts(caller, row)],
            journey=journey,
            agents=_names_by_source(journey),
            looked=entries_of(row.id) if caller.may(Right.AUDIT) else None,
            has_raw_events=RawEvent.objects.filter(interaction_id=row.id).exists(),
        )


def life_of_one(caller: Caller, interaction_id: str) -> tuple[str, datetime]:
    """Its state, and when it was last changed: nobody's data, so no sight is entered.

    Raises Forbidden, or NotFound for what is not there or not the caller's.
    """
    with scope.reading(caller.tenant.id):
        row = readable_interaction(caller, interaction_id)
        return item_of(caller.tenant, row).state, row.updated_at


def part_of(caller: Caller, interaction_id: str, kind: ContentKind, n: int) -> Part:
    """What is known of one content, for one who may see general information.

    Raises Forbidden; NotFound for what never was there.
    """
    for part in parts_of(caller, interaction_id):
        if (part.row.kind, part.row.n) == (kind.number, n):
            return part
    raise NotFound


def parts_of(caller: Caller, interaction_id: str) -> list[Part]:
    """What is known of all content, likewise. Raises Forbidden, or NotFound."""
    number = id_from_text(interaction_id)
    with scope.reading(caller.tenant.id):
        return _parts(caller, readable_interaction(caller, number))


def _parts(caller: Caller, interaction: Interaction) -> list[Part]:
    rows = contents.rows_of([interaction.id])
    mentions.spell_out(caller.tenant.id, rows, "removed_reason")
    ids = [row.agent_id for row in rows if row.agent_id is not None]
    names = vocabulary.agent_names(ids) if ids else {}
    held, restricted = bool(interaction.held), bool(interaction.restricted)
    uses = lock.uses_of(caller, interaction)
    return [
        Part(row, names.get(row.agent_id or 0, ""), held, restricted, uses)
        for row in rows
    ]


def _with_start(part: Part, events: Sequence[Event]) -> Part:
    row = part.row
    if row.kind != ContentKind.RECORDING.number or not events:
        return part
    facts = facts_of(events, RecordingRef(row.n, started_at=row.started_at))
    return replace(part, manual=facts.manual)


def _kept(caller: Caller, row: Interaction) -> list[KeptPart]:
    zone = zone_named(caller.tenant.timezone)
    return parts_kept(terms_of(row), row, ended_at=row.aged_from, zone=zone)


def _readable_events(row: Interaction) -> list[Event]:
    return [] if row.anonymised_at is not None else _events(row)


def _events(row: Interaction) -> list[Event]:
    stored = list(RawEvent.objects.filter(interaction_id=row.id))
    key = text_keys(row.tenant_id, [row.id]).get(row.id) if stored else None
    if key is None or _is_forgotten(row):
        return []
    found = []
    for one in stored:
        if one.body:
            body = open_body(
                bytes(one.body),
                tenant_id=row.tenant_id,
                interaction_id=row.id,
                key=key,
            )
            made = nameless_event(
                body, session_id=row.session_id, type_=one.type, at=one.at
            )
            found.append(made)
    return found


def _is_forgotten(row: Interaction) -> bool:
    people = people_of.of(row.tenant_id, epoch=epoch())
    return bool(forgotten_in(people, [row.id]))


def _names_by_source(journey: Journey | None) -> dict[str, str]:
    ids = [agent.id for agent in journey.agents] if journey else []
    if not ids:
        return {}
    found = Agent.objects.filter(source_id__in=ids)
    return dict(found.values_list("source_id", "name"))
