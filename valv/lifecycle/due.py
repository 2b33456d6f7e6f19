"""What is past its time: the queries that the run purges by, and previews count by."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from valv.archive.models import ChatPart, Content, Interaction, RawEvent
from valv.core.interaction import ContentKind, ContentState
from valv.core.retention import KIND_OF, Stored


def general_due(before: datetime) -> QuerySet[Interaction]:
    """Interactions that ended before the moment, oldest first, held ones too.

    Nothing ends before it starts, so the index on the start bounds the search.
    """
    return Interaction.objects.filter(
        started_at__lt=before, aged_from__lt=before
    ).order_by("started_at", "id")


def unheld(due: QuerySet[Any]) -> QuerySet[Any]:
    """Of what hangs on interactions, that which no hold covers."""
    held = Interaction.objects.filter(id=OuterRef("interaction_id"), held=True)
    return due.filter(~Exists(held))


def present(stored: Stored) -> QuerySet[Content]:
    """Content of a class that is there; recordings go by what they are part of."""
    found = Content.objects.filter(
        kind=KIND_OF[stored].number, state=ContentState.PRESENT.number
    )
    restricted = Exists(
        Interaction.objects.filter(id=OuterRef("interaction_id"), restricted=True)
    )
    match stored:
        case Stored.RECORDINGS:
            return found.filter(~restricted)
        case Stored.RESTRICTED:
            return found.filter(restricted)
        case _:
            return found


def contents_due(stored: Stored, before: datetime) -> QuerySet[Content]:
    due = present(stored).filter(aged_from__lt=before)
    return due.order_by("aged_from", "interaction_id", "n")


def chats_due(before: datetime) -> QuerySet[Content]:
    """Chats that are still told, whose last message is past its time already."""
    told = ChatPart.objects.values_list("interaction_id", flat=True)
    return Content.objects.filter(
        interaction_id__in=told,
        kind=ContentKind.CHAT_LOG.number,
        state=ContentState.AWAITING.number,
        aged_from__lt=before,
    )


def children_due(child: Any, before: datetime) -> QuerySet[Any]:
    """Surveys or raw events past their time, held ones too.

    A raw event of an interaction that runs is as old as its start: it is asked itself.
    """
    due = child.objects.filter(aged_from__lt=before)
    if child is RawEvent:
        bearer = Interaction.objects.filter(id=OuterRef("interaction_id"))
        due = due.filter(~Exists(bearer.filter(aged_from__gte=before)))
    found: QuerySet[Any] = due
    return found
