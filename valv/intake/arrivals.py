"""One whole interaction in: from a vCon, an older archive, or a delivery of files.

Everything of it commits in one transaction, after its content is durable; what cannot
be read leaves nothing behind. The same twice changes nothing, its parts may come in any
order and by any way in, and nothing comes back that was removed (law 12).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from valv.archive import contents as held
from valv.archive.models import ChatPart
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.email_bodies import BODILESS, email_body, refuse_body
from valv.core.errors import Busy, Conflict, Gone, Malformed, Refused
from valv.core.interaction import Arrival, ContentKind, Media
from valv.core.people import Actor
from valv.intake import beginnings, chats, consents
from valv.intake.bodies import ruling_medium
from valv.intake.compare import is_changed, seen
from valv.intake.contents import LASTING, Held, abandon, admit, promise
from valv.intake.drafts import Draft, Drafts, open_texts
from valv.intake.foreseen import present_of, would_change
from valv.intake.general import Statement, read_statement, state
from valv.intake.pieces import (
    Asking,
    Beside,
    Pieces,
    apply_refusals,
    make_ready,
    nothing_beside,
)
from valv.intake.quieting import quieten
from valv.intake.refusals import Asked, lay_tombstone, note, settle
from valv.intake.stated import NOTHING, TEXTS, Bits
from valv.intake.surveys import take_survey
from valv.intake.taking import read_again
from valv.intake.told import evidence_of
from valv.intake.writing import written
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.models import Tenant

ATTEMPTS = 4


class Result(StrEnum):
    """What an arrival did to the archive."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an arrival, which rules refused parts of it, and what was amiss.

    ``interaction_id`` is the stored session id where a dry run finds no interaction.
    ``contents`` is what there would be to hear and read after it, told of a dry run
    alone: the kind, and the number in it.
    """

    interaction_id: int | str
    result: Result
    refused: list[Refused] = field(default_factory=list)
    amiss: list[str] = field(default_factory=list)
    contents: list[tuple[ContentKind, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Work:
    """All that the one transaction needs."""

    asking: Asking
    asked: Asked
    statement: Statement
    pieces: Pieces


@dataclass(slots=True)
class _Done:
    """What the transaction did, and what is to be carried out after it."""

    draft: Draft
    changed: bool
    doomed: list[Intent]


def take_in(
    tenant: Tenant,
    arrival: Arrival,
    *,
    actor: Actor,
    now: datetime,
    beside: Beside = nothing_beside,
    unstated: Bits = NOTHING,
) -> Outcome:
    """Take a whole arrival in; durable at return.

    Raises Refused (``content_hash``, ``email_body``), Malformed or TooLarge, and then
    nothing of it was kept; and Busy, after which it may be tried again.
    """
    _check_plain(arrival)
    statement = read_statement(tenant, arrival.general, unstated=unstated)
    asking = _asking(tenant, arrival, beside, now=now)
    try:
        _refuse_letter(asking)
    except Refused as refusal:
        with scope.writing(tenant.id):
            known = beginnings.known(asking.guess)
            note(None if known is None else known.id, refusal, actor=actor, now=now)
        raise
    for _ in range(ATTEMPTS):
        outcome = _attempt(asking, statement, actor=actor)
        if outcome is not None:
            return outcome
    raise Busy("The interaction is being changed by others. Try again in a moment.")


def _check_plain(arrival: Arrival) -> None:
    """Raise Malformed for NUL, which not every database can hold."""
    if "\0" in arrival.session_id or b"\\u0000" in msgspec.json.encode(arrival.general):
        raise Malformed("There is a NUL character in it.")


def _refuse_letter(asking: Asking) -> None:
    """Raises Refused (``email_body``) if an e-mail brings along what was written.

    Whether it says so itself, or was known to be one before.
    """
    with scope.reading(asking.tenant.id):
        medium = ruling_medium(asking.interaction())
    arrival = asking.arrival
    if medium in BODILESS and arrival.has_content():
        raise email_body()
    refuse_body(arrival.general.variables or {}, media=medium)


def would_take_in(
    tenant: Tenant,
    arrival: Arrival,
    *,
    now: datetime,
    beside: Beside = nothing_beside,
    unstated: Bits = NOTHING,
) -> Outcome:
    """Say what ``take_in`` would do, and change nothing.

    Recordings are heard to their end. Raises as ``take_in``.
    """
    _check_plain(arrival)
    statement = read_statement(tenant, arrival.general, unstated=unstated)
    asking = _asking(tenant, arrival, beside, now=now)
    _refuse_letter(asking)
    pieces = Pieces(is_dry=True)
    make_ready(asking, pieces)
    there = [(piece.kind, piece.n) for piece in pieces.would_come]
    told, amiss = pieces.told(), pieces.amiss
    with scope.reading(tenant.id):
        known = beginnings.known(asking.guess)
        if known is None:
            new = asking.guess.session_id
            return Outcome(new, Result.IMPORTED, told, amiss, there)
        changed = would_change(tenant, arrival, statement, pieces, int(known.id))
        there += present_of(int(known.id))
    result = Result.UPDATED if changed else Result.UNCHANGED
    return Outcome(int(known.id), result, told, amiss, there)


def _asking(
    tenant: Tenant, arrival: Arrival, beside: Beside, *, now: datetime
) -> Asking:
    guessed = beginnings.guess(
        tenant,
        arrival.session_id,
        media=arrival.general.media or Media.PHONE,
        started_at=arrival.general.started_at,
    )
    return Asking(tenant, arrival, guessed, beside, now)


def _attempt(asking: Asking, statement: Statement, *, actor: Actor) -> Outcome | None:
    """None if what was asked before the bytes were sealed is true no more."""
    pieces = Pieces()
    try:
        make_ready(asking, pieces)
        pieces.prepared = promise(pieces.prepared, now=asking.now)
        done = _commit(asking, statement, pieces, actor=actor)
    except (Held, Gone, Conflict, _Overtaken):
        abandon(pieces.prepared)
        return None
    except BaseException:
        abandon(pieces.prepared)
        raise
    tenant, draft = asking.tenant, done.draft
    intents.carry_out(tenant.id, done.doomed)
    if not draft.is_new:
        quieten(tenant, [draft.id], actor=actor, now=asking.now)
    if draft.row.ended_at is not None and draft.awaits_chat:
        chats.close(tenant, draft.id, actor=actor, now=asking.now)
    result = Result.UPDATED if done.changed else Result.UNCHANGED
    if draft.is_new:
        result = Result.IMPORTED
    return Outcome(draft.id, result, pieces.told(), pieces.amiss)


class _Overtaken(Exception):
    """A refusal came while the bytes were being sealed."""


def _commit(
    asking: Asking, statement: Statement, pieces: Pieces, *, actor: Actor
) -> _Done:
    def work(drafts: Drafts) -> _Done:
        asked = Asked.of(asking.tenant, actor=actor, now=asking.now)
        draft = drafts[asking.guess.session_id]
        return _apply(_Work(asking, asked, statement, pieces), draft)

    first = {asking.guess.session_id: statement.general.started_at}
    return written(asking.tenant, first, work, now=asking.now)


def _apply(work: _Work, draft: Draft) -> _Done:
    """State, refuse, keep: in this order, so that a refusal in it forbids its parts."""
    asking, asked = work.asking, work.asked
    arrival = asking.arrival
    if work.statement.stated & TEXTS or arrival.survey or arrival.consents:
        open_texts(asked.tenant, [draft])
    before, media = seen(draft, work.statement), ruling_medium(draft.row)
    apply_refusals(asking.arrival, draft.row)
    state(asked.tenant, draft, work.statement, now=asked.now)
    if ruling_medium(draft.row) is not media and not draft.is_new:
        read_again(asked, draft)
    doomed = _enforce(asked, draft)
    draft.consents = consents.of_arrival(asked.tenant, draft, asking.arrival.consents)
    survey_came = take_survey(asked.tenant, draft, asking.arrival.survey)
    doomed += _admit_all(work, draft)
    buried = _lay_tombstones(work, draft)
    if buried:
        doomed += _enforce(asked, draft)
    changed = (
        draft.is_new
        or survey_came
        or buried
        or bool(draft.consents or doomed or work.pieces.prepared)
    ) or is_changed(before, draft)
    if changed:
        record(Act(Action.RECEIVE, draft.id), actor=asked.actor, now=asked.now)
    return _Done(draft, changed, doomed)


def _enforce(asked: Asked, draft: Draft) -> list[Intent]:
    if draft.is_new:
        return []
    draft.awaits_chat = ChatPart.objects.filter(interaction_id=draft.id).exists()
    evidence = evidence_of(asked.tenant.id, draft.row)
    return settle(asked, draft.row, held.rows_of([draft.id]), evidence)


def _admit_all(work: _Work, draft: Draft) -> list[Intent]:
    asked = work.asked
    try:
        return [
            intent
            for one in work.pieces.prepared
            for intent in admit(
                asked.tenant, draft, one, actor=asked.actor, now=asked.now
            )
        ]
    except Refused:
        raise _Overtaken from None


def _lay_tombstones(work: _Work, draft: Draft) -> bool:
    """Say of refused parts why nothing is there; answers whether it was said anew."""
    asked, row = work.asked, draft.row
    laid = False
    for piece, refusal in work.pieces.refused:
        if refusal.rule in LASTING:
            if not lay_tombstone(row, piece.kind, piece.n, refusal, now=asked.now):
                continue
            laid = True
        elif held.row_of(draft.id, piece.kind, piece.n) is not None:
            continue
        note(draft.id, refusal, content=piece.name, actor=asked.actor, now=asked.now)
    return laid
