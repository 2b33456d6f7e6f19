"""The general storage times: shown, changed after a preview, and how they change."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.permissions import Right
from valv.lifecycle.queries import in_store
from valv.portal.builders.storage import Typed, storage_rows, typed_from, typed_of
from valv.portal.builders.tokens import days_from
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.storage import Changing, HowChanged, StorageTimesPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.storage_changing import Wanted, saves, stepped, with_waiting
from valv.portal.typed import typed
from valv.storage import scope
from valv.tenants import storage_changes
from valv.tenants.storage_terms import Version, version_in_force

HERE = "storage-times"
UNPROCESSABLE = 422


@signed_in(Right.RETENTION, "GET", "POST")
@recently_confirmed(when=saves)
def storage_times(request: Request) -> HttpResponse:
    with scope.reading(request.caller.tenant.id):
        current = version_in_force()
    if request.method != "POST":
        given = typed_of(current.policy, version=current.number)
        return _page(request, current, given, Changing(version=str(current.number)))
    given = typed_from(request.POST, current.policy)
    wanted = Wanted(current.policy, given.policy)
    return stepped(request, wanted, partial(_page, request, current, given), here=HERE)


def _page(
    request: Request,
    current: Version,
    given: Typed,
    changing: Changing,
    status: int = 200,
    *,
    how: HowChanged | None = None,
) -> HttpResponse:
    caller = request.caller
    times, stores = current.policy.times, in_store(caller)
    page = StorageTimesPage(
        times=storage_rows(given, times, stores, tenant=caller.tenant),
        changing=with_waiting(request, changing),
        how=how or _how(request),
        number=given.number,
        decided_on=given.decided_on,
        rules=tuple(rule.name for rule in current.policy.rules),
        changed_at=current.since,
        changed_by=current.set_by,
    )
    return shown(request, "storage_times.html", page, here=HERE, status=status)


def _how(request: Request) -> HowChanged:
    tenant = request.caller.tenant
    return HowChanged(str(tenant.storage_wait_days), tenant.storage_two_persons)


@signed_in(Right.RETENTION, "POST")
@recently_confirmed()
def confirm(request: Request) -> HttpResponse:
    change = storage_changes.confirm(request.caller, now=request.now)
    said = _("The change is confirmed.")
    if change.outcome:
        said = _("The change is confirmed, and holds from the coming night.")
    messages.success(request, said)
    return see_other(reverse(HERE))


@signed_in(Right.RETENTION, "POST")
def withdraw(request: Request) -> HttpResponse:
    storage_changes.withdraw(request.caller, now=request.now)
    messages.success(request, _("The change is withdrawn."))
    return see_other(reverse(HERE))


@signed_in(Right.RETENTION, "POST")
@recently_confirmed()
def how(request: Request) -> HttpResponse:
    """How storage times are changed from now on."""
    two = "two_persons" in request.POST
    try:
        storage_changes.set_how_changed(
            request.caller.tenant,
            wait_days=days_from(request.POST.get("wait_days", ""), field="wait_days"),
            two_persons=two,
            actor=request.caller.actor,
            now=request.now,
        )
    except Malformed:
        fault = _("State a number of days from 0 to 90.")
        return _again(request, HowChanged(typed(request.POST, "wait_days"), two, fault))
    messages.success(request, _("Saved. It holds from now on."))
    return see_other(reverse(HERE))


def _again(request: Request, how: HowChanged) -> HttpResponse:
    with scope.reading(request.caller.tenant.id):
        current = version_in_force()
    given = typed_of(current.policy, version=current.number)
    changing = Changing(version=str(current.number))
    return _page(request, current, given, changing, UNPROCESSABLE, how=how)


routes = [
    path("storage-times", storage_times, name=HERE),
    path("storage-times/confirm", confirm, name="storage-confirm"),
    path("storage-times/withdraw", withdraw, name="storage-withdraw"),
    path("storage-times/how", how, name="storage-how"),
]
