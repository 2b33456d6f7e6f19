"""Minimising what arrives of somebody who asked that nothing be kept of them again.

The contact counts, with queue, agent and times; whom it was with, what they wrote and
what was said are not kept. What is under a hold stays as it is.
"""

from datetime import datetime

from valv.archive.flags import Flag
from valv.archive.models import Consent, RawEvent, Survey
from valv.core.identifiers import Kind
from valv.intake.drafts import Draft, set_flag
from valv.intake.stated import Stated
from valv.storage import intents
from valv.storage.keys import KeyKind

COLUMNS = tuple(f"{kind.value}_id" for kind in Kind)


def minimise(draft: Draft, *, now: datetime) -> None:
    """Cut an interaction as it arrives, for good. Inside the ``writing`` scope.

    Its content is refused by the rule ``standing_entry`` from then on.
    """
    row = draft.row
    if row.held or row.stated & Stated.STANDING:
        return
    row.stated |= int(Stated.STANDING)
    row.anonymised_at = row.anonymised_at or now
    for column in COLUMNS:
        setattr(row, column, None)
    draft.others, draft.consents = [], []
    row.text = None
    set_flag(row, Flag.TEXT, on=False)
    draft.is_cut, draft.key = True, None
    if not draft.is_new:
        _drop_words(draft)
    draft.doomed += intents.commit(intents.intend(KeyKind.TEXT, [draft.id], now=now))


def _drop_words(draft: Draft) -> None:
    """What they wrote before it was known who they are."""
    RawEvent.objects.filter(interaction_id=draft.id).update(body=b"")
    Survey.objects.filter(interaction_id=draft.id).update(comment=None)
    Consent.objects.filter(interaction_id=draft.id).update(sealed=None)
