"""Identifiers that nothing points at any more: they go with what pointed at them.

An identifier may stand on an interaction, among its further parties, as one to whom a
copy or a link was sent, or in its raw events, which refer to it under seal. Whoever
removes those asks here what is left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from valv.archive.flags import Flag
from valv.archive.identifiers import raise_epoch
from valv.archive.models import (
    ChatCopy,
    Identifier,
    Interaction,
    OtherParty,
    RawEvent,
    SecureLink,
)
from valv.archive.raw_events import open_body, references_in
from valv.core.identifiers import Kind
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.storage.sealed import Tampered

COLUMNS = {
    Kind.PHONE: "phone_id",
    Kind.EMAIL: "email_id",
    Kind.NAME: "name_id",
    Kind.HANDLE: "handle_id",
}
BATCH = 1000


def identifiers_of(interactions: Iterable[Interaction]) -> set[int]:
    """All identifiers that these interactions, or their raw events, point at."""
    listed = list(interactions)
    found = {getattr(one, column) for one in listed for column in COLUMNS.values()}
    others = OtherParty.objects.filter(
        interaction_id__in=[one.id for one in listed if one.has_others]
    )
    found |= set(others.values_list("identifier_id", flat=True))
    copies = ChatCopy.objects.filter(
        interaction_id__in=[one.id for one in listed if one.flags & Flag.COPY]
    )
    found |= set(copies.values_list("identifier_id", flat=True))
    found |= _shared_with([one.id for one in listed])
    found |= told_in_events([one.id for one in listed])
    return found - {None}


def _shared_with(interaction_ids: list[int]) -> set[int]:
    """To whom links to some interactions went, and codes."""
    links = SecureLink.objects.filter(interaction_id__in=interaction_ids)
    pairs = links.values_list("recipient_id", "code_to_id")
    return {id_ for pair in pairs for id_ in pair}


def told_in_events(interaction_ids: list[int]) -> set[int]:
    """Identifiers that the raw events of some interactions refer to."""
    return set().union(*told_in_each(interaction_ids).values())


def told_in_each(interaction_ids: list[int]) -> dict[int, set[int]]:
    """As ``told_in_events``, by interaction; one that tells of nobody may be absent."""
    rows = RawEvent.objects.filter(interaction_id__in=interaction_ids)
    bodies = list(rows.values_list("interaction_id", "body"))
    tenant_id = scope.current()
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


def remove_unused(touched: Iterable[int]) -> list[int]:
    """Drop the rows of those that nothing points at; their keys are still to go.

    Inside the ``writing`` scope that removed what pointed at them. Whoever is about to
    point at one anew waits, and then makes it anew.
    """
    rows = Identifier.objects.filter(id__in=set(touched)).order_by("id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    locked = [row.id for row in rows.only("id")]
    unused = [
        id_
        for kind in COLUMNS
        for id_ in unpointed(kind).filter(id__in=locked).values_list("id", flat=True)
    ]
    if unused:
        Identifier.objects.filter(id__in=unused).delete()
        raise_epoch()
    return sorted(unused)


def unpointed(kind: Kind) -> QuerySet[Identifier]:
    """Identifiers that stand on no interaction, nor among its further parties."""
    column = COLUMNS[kind]
    return Identifier.objects.filter(
        ~Exists(Interaction.objects.filter(**{column: OuterRef("id")})),
        ~Exists(OtherParty.objects.filter(identifier_id=OuterRef("id"))),
        ~Exists(ChatCopy.objects.filter(identifier_id=OuterRef("id"))),
        ~Exists(SecureLink.objects.filter(recipient_id=OuterRef("id"))),
        ~Exists(SecureLink.objects.filter(code_to_id=OuterRef("id"))),
        kind=kind.number,
    )


def forsaken(tenant_id: int, *, before: datetime) -> set[int]:
    """Those made before a moment that nothing points at, raw events included.

    For identifiers that a correction took off their interaction. The events are only
    looked through where there are such.
    """
    with scope.reading(tenant_id):
        found = {
            id_
            for kind in COLUMNS
            for id_ in unpointed(kind)
            .filter(written_at__lt=before)
            .values_list("id", flat=True)
        }
    for told in _told_in_batches(tenant_id) if found else ():
        found -= told
    return found


def _told_in_batches(tenant_id: int) -> Iterator[set[int]]:
    last = -1
    while True:
        with scope.reading(tenant_id):
            rows = RawEvent.objects.filter(interaction_id__gt=last)
            ids = rows.order_by("interaction_id").values_list(
                "interaction_id", flat=True
            )
            some = sorted(set(ids[:BATCH]))
            if not some:
                return
            yield told_in_events(some)
        last = some[-1]
