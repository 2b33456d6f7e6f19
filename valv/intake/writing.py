"""Interactions while they are written: found or made by session, locked, saved at once.

Whatever brings news of interactions, one or many, does so in ``written``: the sessions
are bound, the rows locked in one order, and saved with all that must keep in step with
them. Two writers of one session make one interaction, and neither loses a field.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from operator import attrgetter
from secrets import randbits
from typing import TypeVar

from django.db import IntegrityError, connection

from valv.archive import identifiers, sessions
from valv.archive.flags import Flag
from valv.archive.models import Interaction
from valv.core.errors import Busy
from valv.core.ids import NOISE_BITS, mint, month_of
from valv.core.interaction import Direction, Media
from valv.intake.drafts import Draft, Drafts
from valv.intake.saving import placed, save
from valv.storage import intents, keys, months, scope
from valv.storage.columns import stored
from valv.storage.keys import KeyKind
from valv.storage.raw import one_of_months
from valv.tenants.models import Tenant

T = TypeVar("T")
DRAWS = 8
_people = attrgetter("phone_id", "email_id", "name_id", "handle_id")


def written(
    tenant: Tenant,
    firsts: Mapping[str, datetime],
    work: Callable[[Drafts], T],
    *,
    now: datetime,
) -> T:
    """Do ``work`` on interactions in one transaction, and save them.

    ``firsts`` gives, by stored session id, the first time its source names: the id is
    minted from it where there is no interaction yet. An id that is taken is drawn
    again, a month that was dropped meanwhile is made again, and the work begins anew:
    so ``work`` must change nothing outside of the databases.
    Raises what the blob store raised; then all is saved.
    """
    for attempt in range(1, DRAWS + 1):
        with scope.reading(tenant.id):
            known = sessions.interactions_of(firsts)
        drawn = _draw(known, firsts)
        months.ensure({_month(id_) for id_ in drawn.values()})
        try:
            with scope.writing(tenant.id):
                drafts = _opened(tenant, drawn, firsts, now=now)
                result = work(drafts)
                doomed = save(drafts.values(), now=now)
        except IntegrityError:
            months.forget()
            if attempt == DRAWS:
                raise
        else:
            intents.carry_out(tenant.id, doomed)
            return result
    raise Busy("The archive is busy. Try again in a moment.")


def _draw(known: Mapping[str, int], firsts: Mapping[str, datetime]) -> dict[str, int]:
    drawn = dict(known)
    taken = set(known.values())
    for session_id, first in firsts.items():
        while session_id not in drawn:
            id_ = mint(first, noise=randbits(NOISE_BITS))
            if id_ not in taken:
                taken.add(id_)
                drawn[session_id] = id_
    return drawn


def _month(interaction_id: int) -> date:
    year, month = month_of(interaction_id)
    return date(year, month, 1)


def _opened(
    tenant: Tenant,
    drawn: Mapping[str, int],
    firsts: Mapping[str, datetime],
    *,
    now: datetime,
) -> Drafts:
    bound = sessions.bind(drawn)
    rows = _locked(bound.values())
    cut = _cut(rows.values())
    drafts: Drafts = {}
    for session_id, id_ in bound.items():
        row = rows.get(id_)
        if row is None and drawn[session_id] != id_:
            # It went between two statements: whoever asks again makes it anew.
            raise Busy("The interaction is just being removed.")
        if row is None:
            row = _new(id_, session_id, firsts[session_id], now=now)
            drafts[session_id] = Draft(tenant.id, row, is_new=True)
        else:
            drafts[session_id] = _found(tenant.id, row, is_cut=id_ in cut)
    return drafts


def _locked(ids: Iterable[int]) -> dict[int, Interaction]:
    where, bound = one_of_months("id", list(ids))
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    rows = stored(Interaction, f"AND {where} ORDER BY id {lock}", bound)
    return {row.id: row for row in rows}


def _cut(listed: Iterable[Interaction]) -> set[int]:
    """Those whose person was forgotten, even if the rest of it is still under way."""
    people = {row.id: {*_people(row)} - {None} for row in listed}
    named = set().union(*people.values())
    gone = named - identifiers.living(named) if named else set()
    cut = {row.id for row in listed if row.anonymised_at is not None}
    return cut | {id_ for id_, ids in people.items() if gone & ids}


def _found(tenant_id: int, row: Interaction, *, is_cut: bool) -> Draft:
    draft = Draft(
        tenant_id,
        row,
        is_new=False,
        is_cut=is_cut,
        agents_before=list(row.agent_ids),
        had_topics=bool(row.flags & Flag.REGISTRATION),
        placed_before=placed(row),
        started_before=row.started_at,
        aged_before=row.aged_from,
        terms_before=row.terms,
    )
    draft.told_age_before = draft.told_age
    return draft


def opened_to_look(tenant: Tenant, interaction_id: int) -> Draft:
    """A draft of an interaction that is there, to be looked at and never saved.

    Inside a scope.
    """
    row = Interaction.objects.get(id=interaction_id)
    draft = _found(tenant.id, row, is_cut=bool(_cut([row])))
    draft.key = keys.read(tenant.id, KeyKind.TEXT, [row.id]).get(row.id)
    return draft


def _new(id_: int, session_id: str, first: datetime, *, now: datetime) -> Interaction:
    return Interaction(
        id=id_,
        session_id=session_id,
        media=Media.PHONE.number,
        direction=Direction.INBOUND.number,
        started_at=first,
        aged_from=first,
        updated_at=now,
    )
