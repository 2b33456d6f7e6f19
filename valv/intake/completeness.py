"""Reading completeness: days as they were counted, and interactions that lack parts.

Days come from what was counted, so a page never counts. What an interaction lacks is
looked at anew when it is shown, so that nothing is listed as missing which has come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from valv.archive.models import Interaction, Queue
from valv.archive.vocabulary import queue_names
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.completeness import Gap, parts_of
from valv.core.daily_figures import Figures
from valv.core.ids import unix_ms
from valv.core.interaction import Media
from valv.core.moments import local_day_bounds, zone_named
from valv.core.permissions import Right
from valv.intake.counting import figures_of
from valv.intake.facts import Lens, confirmed_queues, facts_of
from valv.intake.models import DayCount, Missing
from valv.intake.patience import setting_in_force
from valv.storage import scope
from valv.storage.raw import rows
from valv.tenants.access import Caller
from valv.tenants.queries import storage_times

EVER = 1 << 60
Key = tuple[int, int]
BEYOND_ALL: Key = (EVER, EVER)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a period, oldest first, and when they were last counted."""

    figures: list[Figures]
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Affected:
    """An interaction that lacked parts when it was counted, and what it lacks now."""

    id: int
    session_id: str
    started_at: datetime
    media: str
    queue: str
    gaps: tuple[tuple[Gap, int, bool], ...]  # with a number, and whether it has come


def days(caller: Caller, first: date, last: date) -> Days:
    """What was counted of a period. Raises Forbidden."""
    caller.require(Right.RAW_DATA)
    with scope.reading(caller.tenant.id):
        found = list(
            DayCount.objects.filter(date__range=(first, last)).order_by("date")
        )
    counted = [row.counted_at for row in found if row.counted_at is not None]
    return Days(list(map(figures_of, found)), max(counted, default=None))


def affected(
    caller: Caller,
    first: date,
    last: date,
    *,
    gap: Gap | None,
    after: Key,
    limit: int,
    now: datetime,
) -> tuple[list[Affected], Key | None]:
    """Interactions of a period that lacked something, newest first, and where it ends.

    One more statement for each thing that is shown of them, however many they are. The
    key is None on the last page. Raises Forbidden.
    """
    caller.require(Right.RAW_DATA)
    zone = zone_named(caller.tenant.timezone)
    begin, end = (
        local_day_bounds(first, zone=zone)[0],
        local_day_bounds(last, zone=zone)[1],
    )
    with scope.reading(caller.tenant.id):
        keys = _keys(begin, end, gap, after, limit=limit + 1)
        ids = [id_ for _, id_ in keys[:limit]]
        shown = _shown(ids, now=now)
    return shown, keys[limit - 1] if len(keys) > limit else None


def _keys(
    begin: datetime, end: datetime, gap: Gap | None, after: Key, *, limit: int
) -> Sequence[Key]:
    kind = "" if gap is None else f" AND kind = {gap.number}"
    found = rows(
        "SELECT DISTINCT started_at, interaction_id FROM missing_part"  # noqa: S608
        " WHERE tenant_id = %s AND started_at >= %s AND started_at < %s"
        f" AND (started_at, interaction_id) < (%s, %s){kind}"
        " ORDER BY started_at DESC, interaction_id DESC LIMIT %s",
        [scope.current(), unix_ms(begin), unix_ms(end), *after, limit],
    )
    return [(at, id_) for at, id_ in found]


def _shown(ids: list[int], *, now: datetime) -> list[Affected]:
    """What was missing of each, and whether it still is."""
    patience = setting_in_force().patience
    facts = facts_of(ids, Lens(storage_times(), confirmed_queues()))
    names, listed = queue_names(), _listed(ids)
    there = Interaction.objects.in_bulk(ids)
    found = []
    for row in (there[id_] for id_ in ids if id_ in there):
        lacking = parts_of(facts[row.id], patience=patience, now=now).gaps
        found.append(
            Affected(
                id=row.id,
                session_id=row.session_id,
                started_at=row.started_at,
                media=Media.numbered(row.media).value,
                queue=names.get(row.queue_id or 0, ""),
                gaps=tuple((*one, one not in lacking) for one in listed[row.id]),
            )
        )
    return found


def _listed(ids: list[int]) -> dict[int, list[tuple[Gap, int]]]:
    listed: dict[int, list[tuple[Gap, int]]] = {id_: [] for id_ in ids}
    for row in Missing.objects.filter(interaction_id__in=ids).order_by("kind", "n"):
        listed[row.interaction_id].append((Gap.numbered(row.kind), row.n))
    return listed


def new_queues(caller: Caller) -> list[str]:
    """Queues that nobody has confirmed, by name. Raises Forbidden."""
    caller.require(Right.RAW_DATA)
    with scope.reading(caller.tenant.id):
        found = Queue.objects.filter(confirmed_at=None).order_by("name")
        return list(found.values_list("name", flat=True))


def confirm_queues(caller: Caller, names: Sequence[str], *, now: datetime) -> int:
    """Say that queues are the tenant's own; answers how many were new.

    The last days are counted anew. Raises Forbidden.
    """
    caller.require(Right.SETTINGS)
    with scope.writing(caller.tenant.id):
        new = Queue.objects.filter(name__in=names, confirmed_at=None)
        listed = sorted(new.values_list("name", flat=True))
        count = new.update(confirmed_at=now)
        if count:
            DayCount.objects.update(counted_at=None)
            details = setting("queues", {}, {"confirmed": listed})
            record(Act(Action.SETTING, details=details), actor=caller.actor, now=now)
    return count
