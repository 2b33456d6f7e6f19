"""Storage times: what they are, setting them, and what a change would remove."""

from typing import Any

from valv.api.endpoint import Call, endpoint
from valv.core.permissions import Right
from valv.core.retention import StorageTimes, times_from
from valv.lifecycle import nightly
from valv.storage import scope
from valv.tenants.operations import set_storage_times
from valv.tenants.queries import storage_times

Times = dict[str, int | str | None]
Preview = dict[str, Any]


def _now_in_force(call: Call) -> StorageTimes:
    with scope.reading(call.caller.tenant.id):
        return storage_times()


def _stated(call: Call) -> StorageTimes:
    return times_from(call.json(Times), current=_now_in_force(call))


@endpoint("GET", "/retention", right=Right.RETENTION, answers={200: Times})
def show_storage_times(call: Call) -> Times:
    """Show how many days each class of data is kept.

    A number of days, ``forever``, or null for as long as general information.
    """
    return _now_in_force(call).as_json()


@endpoint("PUT", "/retention", right=Right.RETENTION, body=Times, answers={200: Times})
def put_storage_times(call: Call) -> Times:
    """Set storage times; classes that are not named stay as they are."""
    times = _stated(call)
    caller = call.caller
    set_storage_times(caller.tenant, times, actor=caller.actor, now=call.now)
    return times.as_json()


@endpoint(
    "POST",
    "/retention/preview",
    right=Right.RETENTION,
    body=Times,
    answers={200: Preview},
)
def preview_storage_times(call: Call) -> Preview:
    """Say what tonight would remove under other storage times; nothing changes."""
    tenant = call.caller.tenant
    date = nightly.today(tenant, call.now)
    return nightly.preview(tenant, date, times=_stated(call)).as_json()
