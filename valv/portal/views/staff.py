"""Users who left: what is held about them, as a file, and their pseudonyms."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.lifecycle.former_users import pseudonymise
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.staff import FormerUser, StaffPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.files import attached
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.sharing import staff_package
from valv.sharing.transfers import Way
from valv.tenants.staff import (
    former_users,
    is_known,
    present_users,
    set_former_after,
    user_by_number,
)
from valv.tenants.users import UserChange, change_user

HERE = "staff"
UNPROCESSABLE = 422


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def staff(request: Request) -> HttpResponse:
    """The list; by POST, for how long users who left are known by name."""
    if request.method != "POST":
        return _page(request)
    text = typed(request.POST, "days")
    try:
        set_former_after(
            request.caller.tenant,
            _days(text),
            actor=request.caller.actor,
            now=request.now,
        )
    except Malformed:
        return _page(request, fault=_("A number of days, from 0 to 36,500."))
    messages.success(request, _("Saved. It holds for what comes from now on."))
    return see_other(reverse(HERE))


def _days(text: str) -> int | None:
    """Raises Malformed for what is not a number; nothing means never."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise Malformed("It is a number of days.", field="days")
    return int(text)


def _page(request: Request, *, fault: str = "") -> HttpResponse:
    tenant = request.caller.tenant
    kept = tenant.former_after_days
    page = StaffPage(
        present=tuple(
            (str(one.id), one.name)
            for one in present_users(tenant.id)
            if one.id != request.caller.actor.id
        ),
        former=tuple(
            FormerUser(str(one.id), one.name, one.left_at, known=is_known(one))
            for one in former_users(tenant.id)
        ),
        days=typed(request.POST, "days")
        if fault
        else ""
        if kept is None
        else str(kept),
        fault=fault,
    )
    status = UNPROCESSABLE if fault else 200
    return shown(request, "staff.html", page, here=HERE, status=status)


@signed_in(Right.USERS, "POST")
@recently_confirmed()
def staff_leave(request: Request, user_id: int) -> HttpResponse:
    change = UserChange({"is_active": False})
    change_user(request.caller, user_id, change, now=request.now)
    messages.success(request, _("They can sign in no more."))
    return see_other(reverse(HERE))


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def staff_pseudonym(request: Request, user_id: int) -> HttpResponse:
    """Asked once more, for it cannot be undone."""
    caller = request.caller
    if request.method != "POST":
        page = user_by_number(caller.tenant, user_id)
        return shown(request, "staff_pseudonym.html", page, here=HERE)
    name = pseudonymise(caller.tenant, user_id, actor=caller.actor, now=request.now)
    said = _("From now on they are called “%(name)s”, in the archive and in its log.")
    messages.success(request, said % {"name": name})
    return see_other(reverse(HERE))


@signed_in(Right.USERS, "POST", transfers=Way.OUT)
def staff_file(request: Request, user_id: int) -> HttpResponseBase:
    zone = zone_named(request.caller.tenant.timezone)
    stream = staff_package.staff_package(
        request.caller, user_id, now=request.now, zone=zone
    )
    return attached(request, stream, "user", "zip", staff_package.MEDIA_TYPE)


routes = [
    path("staff", staff, name=HERE),
    path("staff/<int:user_id>/leave", staff_leave, name="staff-leave"),
    path("staff/<int:user_id>/pseudonym", staff_pseudonym, name="staff-pseudonym"),
    path("staff/<int:user_id>/file", staff_file, name="staff-file"),
]
