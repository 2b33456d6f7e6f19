"""General information that a source states: applied to an interaction in work.

What is absent stays, what is null is cleared, and both win over what events tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from valv.archive import sessions
from valv.archive.models import Interaction
from valv.archive.sessions import LONGEST_OUTCOME, stored_agent, stored_word
from valv.archive.text import Text
from valv.archive.topics import Named, named
from valv.archive.vocabulary import agent_ids, known_agents, known_queues, queue_ids
from valv.core.answers import restricts
from valv.core.consent import denies_recording
from valv.core.errors import Malformed
from valv.core.identifiers import Kind
from valv.core.ids import first_id_at
from valv.core.interaction import AgentRef, Direction, General, Media, Registration
from valv.core.masked import masked_general
from valv.intake.bodies import set_medium
from valv.intake.drafts import Draft
from valv.intake.minimising import minimise
from valv.intake.parties import (
    NOBODY,
    UNKNOWN,
    Known,
    Read,
    know,
    looked_up,
    read_party,
)
from valv.intake.stated import NOTHING, TEXTS, Bits, Stated, stated_in
from valv.tenants.models import Tenant
from valv.tenants.queries import masking_of

COLUMN = {kind: f"{kind.value}_id" for kind in Kind}


@dataclass(frozen=True, slots=True)
class Statement:
    """General information read and checked, with nothing left that could be wrong."""

    general: General
    stated: Bits
    person: Read
    others: tuple[Read, ...] = ()


def read_statement(
    tenant: Tenant, general: General, *, unstated: Bits = NOTHING
) -> Statement:
    """Check what is stated, mask it, and bring names to what may be kept in plain.

    The only way from general information to what is kept. Raises Malformed, naming
    the field.
    """
    general = masked_general(general, masking_of(tenant))
    for name in ("started_at", "ended_at"):
        check_moment(getattr(general, name), field=name)
    return Statement(
        plain(tenant, general),
        stated_in(general) & ~unstated,
        read_party(tenant, general.identifiers),
        tuple(read_party(tenant, party) for party in general.others or ()),
    )


def check_moment(at: object, *, field: str) -> None:
    """Raise Malformed for a time that no id could carry."""
    if isinstance(at, datetime):
        try:
            first_id_at(at)
        except Malformed as error:
            raise Malformed(error.detail, field=field) from None


def plain(tenant: Tenant, general: General) -> General:
    """The same, with nothing that leads to somebody in what is kept unsealed."""
    changed: dict[str, object] = {}
    if general.agents:
        changed["agents"] = tuple(stored_agent(tenant, a) for a in general.agent_refs)
    if general.queue:
        changed["queue"] = stored_word(tenant, general.queue)
    if general.outcome:
        changed["outcome"] = stored_outcome(tenant, general.outcome)
    if general.registration:
        changed["registration"] = tuple(
            stored_registration(tenant, one) for one in general.registration
        )
    return replace(general, **changed) if changed else general


def stored_outcome(tenant: Tenant, outcome: str) -> str:
    """Raises Malformed for one that is longer than is kept."""
    if len(outcome) > LONGEST_OUTCOME:
        raise Malformed(
            f"An outcome has at most {LONGEST_OUTCOME} characters.", field="outcome"
        )
    return sessions.stored_outcome(tenant, outcome)


def stored_registration(tenant: Tenant, one: Registration) -> Registration:
    category = stored_word(tenant, one.category) if one.category else None
    return replace(one, topic=stored_word(tenant, one.topic), category=category)


def state(tenant: Tenant, draft: Draft, statement: Statement, *, now: datetime) -> None:
    """Apply a statement. Inside the ``writing`` scope; raises Malformed."""
    general = statement.general
    _state(draft, statement, Words.of([general]))
    people = _people(draft, statement)
    if not draft.is_cut:
        known = know(tenant, people, now=now) if people else []
        if any(one.standing for one in known):
            minimise(draft, now=now)
        else:
            _state_people(draft, statement, known)
    if statement.stated & TEXTS:
        draft.set_text(merged_text(draft.text(), general, only=statement.stated))


def state_known(tenant: Tenant, draft: Draft, statement: Statement) -> None:
    """As ``state``, with what is known already: nothing is made, the text is left.

    Whatever is not known gets an id that nothing has. Inside a scope.
    """
    _state(draft, statement, Words.known([statement.general]))
    if not draft.is_cut:
        _state_people(draft, statement, looked_up(tenant, _people(draft, statement)))


def _state(draft: Draft, statement: Statement, words: "Words") -> None:
    general, row = statement.general, draft.row
    apply_fields(draft, general, words, only=statement.stated)
    row.stated |= int(statement.stated)
    if row.ended_at is not None and row.ended_at < row.started_at:
        raise Malformed("It ended before it started.", field="ended_at")
    heed(row, general.variables or {})


@dataclass(frozen=True, slots=True)
class Words:
    """Queues and agents by the source's names, as ids."""

    queues: Mapping[str, int]
    agents: Mapping[str, int]

    @classmethod
    def of(cls, listed: list[General], agents: Iterable[AgentRef] = ()) -> "Words":
        """Find or make all that are mentioned; inside a ``writing`` scope."""
        queues = {general.queue for general in listed if general.queue}
        named: dict[str, str] = {}
        refs = (ref for general in listed for ref in general.agent_refs)
        for ref in (*agents, *refs):
            named[ref.id] = ref.name or named.get(ref.id, "")
        return cls(
            queue_ids(queues) if queues else {}, agent_ids(named) if named else {}
        )

    @classmethod
    def known(cls, listed: list[General]) -> "Words":
        """All that are mentioned; one that is not known is ``UNKNOWN``."""
        queues = {general.queue for general in listed if general.queue}
        agents = {ref.id for general in listed for ref in general.agent_refs}
        return cls(
            dict.fromkeys(queues, UNKNOWN) | known_queues(queues),
            dict.fromkeys(agents, UNKNOWN) | known_agents(agents),
        )

    def agents_of(self, refs: tuple[AgentRef, ...]) -> list[int]:
        return list(dict.fromkeys(self.agents[ref.id] for ref in refs))


def apply_fields(draft: Draft, general: General, words: Words, *, only: Bits) -> None:
    """Set the fields in ``only``; what is unset or None among them is cleared."""
    row = draft.row
    if only & Stated.STARTED_AT:
        row.started_at = general.started_at
    if only & Stated.MEDIA and general.media is not UNSET:
        set_medium(row, general.media)
    if only & Stated.DIRECTION:
        row.direction = (general.direction or Direction.INBOUND).number
    if only & Stated.ENDED_AT:
        row.ended_at = general.ended_at or None
    if only & Stated.QUEUE:
        row.queue_id = words.queues[general.queue] if general.queue else None
    if only & Stated.AGENTS:
        row.agent_ids = words.agents_of(general.agent_refs)
    _apply_plain(draft, general, only)


def _apply_plain(draft: Draft, general: General, only: Bits) -> None:
    row = draft.row
    if only & Stated.WAIT_SECONDS:
        row.wait_seconds = _number(general.wait_seconds)
    if only & Stated.TALK_SECONDS:
        row.talk_seconds = _number(general.talk_seconds)
    if only & Stated.OUTCOME:
        row.outcome = general.outcome or None
    if only & Stated.RESTRICTED:
        restricts_it = bool(row.stated & Stated.RESTRICTS)
        row.restricted = restricts_it or general.restricted is True
    if only & Stated.REGISTRATION:
        draft.registrations = _each_once(general.registration or ())


def _each_once(picked: Iterable[Registration]) -> list[Registration]:
    """Every topic as it was first picked."""
    first: dict[Named, Registration] = {}
    for one in picked:
        first.setdefault(named(one), one)
    return list(first.values())


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _people(draft: Draft, statement: Statement) -> list[tuple[int, Read]]:
    """Whom it names, the first and the others; nobody at all if it names none.

    The first stays who it is where somebody put that right.
    """
    first = {} if draft.states(Stated.CORRECTED) else statement.person
    people = [(draft.id, read) for read in (first, *statement.others)]
    return people if any(read for _, read in people) else []


def _state_people(draft: Draft, statement: Statement, known: list[Known]) -> None:
    set_person(draft, known[0] if known else NOBODY)
    if statement.stated & Stated.OTHERS:
        draft.others = [id_ for one in known[1:] for id_ in one.ids.values() if id_]


def set_person(draft: Draft, known: Known) -> None:
    """Point the interaction at someone's identifiers, those that are mentioned."""
    for kind, id_ in known.ids.items():
        setattr(draft.row, COLUMN[kind], id_)
    if Kind.PHONE in known.ids:
        draft.row.withheld = known.withheld


def merged_text(text: Text, general: General, *, only: Bits) -> Text:
    """The free text with the fields in ``only`` replaced."""
    changed: dict[str, object] = {}
    if only & Stated.SUBJECT:
        changed["subject"] = general.subject or None
    if only & Stated.URL:
        changed["url"] = general.url or None
    if only & Stated.VARIABLES:
        given = general.variables or {}
        changed["variables"] = {k: v for k, v in given.items() if v is not None}
    return replace(text, **changed)


def heed(row: Interaction, variables: Mapping[str, object]) -> None:
    """What variables say of recording and re-use; neither is ever taken back."""
    row.deny_recording |= denies_recording(variables)
    if restricts(variables):
        restrict(row)


def restrict(row: Interaction) -> None:
    """Mark it as restricted, for good: no later word takes it back."""
    row.stated |= int(Stated.RESTRICTS)
    row.restricted = True


def media_of(draft: Draft) -> Media:
    return Media.numbered(draft.row.media)
