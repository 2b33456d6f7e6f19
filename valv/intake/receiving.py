"""One content, taken in by itself: into its interaction, or as the beginning of one.

Nothing is written before the bytes are known to be good; then interaction and content
commit together. What a rule refuses is recorded, and destroyed before the answer.
"""

from dataclasses import dataclass
from datetime import datetime

from valv.archive import contents
from valv.core.errors import Refused
from valv.core.people import Actor
from valv.intake import beginnings
from valv.intake.beginnings import Guess
from valv.intake.contents import (
    LASTING,
    Held,
    Incoming,
    Piece,
    Prepared,
    abandon,
    admit,
    is_held,
    prepare,
    promise,
    refuse,
)
from valv.intake.decisions import judge
from valv.intake.drafts import Drafts
from valv.intake.quieting import quieten
from valv.intake.refusals import Asked, lay_tombstone, note, settle
from valv.intake.told import evidence_of
from valv.intake.writing import written
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Received:
    """Where the content is, and whether it is new."""

    interaction_id: int
    is_new: bool


def receive(
    tenant: Tenant, guess: Guess, incoming: Incoming, *, actor: Actor, now: datetime
) -> Received:
    """Take content in, durable at return.

    Raises Refused (and records it), Gone for what was removed, Conflict for other bytes
    in its place, and whatever reading the bytes does.
    """
    try:
        with scope.reading(tenant.id):
            there = _where_it_is(tenant, guess, incoming.piece, now=now)
        if there is not None:
            return Received(there, is_new=False)
        prepared = prepare(tenant, incoming, now=now)
        return _admitted(tenant, guess, prepared, actor=actor, now=now)
    except Refused as refusal:
        note_refusal(tenant, guess, incoming.piece, refusal, actor=actor, now=now)
        raise


def _where_it_is(
    tenant: Tenant, guess: Guess, piece: Piece, *, now: datetime
) -> int | None:
    """Ask the rules; the interaction, if these very bytes are held already."""
    known = beginnings.known(guess)
    row = known or beginnings.imagined(guess, now=now)
    beginnings.apply(row, guess)
    refuse(tenant, row, piece.kind)
    if known is not None and is_held(tenant, known, piece):
        return int(known.id)
    judge(tenant, row, piece.kind, piece.ref)
    return None


def _admitted(
    tenant: Tenant, guess: Guess, prepared: Prepared, *, actor: Actor, now: datetime
) -> Received:
    def work(drafts: Drafts) -> tuple[int, list[Intent]]:
        draft = drafts[guess.session_id]
        beginnings.apply(draft.row, guess)
        return draft.id, admit(tenant, draft, prepared, actor=actor, now=now)

    first = guess.started_at or now
    try:
        (prepared,) = promise([prepared], now=now)
        interaction_id, doomed = written(
            tenant, {guess.session_id: first}, work, now=now
        )
    except Held:
        abandon([prepared])
        return Received(_id_of(tenant, guess), is_new=False)
    except BaseException:
        abandon([prepared])
        raise
    intents.carry_out(tenant.id, doomed)
    quieten(tenant, [interaction_id], actor=actor, now=now)
    return Received(interaction_id, is_new=True)


def _id_of(tenant: Tenant, guess: Guess) -> int:
    with scope.reading(tenant.id):
        known = beginnings.known(guess)
    return 0 if known is None else int(known.id)


def note_refusal(
    tenant: Tenant,
    guess: Guess,
    piece: Piece,
    refusal: Refused,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record the refusal, and leave a tombstone that says why nothing is there.

    What hangs on it, such as a transcript that came before, is destroyed at return.
    """
    doomed: list[Intent] = []
    with scope.writing(tenant.id):
        known = beginnings.known(guess, locks=True)
        interaction_id = None if known is None else int(known.id)
        note(interaction_id, refusal, content=piece.name, actor=actor, now=now)
        if known is not None and refusal.rule in LASTING:
            lay_tombstone(known, piece.kind, piece.n, refusal, now=now)
            asked = Asked.of(tenant, actor=actor, now=now)
            evidence = evidence_of(tenant.id, known)
            doomed = settle(asked, known, contents.rows_of([known.id]), evidence)
            known.save(update_fields=["flags"])
    intents.carry_out(tenant.id, doomed)
