"""The general storage times: shown, changed after a preview of what that would take."""

from functools import partial

from django.http import HttpResponse
from django.urls import path

from valv.core.permissions import Right
from valv.lifecycle.queries import in_store
from valv.portal.builders.storage import Typed, storage_rows, typed_from, typed_of
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.storage import Changing, StorageTimesPage
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.portal.storage_changing import Wanted, saves, stepped
from valv.storage import scope
from valv.tenants.storage_terms import Version, version_in_force

HERE = "storage-times"


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
) -> HttpResponse:
    caller = request.caller
    times, stores = current.policy.times, in_store(caller)
    page = StorageTimesPage(
        times=storage_rows(given, times, stores, tenant=caller.tenant),
        changing=changing,
        number=given.number,
        decided_on=given.decided_on,
        rules=tuple(rule.name for rule in current.policy.rules),
        changed_at=current.since,
        changed_by=current.set_by,
    )
    return shown(request, "storage_times.html", page, here=HERE, status=status)


routes = [path("storage-times", storage_times, name=HERE)]
