"""What an arrival would change of an interaction that is there; nothing is written.

Goes the way of ``arrivals`` on a row that is never saved, and looks words and people up
instead of making them: one that is not known yet is a change by itself.
"""

from valv.archive import contents as held
from valv.core.interaction import Arrival, ContentKind, ContentState
from valv.intake import consents
from valv.intake.bodies import bodiless
from valv.intake.compare import is_changed, seen
from valv.intake.contents import LASTING
from valv.intake.drafts import Draft
from valv.intake.general import Statement, merged_text, state_known
from valv.intake.pieces import Pieces, apply_refusals
from valv.intake.surveys import take_survey
from valv.intake.writing import opened_to_look
from valv.tenants.models import Tenant


def would_change(
    tenant: Tenant, arrival: Arrival, statement: Statement, pieces: Pieces, row_id: int
) -> bool:
    """Whether general information, survey, consents or content would be others.

    Inside a scope.
    """
    draft = opened_to_look(tenant, row_id)
    before = seen(draft, statement)
    apply_refusals(arrival, draft.row)
    state_known(tenant, draft, statement)
    merged = merged_text(before.text, statement.general, only=statement.stated)
    return (
        bool(pieces.would_come or consents.of_arrival(tenant, draft, arrival.consents))
        or take_survey(tenant, draft, arrival.survey)
        or is_changed(before, draft)
        or bodiless(merged, draft.row) != before.text
        or _would_lay_tombstones(draft, pieces)
    )


def present_of(row_id: int) -> list[tuple[ContentKind, int]]:
    """What there is to hear and read already: the kind, and the number in it."""
    present = ContentState.PRESENT.number
    rows = [row for row in held.rows_of([row_id]) if row.state == present]
    return [(ContentKind.numbered(row.kind), row.n) for row in rows]


def _would_lay_tombstones(draft: Draft, pieces: Pieces) -> bool:
    rows = {(row.kind, row.n): row for row in held.rows_of([draft.id])}
    refused = ContentState.REFUSED.number
    for piece, refusal in pieces.refused:
        there = rows.get((piece.kind.number, piece.n))
        is_new = there is None or (there.state == refused and there.provisional)
        if refusal.rule in LASTING and is_new:
            return True
    return False
