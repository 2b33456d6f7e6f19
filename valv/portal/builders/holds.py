"""Holds as their pages show them, and what is typed to place one."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from valv.archive.hold_models import Hold
from valv.core.errors import Conflict, Malformed
from valv.core.holds import HoldRule, HoldState
from valv.core.identifiers import Kind
from valv.core.interaction import Media
from valv.core.permissions import Right
from valv.lifecycle.held import Seen
from valv.lifecycle.holds import (
    Matter,
    Standing,
    hold_state,
    is_asked_by,
    may_release,
    people_of,
    release_rules,
    rule_of,
)
from valv.portal import words
from valv.portal.builders.hits import rows_of
from valv.portal.contexts.holds import (
    HoldForm,
    HoldPage,
    HoldRow,
    HoldsPage,
    HoldTyped,
)
from valv.portal.typed import typed
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

LINES = ("queue", "agent", "phone", "email", "handle")
PEOPLE = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)
LONGEST = 5_000
FIELDS = {"name": "matter", **{one: one for one in ("owner", "reason", *LINES)}}


def hold_row(hold: Hold, *, count: int = 0, now: datetime) -> HoldRow:
    rule = rule_of(hold)
    media = ", ".join(words.word(words.MEDIA, one) for one in rule.media)
    named = (("queue", rule.queue), ("agent", rule.agent))
    coming = [(name, ", ".join(texts)) for name, texts in named if texts]
    return HoldRow(
        id=hold.id,
        matter=hold.name,
        owner=hold.owner,
        reason=hold.reason,
        state=hold_state(hold, now=now).value,
        count=count,
        placed_at=hold.placed_at,
        placed_by=hold.placed_by,
        coming=(*coming, *([("media", media)] if media else [])),
        people=len(rule.people),
        asked_at=hold.asked_at,
        asked_by=hold.asked_by_name,
        released_at=hold.released_at,
        released_by=hold.released_by,
        release_reason=hold.release_reason,
        lifts_at=hold.lifts_at,
    )


def holds_page(
    listed: Iterable[Standing],
    form: HoldForm,
    *,
    now: datetime,
    rules: Tenant | None = None,
    wrong_grace: str = "",
) -> HoldsPage:
    """``rules`` is the tenant, for one who may set how its holds are released."""
    rows = [hold_row(one.hold, count=one.count, now=now) for one in listed]
    over = HoldState.LIFTED.value
    set_ = {} if rules is None else release_rules(rules)
    return HoldsPage(
        standing=tuple(row for row in rows if row.state != over),
        ended=tuple(row for row in rows if row.state == over),
        form=form,
        grace=int(set_["grace_days"]) if set_ else None,
        two_persons=bool(set_.get("two_persons")),
        wrong_grace=wrong_grace,
    )


def hold_page(seen: Seen, caller: Caller, *, now: datetime) -> HoldPage:
    hold, zone = seen.standing.hold, ZoneInfo(caller.tenant.timezone)
    return HoldPage(
        hold=hold_row(hold, count=seen.standing.count, now=now),
        rows=rows_of(seen.items, zone=zone, language=get_language() or "en"),
        next=seen.next,
        may_release=may_release(caller, hold),
        lacks_right=not caller.may(Right.RELEASE),
        is_mine=is_asked_by(caller, hold),
        two_persons=caller.tenant.hold_two_persons,
        grace=caller.tenant.hold_grace_days,
    )


def typed_hold(post: QueryDict) -> HoldTyped:
    texts = {name: typed(post, name) for name in ("matter", "owner", "reason")}
    lines = {name: typed(post, name, longest=LONGEST) for name in LINES}
    known = {one.value for one in Media}
    media = tuple(one for one in post.getlist("media") if one in known)
    return HoldTyped(**texts, **lines, media=media)


def matter_of(given: HoldTyped) -> Matter:
    return Matter(name=given.matter, owner=given.owner, reason=given.reason)


def coming_of(given: HoldTyped, tenant: Tenant) -> HoldRule | None:
    """The rule that was typed; None if nothing was. Raises Malformed."""
    people = [(kind, one) for kind in PEOPLE for one in _lines(given, kind.value)]
    rule = HoldRule(
        tuple(_lines(given, "queue")),
        tuple(_lines(given, "agent")),
        tuple(map(Media, given.media)),
        people_of(tenant, people),
    )
    return None if rule.is_empty() else rule


def _lines(given: HoldTyped, name: str) -> list[str]:
    lines = getattr(given, name).splitlines()
    return [line.strip() for line in lines if line.strip()]


def form_of(given: HoldTyped, error: Malformed | Conflict | None) -> HoldForm:
    if error is None:
        return HoldForm(given)
    if isinstance(error, Conflict):
        return HoldForm(given, "matter", _("There is a hold on this matter already."))
    field = FIELDS.get(error.field or "", "rule")
    return HoldForm(given, field, _fault(field))


def _fault(field: str) -> str:
    match field:
        case "matter":
            return _("A matter has 1 to 100 characters.")
        case "owner":
            return _("An owner has 1 to 100 characters.")
        case "phone" | "email" | "handle":
            return _(
                "One of them is no number or address. State each whole, without *."
            )
        case _:
            return _("Say what it covers.")
