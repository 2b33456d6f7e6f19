"""Interactions that begin with their content, before anything is known about them.

Late and early parts are normal: a recording may arrive before its call. What is only
guessed here, from the content, is marked as stated by nobody, so whatever a source says
later, by events or outright, wins.
"""

from dataclasses import dataclass
from datetime import datetime

from valv.archive import sessions
from valv.archive.models import Interaction
from valv.core.interaction import Media
from valv.intake.drafts import Draft, Drafts
from valv.intake.general import check_moment
from valv.intake.stated import Stated
from valv.intake.writing import written
from valv.storage import scope
from valv.tenants.models import Tenant

SETTLED = Stated.STARTED_AT | Stated.MEDIA


@dataclass(frozen=True, slots=True)
class Guess:
    """What content tells of its interaction; ``started_at`` None if not even that."""

    media: Media = Media.PHONE
    started_at: datetime | None = None


def begin(tenant: Tenant, session_id: str, guess: Guess, *, now: datetime) -> int:
    """The id of the session's interaction, which is made if there is none.

    Raises Malformed for a time that no interaction can have.
    """
    check_moment(guess.started_at, field="started_at")
    stored = sessions.stored_session_id(tenant, session_id)
    known = _known(tenant, stored)
    if known is not None and _is_settled(known):
        return int(known.id)

    def work(drafts: Drafts) -> int:
        draft = drafts[stored]
        _apply(draft, guess)
        return draft.id

    return written(tenant, {stored: guess.started_at or now}, work, now=now)


def _known(tenant: Tenant, stored: str) -> Interaction | None:
    with scope.reading(tenant.id):
        bound = sessions.interactions_of([stored])
        return Interaction.objects.filter(id__in=bound.values()).first()


def _is_settled(row: Interaction) -> bool:
    """Whether a source has told what could be guessed from content."""
    return row.stated & SETTLED == SETTLED or bool(row.stated & Stated.DERIVED)


def _apply(draft: Draft, guess: Guess) -> None:
    """The earliest start and the rarer medium stand, in whatever order they come."""
    if draft.states(Stated.DERIVED):
        return
    row = draft.row
    if not draft.states(Stated.STARTED_AT) and guess.started_at is not None:
        row.started_at = min(row.started_at, guess.started_at)
        if row.ended_at is not None:
            row.started_at = min(row.started_at, row.ended_at)
    if not draft.states(Stated.MEDIA) and guess.media is not Media.PHONE:
        row.media = guess.media.number
