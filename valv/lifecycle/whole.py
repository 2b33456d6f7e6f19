"""Interactions past their time: they go whole, with all that hangs on them.

Done by sets, a batch in each transaction: rows, keys, bytes, identifiers used nowhere
else, and entries of the log, whose leaves stay.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from valv.archive import contents, prepared
from valv.archive.contents import Held
from valv.archive.models import (
    ChatCopy,
    ChatPart,
    Consent,
    Content,
    HoldItem,
    Interaction,
    OtherParty,
    Participation,
    PlayHandle,
    PreparedPart,
    RawEvent,
    Registration,
    SecureLink,
    Session,
    SharedCopy,
    Stray,
    Survey,
)
from valv.audit.operations import drop_entries_of
from valv.core.interaction import ContentKind, ContentState
from valv.core.retention import stored_as
from valv.core.verdict import Verdict, at_night
from valv.intake.models import Missing
from valv.lifecycle import by_hand
from valv.lifecycle.batches import Pace
from valv.lifecycle.due import Due, general_due
from valv.lifecycle.models import JobItem
from valv.lifecycle.night import (
    Counts,
    Night,
    act_of,
    in_batches,
    keep_scores,
    unused,
)
from valv.lifecycle.unused import identifiers_of
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import change, one_of, one_of_months, ours

CHILDREN: tuple[Any, ...] = (
    Content,
    ChatCopy,
    ChatPart,
    Consent,
    Survey,
    Registration,
    RawEvent,
    Participation,
    OtherParty,
    PlayHandle,
    PreparedPart,
    SecureLink,
    SharedCopy,
    Missing,
    JobItem,
    HoldItem,
    Stray,
)
COUNTED = {Survey: "surveys", RawEvent: "raw_events"}


class Going(NamedTuple):
    """Of an interaction, what is asked before it goes."""

    id: int
    session_id: str
    aged_from: datetime
    held: bool
    restricted: bool
    has_others: bool
    flags: int
    phone_id: int | None
    email_id: int | None
    name_id: int | None
    handle_id: int | None


def purge_general(night: Night, due: Due) -> None:
    """Remove whole interactions with all that hangs on them."""
    pace = Pace()
    in_batches(night, lambda night: _batch(night, due, pace))


def _batch(night: Night, due: Due, pace: Pace) -> list[Intent] | None:
    began = monotonic()
    going = _locked_due(due, pace.most)
    if not going:
        return None
    doomed = _end(night, going)
    pace.learn(len(going), monotonic() - began)
    return doomed


def _locked_due(due: Due, most: int) -> list[Going]:
    """The oldest; nobody changes them, or lays a hold, before the batch ends."""
    rows = general_due(due).filter(held=False)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    found = [Going(*row) for row in rows.values_list(*Going._fields)[:most]]
    return [
        one
        for one in found
        if at_night(one.aged_from, before=due.before, on_hold=one.held) is Verdict.DUE
    ]


def _end(night: Night, going: Sequence[Going]) -> list[Intent]:
    """Take interactions away that nobody else can change now."""
    restricted = {one.id: one.restricted for one in going}
    held, now = contents.held_of(restricted), night.now
    counts = _classes(held, restricted)
    touched = identifiers_of(going)
    deleted = by_hand.carried(restricted, zone=ZoneInfo(night.tenant.timezone))
    doomed = contents.destruction_of(held, now=now)
    doomed += prepared.ending_with(Q(interaction_id__among=restricted), now=now)
    doomed += intents.intend(KeyKind.TEXT, restricted, now=now)
    keep_scores(night, restricted)
    counts += _drop_rows(going)
    doomed += unused(night, touched, counts)
    counts["audit_entries"] = drop_entries_of(
        restricted,
        lambda count: act_of(counts | Counter(audit_entries=count)),
        actor=night.actor,
        now=now,
    )
    night.note(counts + deleted)
    return intents.commit(doomed)


def _classes(held: Iterable[Held], restricted: dict[int, bool]) -> Counts:
    return Counter(
        stored_as(
            ContentKind.numbered(row.kind), restricted=restricted[row.interaction_id]
        ).value
        for row in held
        if row.state == ContentState.PRESENT.number
    )


def _drop_rows(going: Sequence[Going]) -> Counts:
    """Drop the rows themselves; how many of the classes that are counted."""
    ids = [one.id for one in going]
    counts: Counts = Counter(general=len(ids))
    for child in CHILDREN:
        counts[COUNTED.get(child, "")] += _drop(child, "interaction_id", ids)
    del counts[""]
    _drop(Interaction, "id", ids)
    _delete(Session, one_of("session_id", [one.session_id for one in going]))
    return counts


def _drop(model: Any, column: str, ids: Sequence[int]) -> int:
    is_monthly = hasattr(model, "partition_key")
    return _delete(model, (one_of_months if is_monthly else one_of)(column, ids))


def _delete(model: Any, which: tuple[str, list[object]]) -> int:
    where, bound = which
    sql = f"DELETE FROM {model._meta.db_table} WHERE {ours()} AND {where}"  # noqa: S608
    return change(sql, [scope.current(), *bound])
