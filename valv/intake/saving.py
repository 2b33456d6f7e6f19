"""Saving interactions in work, with all that must keep in step with them.

A few statements for any number of interactions. The age of what hangs on an interaction
is the interaction's own, and so is the start by which an agent's work is listed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from valv.archive.flags import Flag
from valv.archive.holds import hold_arriving, keep_items
from valv.archive.models import (
    Consent,
    Interaction,
    OtherParty,
    Participation,
    Registration,
    Stray,
    Survey,
)
from valv.archive.storage_terms import Sorting, topics_of
from valv.archive.topics import named, topic_ids
from valv.core.ids import unix_ms
from valv.intake.drafts import Draft, is_stray, set_flag
from valv.intake.stated import Stated
from valv.storage import scope
from valv.storage.columns import Columns, insert, insert_new
from valv.storage.models import Intent
from valv.storage.raw import many

BATCH = 200
UNCHANGING = {"id", "session_id", "tenant_id"}
INDEXED = {"held"}.union(*(index.fields for index in Interaction._meta.indexes))
CHANGING = [
    field
    for field in Interaction._meta.concrete_fields
    if field.attname not in UNCHANGING
]
ALL = Columns(CHANGING)
# SQLite writes every index anew of which a column is set, changed or not.
PLAIN = Columns(field for field in CHANGING if field.attname not in INDEXED)
CHANGE_ALL, CHANGE_PLAIN = (
    f"UPDATE interaction SET {', '.join(f'{name} = %s' for name in columns.names)}"  # noqa: S608
    " WHERE tenant_id = %s AND id = %s"
    for columns in (ALL, PLAIN)
)
placed = attrgetter(*sorted(INDEXED - UNCHANGING))
SURVEY_COLUMNS = [
    "score",
    "scale_from",
    "scale_to",
    "comment",
    "at",
    "aged_from",
    "terms",
]
# The plus keeps SQLite on the primary key, and off walking all the tenant's rows.
AGE = "UPDATE {} SET aged_from = %s WHERE +tenant_id = %s AND interaction_id = %s"
TERMS = "UPDATE {} SET terms = %s WHERE +tenant_id = %s AND interaction_id = %s"


def save(drafts: Iterable[Draft], *, now: datetime) -> list[Intent]:
    """Save interactions inside the ``writing`` scope that locked them.

    What is answered is to be carried out after the commit. Raises IntegrityError if
    the id of a new one is taken.
    """
    listed = sorted((d for d in drafts if not d.is_idle), key=lambda draft: draft.id)
    doomed = [intent for draft in listed for intent in draft.doomed]
    for draft in listed:
        _settle(draft, now=now)
    _sort(listed)
    held = hold_arriving([(draft.row, draft.others or ()) for draft in listed])
    _save_rows(listed)
    if held:
        doomed += keep_items(held, now=now)
    _save_agents([draft for draft in listed if _agents_moved(draft)])
    _save_others([draft for draft in listed if draft.others is not None])
    _save_registrations([d for d in listed if d.registrations is not None])
    _save_surveys([d.survey for d in listed if d.survey is not None])
    _save_consents([row for draft in listed for row in draft.consents])
    _save_strays([draft for draft in listed if _start_moved(draft)])
    _age([draft for draft in listed if not draft.is_new])
    _set_terms([draft for draft in listed if draft.row.terms != draft.terms_before])
    return doomed


def _settle(draft: Draft, *, now: datetime) -> None:
    row = draft.row
    row.updated_at = now
    if not draft.is_settled:
        draft.settle_age(
            row.aged_from if draft.states(Stated.DERIVED) else row.started_at
        )
    if draft.others is not None:
        row.has_others = bool(draft.others)
    if draft.registrations is not None:
        set_flag(row, Flag.REGISTRATION, on=bool(draft.registrations))
    if draft.consents:
        set_flag(row, Flag.CONSENT, on=True)
    if draft.survey is not None:
        draft.survey.aged_from = row.aged_from
        row.score = draft.survey.score
        set_flag(row, Flag.SURVEY, on=True)


def _sort(drafts: Sequence[Draft]) -> None:
    """Say by which storage times each is kept, as it stands now."""
    if not drafts:
        return
    sorting = Sorting()
    topics = _topics(drafts) if sorting.needs_topics() else {}
    for draft in drafts:
        draft.row.terms = sorting.number_of(draft.row, topics.get(draft.id, ()))
        if draft.survey is not None:
            draft.survey.terms = draft.row.terms


def _topics(drafts: Sequence[Draft]) -> dict[int, Sequence[int]]:
    """What is registered of each: as it is about to be saved, else as it stands."""
    told = {d.id: d.registrations for d in drafts if d.registrations is not None}
    ids = topic_ids(named(one) for listed in told.values() for one in listed)
    found = dict(topics_of(draft.id for draft in drafts if draft.id not in told))
    return found | {
        id_: [ids[named(one)] for one in listed] for id_, listed in told.items()
    }


def _save_rows(drafts: Sequence[Draft]) -> None:
    """By hand-written SQL: the rows themselves are half of what is saved."""
    insert([draft.row for draft in drafts if draft.is_new])
    moved, kept = list[list[Any]](), list[list[Any]]()
    for draft in drafts:
        if draft.is_new:
            continue
        is_moved = placed(draft.row) != draft.placed_before
        values = (ALL if is_moved else PLAIN).values(draft.row)
        (moved if is_moved else kept).append([*values, draft.tenant_id, draft.id])
    many(CHANGE_ALL, moved)
    many(CHANGE_PLAIN, kept)


def _start_moved(draft: Draft) -> bool:
    moved: bool = draft.row.started_at != draft.started_before
    return moved


def _agents_moved(draft: Draft) -> bool:
    agents = draft.row.agent_ids
    return agents != draft.agents_before or (bool(agents) and _start_moved(draft))


def _replace(model: Any, drafts: Sequence[Draft], rows: Sequence[Any]) -> None:
    """Put ``rows`` in the place of those that ``drafts`` may have."""
    old = [draft.id for draft in drafts if not draft.is_new]
    if old:
        model.objects.filter(interaction_id__in=old).delete()
    insert(rows)


def _save_agents(drafts: Sequence[Draft]) -> None:
    rows = [
        Participation(
            interaction_id=draft.id,
            agent_id=agent_id,
            started_at=draft.row.started_at,
        )
        for draft in drafts
        for agent_id in draft.row.agent_ids
    ]
    _replace(Participation, drafts, rows)


def _save_others(drafts: Sequence[Draft]) -> None:
    rows = [
        OtherParty(
            interaction_id=draft.id,
            identifier_id=identifier_id,
            started_at=draft.row.started_at,
        )
        for draft in drafts
        for identifier_id in dict.fromkeys(draft.others or ())
    ]
    _replace(OtherParty, drafts, rows)


def _save_registrations(drafts: Sequence[Draft]) -> None:
    picked = [named(one) for draft in drafts for one in draft.registrations or ()]
    ids = topic_ids(picked) if picked else {}
    rows = [
        Registration(
            interaction_id=draft.id,
            n=n,
            topic_id=ids[named(one)],
            at=one.at,
            started_at=draft.row.started_at,
        )
        for draft in drafts
        for n, one in enumerate(draft.registrations or (), start=1)
    ]
    _replace(Registration, [d for d in drafts if d.had_topics or d.registrations], rows)


def _save_surveys(surveys: Sequence[Survey]) -> None:
    Survey.objects.bulk_create(
        surveys,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["interaction_id"],
        update_fields=SURVEY_COLUMNS,
    )


def _save_consents(consents: Sequence[Consent]) -> None:
    """An answer that stands is never changed by being told again."""
    insert_new(consents)


def _save_strays(drafts: Sequence[Draft]) -> None:
    """List those whose start lies far from their id, and move what starts with them."""
    old = [draft.id for draft in drafts if not draft.is_new]
    if old:
        Stray.objects.filter(interaction_id__in=old).delete()
    Stray.objects.bulk_create(
        Stray(interaction_id=draft.id, started_at=draft.row.started_at)
        for draft in drafts
        if is_stray(draft.row)
    )
    for draft in drafts:
        _move(draft)


def _move(draft: Draft) -> None:
    """Bring along what stands listed by the start, unless it is written anew."""
    row = draft.row
    has_topics = bool(row.flags & Flag.REGISTRATION)
    moved = (
        (OtherParty, row.has_others and draft.others is None),
        (Registration, has_topics and draft.registrations is None),
    )
    for model, is_left in moved:
        if is_left and not draft.is_new:
            model.objects.filter(interaction_id=draft.id).update(
                started_at=row.started_at
            )


def _age(drafts: Sequence[Draft]) -> None:
    """What hangs on an interaction is as old as it; events of one that runs wait."""
    moved = [d for d in drafts if d.aged_before != d.row.aged_from]
    surveyed = [d for d in moved if d.row.flags & Flag.SURVEY]
    told = [d for d in drafts if d.told_age_before != d.told_age]
    _set_age("content", {d.id: d.row.aged_from for d in moved})
    _set_age("survey", {d.id: d.row.aged_from for d in surveyed})
    _set_age("raw_event", {d.id: d.told_age for d in told})


def _set_age(table: str, ages: Mapping[int, datetime]) -> None:
    tenant_id = scope.current()
    rows = [(unix_ms(age), tenant_id, id_) for id_, age in ages.items()]
    many(AGE.format(table), rows)


def _set_terms(drafts: Sequence[Draft]) -> None:
    """What hangs on an interaction is kept by the same terms as it."""
    tenant_id = scope.current()
    rows = [(draft.row.terms, tenant_id, draft.id) for draft in drafts]
    for table in ("content", "survey", "raw_event"):
        many(TERMS.format(table), rows)
