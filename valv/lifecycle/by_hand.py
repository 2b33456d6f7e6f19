"""What somebody deleted by hand, told by the audit log; jobs tell theirs themselves.

Those entries go with their interaction. So the night that takes it carries over how
much there was, by class and local date, in its own report.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from valv.archive.models import Interaction
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.core.deletions import Cause, Line
from valv.core.interaction import ContentKind
from valv.core.moments import local_date
from valv.core.retention import stored_as

MARK = "by_hand"
AT_ONCE = 500


class Deleted(NamedTuple):
    """One content that somebody deleted."""

    interaction_id: int
    kind: ContentKind
    at: datetime


def carried(restricted: Mapping[int, bool], *, zone: ZoneInfo) -> Counter[str]:
    """What was deleted by hand of interactions that go now; inside ``writing``."""
    entries = Entry.objects.filter(interaction_id__among=restricted)
    return Counter(
        f"{MARK} {_class(one, restricted)} {local_date(one.at, zone=zone)}"
        for one in _deleted(entries)
    )


def carried_over(report: Mapping[str, int]) -> Iterator[Line]:
    """What a night's report carries, on the days on which it was deleted."""
    for name, count in report.items():
        mark, *rest = name.split(" ")
        if mark == MARK:
            data, day = rest
            on = date.fromisoformat(day)
            yield Line(
                data=data, count=count, cause=Cause.BY_HAND, first_on=on, last_on=on
            )


def still_told(start: datetime, end: datetime, *, zone: ZoneInfo) -> Iterator[Line]:
    """What was deleted by hand of interactions that are there; inside a scope."""
    entries = Entry.objects.filter(at__gte=start, at__lt=end, action=Action.DELETE)
    found = list(_deleted(entries.order_by("at", "id")))
    for begin in range(0, len(found), AT_ONCE):
        yield from _lines(found[begin : begin + AT_ONCE], zone)


def _lines(some: list[Deleted], zone: ZoneInfo) -> Iterator[Line]:
    ids = {one.interaction_id for one in some}
    rows = Interaction.objects.filter(id__in=ids).only("id", "restricted", "aged_from")
    held = {row.id: row for row in rows}
    restricted = {id_: bool(row.restricted) for id_, row in held.items()}
    for one in some:
        if one.interaction_id in held:
            on = local_date(one.at, zone=zone)
            ended = local_date(held[one.interaction_id].aged_from, zone=zone)
            yield Line(
                data=_class(one, restricted),
                count=1,
                cause=Cause.BY_HAND,
                first_on=on,
                last_on=on,
                oldest_on=ended,
                newest_on=ended,
            )


def _deleted(entries: QuerySet[Entry]) -> Iterator[Deleted]:
    """Those of them that a person deleted something by.

    Of some interactions it is told here: asked with them, SQLite looks through all that
    the tenant ever deleted.
    """
    asked = entries.values_list("action", "interaction_id", "content", "at", "details")
    for action, id_, content, at, told in asked:
        if action == Action.DELETE and id_ is not None and "job" not in told:
            yield Deleted(id_, ContentKind((content or "").partition(":")[0]), at)


def _class(one: Deleted, restricted: Mapping[int, bool]) -> str:
    return stored_as(one.kind, restricted=restricted[one.interaction_id]).value
