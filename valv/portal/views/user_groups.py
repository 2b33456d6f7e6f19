"""User groups, and what all users inherit."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import NotFound, ValvError
from valv.core.permissions import Right
from valv.portal.builders.users import fault_of, group_row, level_form, stated_from
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.users import GroupsPage, LevelPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.portal.views.users import REFUSALS
from valv.storage import scope
from valv.tenants.rights import read
from valv.tenants.users import (
    add_group,
    change_group,
    everyone,
    remove_group,
    ruled_groups,
    state_for_all,
)

HERE = "user-groups"
UNPROCESSABLE = 422


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def groups(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _list(request)
    name = typed(request.POST, "name")
    try:
        group = add_group(request.caller, name, now=request.now)
    except REFUSALS as error:
        return _list(request, name=name, error=error)
    return see_other(reverse("user-group", args=[group.id]))


def _list(
    request: Request, *, name: str = "", error: ValvError | None = None
) -> HttpResponse:
    with scope.reading(request.caller.tenant.id):
        found, ruled = everyone(request.caller.tenant), ruled_groups()
    page = GroupsPage(
        groups=tuple(
            group_row(one, found, ruled=ruled) for one in found.groups.values()
        ),
        name=name,
        fault=fault_of(error) if error else "",
    )
    status = UNPROCESSABLE if error else 200
    return shown(request, "user_groups.html", page, here=HERE, status=status)


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def group(request: Request, group: int) -> HttpResponse:
    if request.method != "POST":
        return _level(request, group)
    name = typed(request.POST, "name") or None
    try:
        stated = stated_from(request.POST)
        change_group(request.caller, group, name=name, stated=stated, now=request.now)
    except REFUSALS as error:
        return _level(request, group, fault=fault_of(error))
    return _saved(request, reverse("user-group", args=[group]))


@signed_in(Right.USERS, "POST")
@recently_confirmed()
def remove(request: Request, group: int) -> HttpResponse:
    try:
        remove_group(request.caller, group, now=request.now)
    except REFUSALS as error:
        return _level(request, group, fault=fault_of(error))
    messages.success(request, _("The group is removed; its users are still there."))
    return see_other(reverse(HERE))


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def of_all(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _level(request, None)
    try:
        state_for_all(request.caller, stated_from(request.POST), now=request.now)
    except REFUSALS as error:
        return _level(request, None, fault=fault_of(error))
    return _saved(request, reverse("rights-of-all"))


def _saved(request: Request, address: str) -> HttpResponse:
    messages.success(request, _("Saved. It holds from now on."))
    return see_other(address)


def _level(request: Request, group_id: int | None, *, fault: str = "") -> HttpResponse:
    caller = request.caller
    with scope.reading(caller.tenant.id):
        found, ruled = everyone(caller.tenant), ruled_groups()
    stated, row = found.tenant.stated, None
    if group_id is not None:
        if group_id not in found.groups:
            raise NotFound
        stated = found.groups[group_id].stated
        row = group_row(found.groups[group_id], found, ruled=ruled)
    form = level_form(read(stated), found, caller=caller)
    page = LevelPage(form=form, group=row, fault=fault)
    status = UNPROCESSABLE if fault else 200
    return shown(request, "user_group.html", page, here=HERE, status=status)


routes = [
    path("user-groups", groups, name=HERE),
    path("user-groups/all", of_all, name="rights-of-all"),
    path("user-groups/<int:group>", group, name="user-group"),
    path("user-groups/<int:group>/remove", remove, name="user-group-remove"),
]
