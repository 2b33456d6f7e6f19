"""What holds cover, to be looked at: the interactions of one, the matters over one."""

from dataclasses import dataclass
from datetime import datetime

from valv.archive import mentions
from valv.archive.access import readable_interaction
from valv.archive.hold_models import Hold, HoldItem
from valv.archive.items import Item, items
from valv.archive.rows import rows_of
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.permissions import Right
from valv.lifecycle.holds import TEXTS, Standing, found, standing_of
from valv.storage import scope
from valv.tenants.access import Caller

PAGE = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """A hold and a page of what it covers; ``next`` is where the page after it begins.

    Without the right to see it covers what it counts, and shows none of it.
    """

    standing: Standing
    items: list[Item]
    next: int | None = None


def see_hold(
    caller: Caller, hold_id: int, *, before: int | None = None, now: datetime
) -> Seen:
    """See a hold, newest interactions first; that they are seen is entered.

    Raises Forbidden, and NotFound.
    """
    caller.require(Right.HOLDS)
    with scope.writing(caller.tenant.id):
        standing = standing_of(found(hold_id))
        ids = _covered(hold_id, before) if caller.may(Right.SEE) else []
        if ids:
            details = {"hold": hold_id}
            act = Act(Action.SEE, content="hold", details=details)
            record(act, actor=caller.actor, now=now)
        rows = rows_of(sorted(ids), reach=caller.reach)
        newest = sorted(rows, key=lambda row: row[1], reverse=True)
        listed = items(caller.tenant, newest)
    return Seen(standing, listed, ids[-1] if len(ids) == PAGE else None)


def _covered(hold_id: int, before: int | None) -> list[int]:
    rows = HoldItem.objects.filter(hold_id=hold_id).order_by("-interaction_id")
    if before is not None:
        rows = rows.filter(interaction_id__lt=before)
    return list(rows.values_list("interaction_id", flat=True)[:PAGE])


def matters_over(caller: Caller, interaction_id: str) -> list[Hold]:
    """The holds that an interaction is under, for one who may place and release them.

    Empty for everybody else. Raises NotFound.
    """
    if not caller.may(Right.HOLDS):
        return []
    with scope.reading(caller.tenant.id):
        number = readable_interaction(caller, interaction_id).id
        ids = HoldItem.objects.filter(interaction_id=number).values("hold_id")
        listed = list(Hold.objects.filter(id__in=ids, restricts=False).order_by("id"))
        mentions.spell_out(caller.tenant.id, listed, *TEXTS)
        return listed
