"""Support access: granted, changed, ended and watched; and entered by who supports."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.archive.access import by_session, readable_interaction
from valv.archive.log_reading import done_by_support, look_at_support
from valv.core.errors import Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.moments import local_date, parse_from, parse_to, zone_named
from valv.core.people import ActorType
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.core.support import GRANTABLE, Granted
from valv.portal import supporting
from valv.portal.builders.support import done_shown, grant_shown
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.support import DeskPage, GrantForm, SupportPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.storage import scope
from valv.tenants import support
from valv.tenants.models import SupportGrant, User

UNPROCESSABLE = 422
HERE, DESK = "support-access", "support-desk"
MOST_DONE = 50
PERSON, TEAM = "person:", "team:"


@signed_in(Right.SUPPORT, "GET", "POST")
@recently_confirmed()
def support_access(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _form(request))
    try:
        who = request.POST.get("who", "")
        person = who.removeprefix(PERSON) if who.startswith(PERSON) else None
        support.grant(
            request.caller,
            _granted(request),
            person=None if person is None else id_from_text(person),
            team=who.removeprefix(TEAM),
            now=request.now,
        )
    except Malformed as fault:
        form = _form(request, typed_in=request, fault=fault)
        return _page(request, form, status=UNPROCESSABLE)
    messages.success(request, _("Support is let in."))
    return see_other(reverse(HERE))


def _page(request: Request, form: GrantForm, *, status: int = 200) -> HttpResponse:
    rows, now = support.grants(request.caller), request.now
    page = SupportPage(
        grants=tuple(grant_shown(row, now=now) for row in rows),
        done=done_shown(look_at_support(request.caller, limit=MOST_DONE, now=now)),
        form=form,
    )
    return shown(request, "support_access.html", page, here=HERE, status=status)


def _granted(request: Request) -> Granted:
    """What is typed. Raises Malformed, naming the field."""
    post, zone = request.POST, zone_named(request.caller.tenant.timezone)
    names = set(post.getlist("rights")) & {one.value for one in GRANTABLE}
    since, before = typed(post, "since"), typed(post, "before")
    queues, interactions = post.getlist("queues"), _interactions(request)
    days = typed(post, "days", longest=3)
    reach = Reach(
        queues=frozenset(queues) if queues else None,
        interactions=interactions,
        since=parse_from(since, zone=zone) if since else None,
        until=parse_to(before, zone=zone) if before else None,
    )
    until = request.now + timedelta(days=int(days) if days.isdecimal() else 0)
    rights = frozenset(Right(name) for name in names)
    return Granted(rights, reach, until, typed(post, "reason"))


def _interactions(request: Request) -> frozenset[int] | None:
    """By what their sources call them, or by their ids, one on each line."""
    wanted = typed(request.POST, "interactions", longest=10_000).split()
    if not wanted:
        return None
    with scope.reading(request.caller.tenant.id):
        return frozenset(_interaction(request, one) for one in wanted)


def _interaction(request: Request, name: str) -> int:
    try:
        return int(by_session(request.caller, name).id)
    except NotFound:
        with suppress(NotFound):
            return int(readable_interaction(request.caller, name).id)
        raise Malformed("There is no such interaction.", field="interactions") from None


def _form(
    request: Request,
    *,
    typed_in: Request | None = None,
    row: SupportGrant | None = None,
    fault: Malformed | None = None,
) -> GrantForm:
    people = support.supporters()
    post = request.POST if typed_in else None
    teams = [(f"{TEAM}{team}", team) for team in support.teams_of(people)]
    who = [(f"{PERSON}{one.id}", f"{one.name} ({one.team})") for one in people]
    may = request.caller.rights
    told = _typed_span(request) if post else _span_of(request, row)
    return GrantForm(
        action=request.path,
        who=() if row else tuple(teams + who),
        chosen=post.get("who", "") if post else "",
        rights=tuple(one.value for one in GRANTABLE if one in may),
        allowed=frozenset(post.getlist("rights") if post else _rights_of(row)),
        queues=tuple((name, name) for name in queries.queues(request.caller)),
        in_queues=frozenset(post.getlist("queues") if post else _queues_of(row)),
        interactions=told["interactions"],
        since=told["since"],
        before=told["before"],
        days=typed(request.POST, "days") or "1",
        reason=typed(request.POST, "reason") or (row.reason if row else ""),
        fault=_said_of(fault) if fault else "",
        field=(fault.field or "") if fault else "",
    )


def _rights_of(row: SupportGrant | None) -> list[str]:
    return list(row.rights) if row else [Right.SEE.value]


def _queues_of(row: SupportGrant | None) -> list[str]:
    return list(row.reach.get("queues") or ()) if row else []


def _typed_span(request: Request) -> dict[str, str]:
    names = ("interactions", "since", "before")
    return {name: typed(request.POST, name, longest=10_000) for name in names}


def _span_of(request: Request, row: SupportGrant | None) -> dict[str, str]:
    """As it is granted, so that a change of something else widens nothing."""
    reach = Reach() if row is None else support.granted_of(row).reach
    zone = zone_named(request.caller.tenant.timezone)
    since, before = reach.since, reach.until
    return {
        "interactions": "\n".join(map(str, sorted(reach.interactions or ()))),
        "since": "" if since is None else local_date(since, zone=zone).isoformat(),
        "before": "" if before is None else _last_day(before, zone).isoformat(),
    }


def _last_day(before: datetime, zone: ZoneInfo) -> date:
    return local_date(before - timedelta(milliseconds=1), zone=zone)


def _said_of(fault: Malformed) -> str:
    return {
        "who": _("Choose a team or a person."),
        "rights": _("Choose what support may do; it must be let see."),
        "until": _("Choose 1 to 30 days."),
        "reason": _("Write a reason, without phone numbers and e-mail addresses."),
        "interactions": _("There is no such interaction."),
    }.get(fault.field or "", _("That could not be read."))


@signed_in(Right.SUPPORT)
def done(request: Request) -> HttpResponse:
    """What support did until now; asked again and again, by the page."""
    lines = done_by_support(request.caller, limit=MOST_DONE)
    page = {"done": done_shown(lines)}
    return render(request, "support_done.html", {"page": page})


@signed_in(Right.SUPPORT, "GET", "POST")
@recently_confirmed()
def change(request: Request, grant: str) -> HttpResponse:
    number = id_from_text(grant)
    row = next((r for r in support.grants(request.caller) if r.id == number), None)
    if row is None or grant_shown(row, now=request.now).state != "open":
        raise NotFound
    if request.method != "POST":
        return _change_page(request, row, _form(request, row=row))
    try:
        granted = _granted(request)
        support.change_grant(request.caller, number, granted, now=request.now)
    except Malformed as fault:
        form = _form(request, typed_in=request, row=row, fault=fault)
        return _change_page(request, row, form, status=UNPROCESSABLE)
    messages.success(request, _("Support access is changed, from the next request on."))
    return see_other(reverse(HERE))


def _change_page(
    request: Request, row: SupportGrant, form: GrantForm, *, status: int = 200
) -> HttpResponse:
    page = SupportPage((grant_shown(row, now=request.now),), (), form)
    return shown(request, "support_change.html", page, here=HERE, status=status)


@signed_in(Right.SUPPORT, "POST")
def end(request: Request, grant: str) -> HttpResponse:
    support.end_grant(request.caller, id_from_text(grant), now=request.now)
    messages.success(request, _("Support access is ended."))
    return see_other(reverse(HERE))


@signed_in(None)
def desk(request: Request) -> HttpResponse:
    """Which tenants let one in: for those of the support desk alone."""
    person = _supporter(request)
    page = DeskPage(
        tuple(
            grant_shown(row, now=request.now, tenant=tenant)
            for tenant, row in support.granted_to(person, now=request.now)
        ),
        person.name,
    )
    return shown(request, "support_desk.html", page)


def _supporter(request: Request) -> User:
    actor = request.caller.actor
    if actor.type is not ActorType.SUPPORT:
        raise NotFound
    return User(id=actor.id, name=actor.name)


@signed_in(None, "POST")
def enter(request: Request, tenant: str, grant: str) -> HttpResponse:
    person = _supporter(request)
    place = id_from_text(tenant), id_from_text(grant)
    supporting.enter(request, person, *place, now=request.now)
    return see_other(reverse("search"))


@signed_in(None, "POST")
def leave(request: Request) -> HttpResponse:
    _supporter(request)
    supporting.leave(request)
    return see_other(reverse(DESK))


routes = [
    path("support-access", support_access, name=HERE),
    path("support-access/done", done, name="support-done"),
    path("support-access/<str:grant>", change, name="support-change"),
    path("support-access/<str:grant>/end", end, name="support-end"),
    path("support-desk", desk, name=DESK),
    path("support-desk/leave", leave, name="support-leave"),
    path("support-desk/<str:tenant>/<str:grant>", enter, name="support-enter"),
]
