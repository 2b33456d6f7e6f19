"""Identifiers that nothing points at any more: they go with what pointed at them.

An identifier may stand on an interaction, among its further parties, as one to whom a
copy or a link was sent, or in its raw events, which refer to it under seal. Whoever
removes those asks here what is left. One that staff named in a text stays with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Protocol

from valv.archive.flags import Flag
from valv.archive.identifiers import raise_epoch
from valv.archive.models import Identifier, RawEvent
from valv.archive.raw_events import open_body, references_in
from valv.core.identifiers import Kind
from valv.core.ids import unix_ms
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.storage.raw import change, is_sqlite, one_of, one_of_months, ours, rows
from valv.storage.sealed import Tampered

COLUMNS = {
    Kind.PHONE: "phone_id",
    Kind.EMAIL: "email_id",
    Kind.NAME: "name_id",
    Kind.HANDLE: "handle_id",
}
BESIDE = (
    ("other_party", "identifier_id"),
    ("chat_copy", "identifier_id"),
    ("secure_link", "recipient_id"),
    ("secure_link", "code_to_id"),
)
BODIES = "SELECT interaction_id, body FROM raw_event WHERE +tenant_id = %s AND {}"
LIVING = "SELECT id FROM identifier WHERE +tenant_id = %s AND sealed IS NOT NULL AND {}"
DROP = "DELETE FROM identifier WHERE +tenant_id = %s AND {}"
LOCK = "SELECT id FROM identifier WHERE tenant_id = %s AND {} ORDER BY id FOR UPDATE"
NOWHERE_ON = " AND ".join(
    f"(kind <> {kind.number} OR NOT EXISTS (SELECT 1 FROM interaction AS i"  # noqa: S608
    f" WHERE i.tenant_id = one.tenant_id AND i.{column} = one.id))"
    for kind, column in COLUMNS.items()
)
NOWHERE_BESIDE = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM {table} AS c"  # noqa: S608
    f" WHERE c.tenant_id = one.tenant_id AND c.{column} = one.id)"
    for table, column in BESIDE
)
UNPOINTED = (
    "SELECT id FROM identifier AS one WHERE +tenant_id = %s AND {}"  # noqa: S608
    f" AND {NOWHERE_ON} AND {NOWHERE_BESIDE} ORDER BY id"
)
POINTED = "SELECT {} FROM {} WHERE {} AND {}"
STANDING = attrgetter(*COLUMNS.values())
COPY = int(Flag.COPY)  # an enum's own operations take longer than the query
BATCH = 1000


class Pointing(Protocol):
    """An interaction, and what says where identifiers may stand beside it."""

    @property
    def id(self) -> int: ...
    @property
    def flags(self) -> int: ...
    @property
    def has_others(self) -> bool: ...


def identifiers_of(interactions: Iterable[Pointing]) -> set[int]:
    """All identifiers that these interactions, or their raw events, point at."""
    listed = list(interactions)
    found = set().union(*map(STANDING, listed))
    found |= _beside(listed)
    found |= told_in_events([one.id for one in listed])
    return found - {None}


def _beside(listed: list[Pointing]) -> set[int]:
    """Further parties, and to whom copies and links went, and codes."""
    ids = {
        "other_party": [one.id for one in listed if one.has_others],
        "chat_copy": [one.id for one in listed if one.flags & COPY],
        "secure_link": [one.id for one in listed],
    }
    asked = [
        (POINTED.format(column, table, ours(), where), [scope.current(), *values])
        for table, column in BESIDE
        if ids[table]
        for where, values in [one_of("interaction_id", ids[table])]
    ]
    every = " UNION ALL ".join(sql for sql, _ in asked)
    bound = [value for _, values in asked for value in values]
    return {id_ for (id_,) in rows(every, bound)} if asked else set()


def told_in_events(interaction_ids: list[int]) -> set[int]:
    """Identifiers that the raw events of some interactions refer to."""
    return set().union(*told_in_each(interaction_ids).values())


def told_in_each(interaction_ids: list[int]) -> dict[int, set[int]]:
    """As ``told_in_events``, by interaction; one that tells of nobody may be absent."""
    tenant_id = scope.current()
    if not interaction_ids:
        return {}
    where, values = one_of_months("interaction_id", interaction_ids)
    bodies = rows(BODIES.format(where), [tenant_id, *values])
    opened = keys.read(tenant_id, KeyKind.TEXT, {id_ for id_, _ in bodies})
    found: dict[int, set[int]] = defaultdict(set)
    for interaction_id, body in bodies:
        if interaction_id in opened and body:
            key = opened[interaction_id]
            found[interaction_id] |= _references(
                tenant_id, interaction_id, bytes(body), key
            )
    return found


def _references(
    tenant_id: int, interaction_id: int, sealed: bytes, key: bytes
) -> set[int]:
    """Of an event that does not open nothing can be learnt, by anyone."""
    try:
        body = open_body(
            sealed, tenant_id=tenant_id, interaction_id=interaction_id, key=key
        )
    except Tampered:
        return set()
    return {id_ for id_ in references_in(body.data).values() if id_ is not None}


def living_of(ids: Iterable[int]) -> list[int]:
    """Those of some identifiers whose value is held."""
    where, values = one_of("id", ids)
    found = rows(LIVING.format(where), [scope.current(), *values])
    return [id_ for (id_,) in found]


def remove_unused(touched: Iterable[int]) -> list[int]:
    """Drop the rows of those that nothing points at; their keys are still to go.

    Inside the ``writing`` scope that removed what pointed at them. Whoever is about to
    point at one anew waits, and then makes it anew.
    """
    wanted = set(touched)
    if not wanted:
        return []
    where, values = one_of("id", wanted)
    if not is_sqlite():
        rows(LOCK.format(where), [scope.current(), *values])
    unused = _unpointed(f"{where} AND mentioned_at IS NULL", values)
    if unused:
        where, values = one_of("id", unused)
        change(DROP.format(where), [scope.current(), *values])
        raise_epoch()
    return unused


def _unpointed(where: str, values: list[object]) -> list[int]:
    """Identifiers that stand on no interaction, nor beside one; in order."""
    found = rows(UNPOINTED.format(where), [scope.current(), *values])
    return [id_ for (id_,) in found]


def forsaken(tenant_id: int, *, before: datetime) -> set[int]:
    """Those made before a moment that nothing points at, raw events included.

    For identifiers that a correction took off their interaction, and those that only
    staff named, before it. The events are only looked through where there are such.
    """
    over = "written_at < %s AND (mentioned_at IS NULL OR mentioned_at < %s)"
    with scope.reading(tenant_id):
        found = set(_unpointed(over, [unix_ms(before)] * 2))
    for told in _told_in_batches(tenant_id) if found else ():
        found -= told
    return found


def named_no_more(ids: Iterable[int], *, before: datetime) -> None:
    """Staff last named them before a moment, which they stay for no longer."""
    over = Identifier.objects.filter(id__in=list(ids), mentioned_at__lt=before)
    over.update(mentioned_at=None)


def _told_in_batches(tenant_id: int) -> Iterator[set[int]]:
    last = -1
    while True:
        with scope.reading(tenant_id):
            later = RawEvent.objects.filter(interaction_id__gt=last)
            ids = later.order_by("interaction_id").values_list(
                "interaction_id", flat=True
            )
            some = sorted(set(ids[:BATCH]))
            if not some:
                return
            yield told_in_events(some)
        last = some[-1]
