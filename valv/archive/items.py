"""An interaction as it is shown: the value behind every list, page and export.

A page of rows becomes a page of items in a number of queries that does not grow with
the rows. What was forgotten is nowhere in it, from the commit that forgot it: if any
identifier of an interaction no longer opens, none is shown, and no free text either.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast

from msgspec import Struct

from valv.archive import people as people_of
from valv.archive.evidence_models import NOBODY_ANY_MORE
from valv.archive.identifiers import epoch
from valv.archive.models import Interaction
from valv.archive.parts import (
    ConsentRow,
    ContentItem,
    CopyRow,
    OtherRow,
    Parts,
    RegistrationItem,
    SurveyRow,
    parts_of,
)
from valv.archive.people import People
from valv.archive.rows import (
    Row,
    moment_text,
    moment_text_or_none,
    row_of,
    whole_or_decimal,
)
from valv.archive.text import (
    COMMENT,
    GENERAL,
    Asked,
    Text,
    asked_role,
    open_json,
    text_keys,
)
from valv.core.answers import Answer, How, Purpose
from valv.core.identifiers import Kind
from valv.core.interaction import Direction, Media
from valv.core.life import life_of
from valv.tenants.models import Tenant

MEDIA = [media.value for media in Media]
DIRECTIONS = [direction.value for direction in Direction]
PURPOSES = [purpose.value for purpose in Purpose]
ANSWERS = [answer.value for answer in Answer]
HOWS = [how.value for how in How]
KINDS = [kind.value for kind in Kind]
NO_TEXT = Text()


class Identifiers(Struct, frozen=True):
    """Someone outside, as shown."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None
    handle: str | None = None


class SurveyItem(Struct, frozen=True):
    """What the person thought of it."""

    score: int | float | None
    scale: tuple[int, int]
    comment: str | None
    at: str


class ConsentItem(Struct, frozen=True):
    """What was asked, what was answered, and how; null where it was not told."""

    purpose: str
    answer: str
    how: str
    at: str
    question: str | None
    version: str | None


class CopyItem(Struct, frozen=True):
    """A copy of the chat log by e-mail; ``sent_at`` is null for one that failed."""

    asked_at: str
    sent_at: str | None
    to: str | None


class Item(Struct, frozen=True):
    """One interaction: its general information, and which content there is or was.

    ``state`` is the value of a ``core.life.Life``.
    """

    id: str
    session_id: str
    media: str
    direction: str
    started_at: str
    ended_at: str | None
    queue: str | None
    agents: list[str]
    wait_seconds: int | float | None
    talk_seconds: int | float | None
    outcome: str | None
    identifiers: Identifiers
    others: list[Identifiers]
    subject: str | None
    url: str | None
    variables: dict[str, str]
    contents: list[ContentItem]
    survey: SurveyItem | None
    registration: list[RegistrationItem]
    restricted: bool
    held: bool
    anonymised_at: str | None
    state: str
    consents: list[ConsentItem]
    copies: list[CopyItem]

    @property
    def withheld(self) -> bool:
        """Whether there was a caller who did not wish to be known; no field of JSON."""
        return False


class WithheldItem(Item, frozen=True):
    """An interaction with a caller who did not wish to be known."""

    @property
    def withheld(self) -> bool:
        return True


NOBODY = Identifiers()


def items(
    tenant: Tenant, page: Sequence[Row], *, people: People | None = None
) -> list[Item]:
    """The items of a page, in its order. Inside a scope.

    ``people`` is given by whoever has read the epoch in this scope already.
    """
    if not page:
        return []
    if people is None:
        people = people_of.of(tenant.id, epoch=epoch())
    parts = parts_of(page)
    shown = people.shown(_identifier_ids(page, parts))
    there = frozenset((None, NOBODY_ANY_MORE, *shown))
    texts = _Texts(tenant.id, page, parts)
    return [
        _item(row, agents, parts, Open(shown, there), texts)
        for row, agents in zip(page, parts.agents, strict=True)
    ]


def item_of(tenant: Tenant, interaction: Interaction) -> Item:
    """One interaction that was fetched by itself. Inside a scope."""
    return items(tenant, [row_of(interaction)])[0]


def _identifier_ids(page: Sequence[Row], parts: Parts) -> set[int]:
    ids = {id_ for row in page for id_ in row.identifier_ids if id_ is not None}
    ids.update(other.id for listed in parts.others.values() for other in listed)
    ids.update(c.identifier_id for listed in parts.copies.values() for c in listed)
    return ids


class _Texts:
    """The free text of a page, opened with keys that were read at once."""

    def __init__(self, tenant_id: int, page: Sequence[Row], parts: Parts) -> None:
        wanted = [row.id for row in page if row.text is not None]
        surveys = parts.surveys.items()
        wanted += [id_ for id_, survey in surveys if survey.comment is not None]
        wanted += parts.consents
        self._tenant_id = tenant_id
        self._keys = text_keys(tenant_id, set(wanted)) if wanted else {}

    def general(self, row: Row) -> Text:
        key = self._keys.get(row.id)
        if row.text is None or key is None:
            return NO_TEXT
        return open_json(
            row.text,
            Text,
            tenant_id=self._tenant_id,
            interaction_id=row.id,
            key=key,
            role=GENERAL,
        )

    def comment(self, interaction_id: int, sealed: bytes | None) -> str | None:
        key = self._keys.get(interaction_id)
        if sealed is None or key is None:
            return None
        return open_json(
            sealed,
            str,
            tenant_id=self._tenant_id,
            interaction_id=interaction_id,
            key=key,
            role=COMMENT,
        )

    def consent(
        self, interaction_id: int, row: ConsentRow, *, is_cut: bool
    ) -> ConsentItem:
        key = None if is_cut else self._keys.get(interaction_id)
        asked = Asked()
        if row.sealed is not None and key is not None:
            asked = open_json(
                row.sealed,
                Asked,
                tenant_id=self._tenant_id,
                interaction_id=interaction_id,
                key=key,
                role=asked_role(row.event, row.purpose),
            )
        return ConsentItem(
            PURPOSES[row.purpose],
            ANSWERS[row.answer],
            HOWS[row.how],
            moment_text(row.at),
            asked.question,
            asked.version,
        )


class Open(NamedTuple):
    """Whom a page may show, and whom its rows may point at and be shown whole."""

    shown: Mapping[int, str]
    there: frozenset[int | None]


def _item(
    row: Row, agents: list[str], parts: Parts, people: Open, texts: _Texts
) -> Item:
    id_, shown = row.id, people.shown
    others = parts.others.get(id_, ())
    copies = parts.copies.get(id_, ())
    # Who was forgotten a moment ago: the text goes next, and is hidden until then.
    is_going = not _all_open(row, others, copies, people.there)
    is_cut = is_going or row.anonymised_at is not None
    text = NO_TEXT if is_going or row.text is None else texts.general(row)
    made = WithheldItem if row.withheld else Item
    contents = parts.contents.get(id_) or []
    return made(
        str(id_),
        row.session_id,
        MEDIA[row.media],
        DIRECTIONS[row.direction],
        moment_text(row.started_at),
        moment_text_or_none(row.ended_at),
        None if row.queue_id is None else parts.queues.get(row.queue_id),
        agents,
        whole_or_decimal(row.wait_seconds),
        whole_or_decimal(row.talk_seconds),
        row.outcome,
        NOBODY if is_cut else _identifiers(row, shown),
        _parties(others, shown) if others and not is_cut else [],
        text.subject,
        text.url,
        text.variables,
        contents,
        _survey(id_, parts.surveys.get(id_), texts, is_cut=is_going),
        parts.registrations.get(id_) or [],
        bool(row.restricted),
        bool(row.held),
        moment_text_or_none(row.anonymised_at),
        life_of(
            MEDIA[row.media],
            [(one.kind, one.state) for one in contents] if contents else (),
            is_going_on=row.is_going_on,
            was_answered=bool(agents),
            is_cut=is_cut,
        ),
        [
            texts.consent(id_, one, is_cut=is_going)
            for one in parts.consents.get(id_, ())
        ],
        [_copy(one, shown, is_cut=is_cut) for one in copies] if copies else [],
    )


def _copy(row: CopyRow, shown: Mapping[int, str], *, is_cut: bool) -> CopyItem:
    to = None if is_cut else shown.get(row.identifier_id)
    return CopyItem(moment_text(row.asked_at), moment_text_or_none(row.sent_at), to)


def _all_open(
    row: Row,
    others: Sequence[OtherRow],
    copies: Sequence[CopyRow],
    there: frozenset[int | None],
) -> bool:
    if not (others or copies):
        return there.issuperset(row.identifier_ids)
    beside = [*(other.id for other in others), *(one.identifier_id for one in copies)]
    return there.issuperset((*row.identifier_ids, *beside))


def _identifiers(row: Row, shown: Mapping[int, str]) -> Identifiers:
    get = cast("Callable[[int | None], str | None]", shown.get)
    return Identifiers(
        get(row.phone_id), get(row.email_id), get(row.name_id), get(row.handle_id)
    )


def _parties(others: Sequence[OtherRow], shown: Mapping[int, str]) -> list[Identifiers]:
    """One party for each identifier; a name joins the one it came with."""
    names = {o.owner_id: shown[o.id] for o in others if KINDS[o.kind] == Kind.NAME}
    found = []
    for other in others:
        if KINDS[other.kind] != Kind.NAME:
            known = {
                KINDS[other.kind]: shown[other.id],
                "name": names.pop(other.id, None),
            }
            found.append(Identifiers(**known))
    return found + [Identifiers(name=name) for name in names.values()]


def _survey(
    interaction_id: int, survey: SurveyRow | None, texts: _Texts, *, is_cut: bool
) -> SurveyItem | None:
    if survey is None:
        return None
    comment = None if is_cut else texts.comment(interaction_id, survey.comment)
    scale = (survey.scale_from, survey.scale_to)
    score = whole_or_decimal(survey.score)
    return SurveyItem(score, scale, comment, moment_text(survey.at))
