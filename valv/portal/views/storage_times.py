"""Storage times: shown, changed after a preview of what the change would take."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest
from valv.core.permissions import Right
from valv.core.retention import StorageTimes, Stored
from valv.lifecycle.nightly import preview
from valv.lifecycle.queries import coming_date, in_store, setting_in_force
from valv.portal.builders.storage import (
    Typed,
    changes_of,
    storage_rows,
    typed_from,
    typed_of,
)
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.reports import StorageChange, StorageTimesPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.storage import scope
from valv.tenants.operations import set_storage_times
from valv.tenants.storage_terms import storage_policy

HERE = "storage-times"
UNPROCESSABLE = 422


def _saves(request: Request) -> bool:
    return request.POST.get("step") == "save"


@signed_in(Right.RETENTION, "GET", "POST")
@recently_confirmed(when=_saves)
def storage_times(request: Request) -> HttpResponse:
    current, _by = setting_in_force(request.caller)
    if request.method != "POST":
        return _page(request, typed_of(current))
    typed = typed_from(request.POST)
    if typed.times is None:
        return _page(request, typed, status=UNPROCESSABLE)
    if request.POST.get("step") == "save":
        return _save(request, typed.times)
    if request.POST.get("step") != "preview":
        raise BadRequest("There is no such step.", field="step")
    return _page(request, typed, changes=_changes(request, current, typed.times))


def _save(request: Request, times: StorageTimes) -> HttpResponse:
    caller = request.caller
    set_storage_times(caller.tenant, times, actor=caller.actor, now=request.now)
    said = _("The storage times are saved, and hold from the coming night.")
    messages.success(request, said)
    return see_other(reverse(HERE))


def _changes(
    request: Request, before: StorageTimes, after: StorageTimes
) -> tuple[StorageChange, ...]:
    tenant = request.caller.tenant
    coming = coming_date(tenant, request.now)
    with scope.reading(tenant.id):
        policy = replace(storage_policy(), times=after)
    goes = preview(tenant, coming, policy=policy).counts
    return changes_of(before, after, {s: goes[s.value] for s in Stored})


def _page(
    request: Request,
    typed: Typed,
    *,
    changes: tuple[StorageChange, ...] | None = None,
    status: int = 200,
) -> HttpResponse:
    caller = request.caller
    current, setting = setting_in_force(caller)
    page = StorageTimesPage(
        times=storage_rows(typed, current, in_store(caller), tenant=caller.tenant),
        changes=changes,
        changed_at=setting.since if setting else None,
        changed_by=setting.set_by if setting else "",
        may_change=True,
    )
    return shown(request, "storage_times.html", page, here=HERE, status=status)


routes = [path("storage-times", storage_times, name=HERE)]
