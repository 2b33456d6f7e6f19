"""Holds: listed, placed on what is to come, looked at, and released.

Placing one on hits of a search begins on the page of the search.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Conflict, Malformed
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.lifecycle.held import see_hold
from valv.lifecycle.holds import (
    Wanted,
    holds,
    place,
    release,
    set_release_rules,
)
from valv.portal.asking_why import is_about_reason
from valv.portal.builders.holds import (
    coming_of,
    form_of,
    hold_page,
    holds_page,
    matter_of,
    typed_hold,
)
from valv.portal.builders.tokens import days_from
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.holds import HoldForm
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed

HERE = "holds"
UNPROCESSABLE = 422


@signed_in(Right.HOLDS, "GET", "POST")
def all_holds(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request, HoldForm())
    caller, given = request.caller, typed_hold(request.POST)
    try:
        wanted = Wanted(rule=coming_of(given, caller.tenant))
        placed = place(caller, matter_of(given), wanted, now=request.now)
    except (Malformed, Conflict) as error:
        if is_about_reason(error, request):
            raise
        return _page(request, form_of(given, error))
    messages.success(request, _("The hold is placed."))
    return see_other(reverse("hold", args=[placed.hold.id]))


def _page(request: Request, form: HoldForm, *, wrong_grace: str = "") -> HttpResponse:
    caller = request.caller
    page = holds_page(
        holds(caller),
        form,
        now=request.now,
        rules=caller.tenant if caller.may(Right.RETENTION) else None,
        wrong_grace=wrong_grace,
    )
    status = UNPROCESSABLE if form.wrong or wrong_grace else 200
    return shown(request, "holds.html", page, here=HERE, status=status)


@signed_in(Right.HOLDS)
def hold(request: Request, hold_id: int) -> HttpResponse:
    before = request.GET.get("before")
    seen = see_hold(
        request.caller,
        hold_id,
        before=None if before is None else id_from_text(before),
        now=request.now,
    )
    page = hold_page(seen, request.caller, now=request.now)
    return shown(request, "hold.html", page, here=HERE)


@signed_in(Right.HOLDS, "POST")
@recently_confirmed()
def release_hold(request: Request, hold_id: int) -> HttpResponse:
    reason = typed(request.POST, "reason")
    released = release(request.caller, hold_id, reason=reason, now=request.now).hold
    if released.released_at is None:
        said = _("The release is asked for.")
    else:
        said = _("The hold is released.")
    messages.success(request, said)
    return see_other(reverse("hold", args=[hold_id]))


@signed_in(Right.HOLDS, "POST")
def rules(request: Request) -> HttpResponse:
    """How holds are released from now on."""
    caller = request.caller
    caller.require(Right.RETENTION)
    try:
        days = days_from(request.POST.get("grace", ""), field="grace_days")
        set_release_rules(
            caller.tenant,
            grace_days=days,
            two_persons="two_persons" in request.POST,
            actor=caller.actor,
            now=request.now,
        )
    except Malformed:
        fault = _("State a number of days from 0 to 365.")
        return _page(request, HoldForm(), wrong_grace=fault)
    messages.success(request, _("Saved. It holds from now on."))
    return see_other(reverse(HERE))


routes = [
    path("holds", all_holds, name=HERE),
    path("holds/rules", rules, name="hold-rules"),
    path("holds/<int:hold_id>", hold, name="hold"),
    path("holds/<int:hold_id>/release", release_hold, name="hold-release"),
]
