"""What hangs on interactions, read for a whole page at once and never row by row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from valv.archive.flags import Flag
from valv.archive.mentions import spelled
from valv.archive.models import Content
from valv.archive.rows import (
    Row,
    moment_text,
    moment_text_or_none,
    whole_or_decimal,
)
from valv.core.ids import unix_ms
from valv.core.interaction import ContentKind, ContentState, Media
from valv.storage import scope
from valv.storage.raw import Rows, one_of, rows

WITHOUT_CONTENT = frozenset({Media.EMAIL.number, Media.ETASK.number})
CONTENT_KINDS = [kind.value for kind in ContentKind]
CONTENT_STATES = [state.value for state in ContentState]
CONSENT, COPY = Flag.CONSENT.value, Flag.COPY.value
SURVEY, REGISTRATION = Flag.SURVEY.value, Flag.REGISTRATION.value
AWAITING = ContentState.AWAITING.value


class Removed(Struct, frozen=True):
    """When, by whom and why content went."""

    at: str
    by: str
    reason: str


class ContentItem(Struct, frozen=True):
    """One recording, chat log or transcript, there or gone."""

    kind: str
    n: int
    state: str
    seconds: int | float | None
    bytes: int | None
    removed: Removed | None


class RegistrationItem(Struct, frozen=True):
    """A topic an agent picked."""

    category: str
    topic: str
    at: str | None


class SurveyRow(NamedTuple):
    """A survey as stored; the comment is sealed."""

    score: float | None
    scale_from: int
    scale_to: int
    at: int
    comment: bytes | None


class OtherRow(NamedTuple):
    """A further identifier of someone outside; a name knows whose it is."""

    id: int
    kind: int
    owner_id: int


class ConsentRow(NamedTuple):
    """One answer as stored; what was asked is sealed for the event and purpose."""

    at: int
    event: bytes
    purpose: int
    answer: int
    how: int
    sealed: bytes | None


class CopyRow(NamedTuple):
    """A copy of the chat log, as which identifier it went and when."""

    n: int
    identifier_id: int
    asked_at: int
    sent_at: int | None


class Parts(NamedTuple):
    """All that hangs on a page of interactions, by interaction; agents by row."""

    queues: dict[int, str]
    agents: list[list[str]]
    contents: dict[int, list[ContentItem]]
    surveys: dict[int, SurveyRow]
    registrations: dict[int, list[RegistrationItem]]
    others: dict[int, list[OtherRow]]
    consents: dict[int, list[ConsentRow]]
    copies: dict[int, list[CopyRow]]


def parts_of(page: Sequence[Row]) -> Parts:
    """Read what the page's rows say there may be. Inside a scope."""
    agent_ids = [row.agents for row in page]
    queues, agents = _words({row.queue_id for row in page}, set(chain(*agent_ids)))
    return Parts(
        queues,
        [[agents.get(id_, "") for id_ in ids] for ids in agent_ids],
        _contents([r.id for r in page if r.media not in WITHOUT_CONTENT]),
        _surveys([r.id for r in page if r.flags & SURVEY]),
        _registrations([r.id for r in page if r.flags & REGISTRATION]),
        _others([r.id for r in page if r.has_others]),
        _consents([r.id for r in page if r.flags & CONSENT]),
        _copies([r.id for r in page if r.flags & COPY]),
    )


# By their ids: the plus keeps SQLite from walking an index of the whole tenant instead.


def _words(
    queue_ids: set[int | None], agent_ids: set[int]
) -> tuple[dict[int, str], dict[int, str]]:
    queue_ids.discard(None)
    if not (queue_ids or agent_ids):
        return {}, {}
    tenant = scope.current()
    queue, queues = one_of("id", filter(None, queue_ids))
    agent, agents = one_of("id", agent_ids)
    found = rows(
        f"SELECT 0, id, name FROM queue WHERE +tenant_id = %s AND {queue} UNION ALL"  # noqa: S608
        f" SELECT 1, id, name FROM agent WHERE +tenant_id = %s AND {agent}",
        [tenant, *queues, tenant, *agents],
    )
    words: tuple[dict[int, str], dict[int, str]] = ({}, {})
    for which, id_, name in found:
        words[which][id_] = name
    return words


def _children(table: str, columns: str, interaction_ids: Sequence[int]) -> Rows:
    """Children of a page; the range of ids spares PostgreSQL the other months."""
    if not interaction_ids:
        return []
    condition, ids = one_of("interaction_id", interaction_ids)
    return rows(
        f"SELECT interaction_id, {columns} FROM {table} WHERE +tenant_id = %s"  # noqa: S608
        f" AND interaction_id >= %s AND interaction_id <= %s AND {condition}",
        [scope.current(), min(interaction_ids), max(interaction_ids), *ids],
    )


def _contents(interaction_ids: Sequence[int]) -> dict[int, list[ContentItem]]:
    found: dict[int, list[ContentItem]] = defaultdict(list)
    columns = (
        "kind, n, state, provisional, seconds, bytes,"
        " removed_at, removed_by, removed_reason"
    )
    listed = sorted(_children("content", columns, interaction_ids))
    said = spelled(scope.current(), (row[-1] for row in listed))
    for interaction_id, *row in listed:
        row[-1] = said.get(row[-1], row[-1])
        found[interaction_id].append(_content(*row))
    return found


def content_item(row: Content) -> ContentItem:
    """What may be told of one content."""
    removed_at = None if row.removed_at is None else unix_ms(row.removed_at)
    return _content(
        row.kind,
        row.n,
        row.state,
        row.provisional,
        row.seconds,
        row.bytes,
        removed_at,
        row.removed_by,
        row.removed_reason,
    )


def _content(
    kind: int,
    n: int,
    state: int,
    provisional: bool,  # noqa: FBT001 - a column
    seconds: float | None,
    size: int | None,
    removed_at: int | None,
    by: str,
    reason: str,
) -> ContentItem:
    """Of provisional content it is not even told how much there is."""
    word = CONTENT_STATES[state]
    if provisional and word == AWAITING:
        return ContentItem(CONTENT_KINDS[kind], n, word, None, None, None)
    removed = (
        None if removed_at is None else Removed(moment_text(removed_at), by, reason)
    )
    length = whole_or_decimal(seconds)
    return ContentItem(CONTENT_KINDS[kind], n, word, length, size, removed)


def _surveys(interaction_ids: Sequence[int]) -> dict[int, SurveyRow]:
    columns = "score, scale_from, scale_to, at, comment"
    found = _children("survey", columns, interaction_ids)
    return {interaction_id: SurveyRow(*row) for interaction_id, *row in found}


def _registrations(interaction_ids: Sequence[int]) -> dict[int, list[RegistrationItem]]:
    found: dict[int, list[RegistrationItem]] = defaultdict(list)
    listed = sorted(_children("registration", "n, topic_id, at", interaction_ids))
    topics = _topics({topic_id for _, _, topic_id, _ in listed})
    for interaction_id, _, topic_id, at in listed:
        item = RegistrationItem(*topics[topic_id], moment_text_or_none(at))
        found[interaction_id].append(item)
    return found


def _topics(topic_ids: set[int]) -> dict[int, tuple[str, str]]:
    if not topic_ids:
        return {}
    condition, ids = one_of("id", topic_ids)
    found = rows(
        "SELECT id, category, name FROM topic"  # noqa: S608
        f" WHERE +tenant_id = %s AND {condition}",
        [scope.current(), *ids],
    )
    return {id_: (category, name) for id_, category, name in found}


def _consents(interaction_ids: Sequence[int]) -> dict[int, list[ConsentRow]]:
    found: dict[int, list[ConsentRow]] = defaultdict(list)
    columns = "at, event, purpose, answer, how, sealed"
    for interaction_id, at, event, *row in _children(
        "consent", columns, interaction_ids
    ):
        found[interaction_id].append(ConsentRow(at, bytes(event), *row))
    return {
        id_: sorted(listed, key=lambda one: one[:3]) for id_, listed in found.items()
    }


def _copies(interaction_ids: Sequence[int]) -> dict[int, list[CopyRow]]:
    found: dict[int, list[CopyRow]] = defaultdict(list)
    columns = "n, identifier_id, asked_at, sent_at"
    for interaction_id, *row in sorted(
        _children("chat_copy", columns, interaction_ids), key=lambda row: row[:2]
    ):
        found[interaction_id].append(CopyRow(*row))
    return found


def others_of(interaction_ids: Sequence[int]) -> Rows:
    """Pairs of an interaction and the identifier of a further party."""
    return _children("other_party", "identifier_id", interaction_ids)


def _others(interaction_ids: Sequence[int]) -> dict[int, list[OtherRow]]:
    if not interaction_ids:
        return {}
    listed = others_of(interaction_ids)
    kinds = {row.id: row for row in _identifiers({id_ for _, id_ in listed})}
    found: dict[int, list[OtherRow]] = defaultdict(list)
    for interaction_id, identifier_id in sorted(listed):
        if identifier_id in kinds:
            found[interaction_id].append(kinds[identifier_id])
    return found


def _identifiers(identifier_ids: Iterable[int]) -> Iterator[OtherRow]:
    condition, ids = one_of("id", identifier_ids)
    found = rows(
        "SELECT id, kind, owner_id FROM identifier"  # noqa: S608
        f" WHERE +tenant_id = %s AND {condition}",
        [scope.current(), *ids],
    )
    return map(OtherRow._make, found)
