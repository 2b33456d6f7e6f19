"""Users: when they last came in, added, changed; what they may in the end."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Conflict, Forbidden, Malformed, ValvError
from valv.core.inheritance import Stated
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role
from valv.portal.builders.users import (
    fault_of,
    group_choices,
    number_from,
    roles_within,
    stated_from,
    user_page,
    user_row,
)
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.users import UsersPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.tenants.roster import list_users, see_user
from valv.tenants.users import UserChange, add_user, change_user

HERE = "users"
UNPROCESSABLE = 422
REFUSALS = (Malformed, Conflict, Forbidden)


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def users(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _list(request)
    try:
        user = add_user(
            request.caller,
            email=typed(request.POST, "email"),
            name=typed(request.POST, "name"),
            password=request.POST.get("password", ""),
            stated=Stated(grant=_role(request)),
            group_id=_group(request),
            now=request.now,
        )
    except REFUSALS as error:
        return _list(request, error)
    messages.success(request, _("The user can sign in."))
    return see_other(reverse("user", args=[user.id]))


def _role(request: Request) -> tuple[Right, ...]:
    """The rights of the role that was chosen; none where the group gives them."""
    chosen = request.POST.get("role", "")
    if not chosen:
        return ()
    if chosen not in set(Role):
        raise Malformed("There is no such role.", field="role")
    return tuple(sorted(RIGHTS_OF_ROLE[Role(chosen)]))


def _group(request: Request) -> int | None:
    chosen = request.POST.get("group", "")
    return number_from(chosen) if chosen else None


def _list(request: Request, error: ValvError | None = None) -> HttpResponse:
    caller = request.caller
    listed = list_users(caller, now=request.now)
    found, seen = listed.everyone, listed.signed_in_at
    rows = tuple(
        user_row(user, found, seen=seen, now=request.now)
        for user in found.users.values()
    )
    post = request.POST if error else {}
    page = UsersPage(
        active=tuple(row for row in rows if row.is_active),
        inactive=tuple(row for row in rows if not row.is_active),
        groups=group_choices(found),
        roles=roles_within(caller.rights),
        typed={name: post.get(name, "") for name in ("email", "name", "role", "group")},
        faults={} if error is None else {_place(error): fault_of(error)},
    )
    status = UNPROCESSABLE if error else 200
    return shown(request, "users.html", page, here=HERE, status=status)


def _place(error: ValvError) -> str:
    field = getattr(error, "field", None)
    return field if field in {"name", "password"} else "email"


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def user(request: Request, user: int) -> HttpResponse:
    if request.method != "POST":
        return _one(request, user)
    try:
        change = UserChange(
            {
                "name": typed(request.POST, "name"),
                "group_id": _group(request),
                "agent": typed(request.POST, "agent", longest=200),
                "rights": stated_from(request.POST),
            }
        )
        change_user(request.caller, user, change, now=request.now)
    except REFUSALS as error:
        return _one(request, user, fault=fault_of(error))
    messages.success(request, _("Saved. It holds from now on."))
    return see_other(reverse("user", args=[user]))


@signed_in(Right.USERS, "POST")
@recently_confirmed()
def let_in(request: Request, user: int) -> HttpResponse:
    """Let somebody in again, or shut them out."""
    is_active = request.POST.get("active") == "yes"
    try:
        change = UserChange({"is_active": is_active})
        change_user(request.caller, user, change, now=request.now)
    except REFUSALS as error:
        return _one(request, user, fault=fault_of(error))
    messages.success(
        request,
        _("The user can sign in.") if is_active else _("The user is shut out."),
    )
    return see_other(reverse("user", args=[user]))


def _one(request: Request, user_id: int, *, fault: str = "") -> HttpResponse:
    caller = request.caller
    seen = see_user(caller, user_id, now=request.now)
    found = seen.everyone
    shown_user = found.users[user_id]
    row = user_row(shown_user, found, seen=seen.signed_in_at, now=request.now)
    page = user_page(shown_user, found, caller=caller, row=row, fault=fault)
    status = UNPROCESSABLE if fault else 200
    return shown(request, "user.html", page, here=HERE, status=status)


routes = [
    path("users", users, name=HERE),
    path("users/<int:user>", user, name="user"),
    path("users/<int:user>/access", let_in, name="user-access"),
]
