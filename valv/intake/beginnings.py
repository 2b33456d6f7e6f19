"""Interactions that begin with their content, before anything is known about them.

Late and early parts are normal: a recording may arrive before its call. What is only
guessed here, from the content, is marked as stated by nobody, so whatever a source says
later, by events or outright, wins.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from valv.archive import sessions
from valv.archive.models import Interaction
from valv.core.interaction import Media
from valv.intake.general import check_moment
from valv.intake.stated import Stated
from valv.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Guess:
    """What content tells of its interaction; ``started_at`` None if not even that."""

    session_id: str
    media: Media = Media.PHONE
    started_at: datetime | None = None


def guess(
    tenant: Tenant,
    session_id: str,
    *,
    media: Media = Media.PHONE,
    started_at: datetime | None = None,
) -> Guess:
    """Raises Malformed for a time that no interaction can have."""
    check_moment(started_at, field="started_at")
    stored = sessions.stored_session_id(tenant, session_id)
    return Guess(stored, media, started_at)


def known(guessed: Guess, *, locks: bool = False) -> Interaction | None:
    """The session's interaction, if it has begun. Inside a scope.

    If it ``locks``, nobody else changes it until the ``writing`` scope ends.
    """
    bound = sessions.interactions_of([guessed.session_id])
    found = Interaction.objects.filter(id__in=bound.values())
    if locks and connection.features.has_select_for_update:
        found = found.select_for_update()
    return found.first()


def imagined(guessed: Guess, *, now: datetime) -> Interaction:
    """The interaction there would be, to ask the rules about; it is not saved."""
    first = guessed.started_at or now
    return Interaction(
        id=0,
        session_id=guessed.session_id,
        media=guessed.media.number,
        started_at=first,
        aged_from=first,
    )


def apply(row: Interaction, guessed: Guess) -> None:
    """The earliest start and the rarer medium stand, in whatever order they come."""
    stated = int(row.stated)
    told = Stated.STARTED_AT | Stated.DERIVED
    if not stated & told and guessed.started_at is not None:
        row.started_at = min(row.started_at, guessed.started_at)
    known = Stated.MEDIA | Stated.MEDIA_TOLD
    if not stated & known and guessed.media is not Media.PHONE:
        row.media = guessed.media.number
