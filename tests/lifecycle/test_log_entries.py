"""Entries of the log that hang on no interaction have a storage time of their own."""

from datetime import timedelta

import pytest

from tests.cast import NOW, OPERATOR
from tests.held import lay_interaction
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.verify import settle, verify
from valv.core.retention import FOREVER, StorageTimes, Stored
from valv.lifecycle.nightly import preview, run, today
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

LATER = NOW + timedelta(days=93)


@pytest.fixture
def log(acme: Tenant) -> Tenant:
    """A search, a play, a forgetting and a cut of NOW, and a search of yesterday."""
    acts = [
        Act(Action.SEARCH),
        Act(Action.PLAY, lay_interaction(acme), "recording:1"),
        Act(Action.FORGET),
        Act(Action.SETTING, details={"cut": "actor", "leaves": [[1, 1]]}),
    ]
    with scope.writing(acme.id):
        record(acts, actor=OPERATOR, now=NOW)
        record(Act(Action.SEARCH), actor=OPERATOR, now=LATER - timedelta(days=1))
    settle(acme.id)
    return acme


def acts_in(tenant: Tenant) -> list[str]:
    with scope.reading(tenant.id):
        found = Entry.objects.order_by("id")
        return list(found.values_list("action", flat=True))


def night(tenant: Tenant) -> dict[str, int]:
    return run(tenant, today(tenant, LATER), now=LATER).counts


def test_they_go_by_their_own_time_and_the_log_is_whole(log: Tenant) -> None:
    due = preview(log, today(log, LATER)).counts["log_entries"]

    counts = night(log)

    assert counts["log_entries"] == due == 2
    assert acts_in(log) == ["play", "forget", "setting", "search", "purge"]
    assert verify(log.id).ok
    assert night(log)["log_entries"] == 0


def test_for_ever_is_for_ever(log: Tenant) -> None:
    times = StorageTimes(log_entries=FOREVER)
    set_storage_times(log, times, actor=OPERATOR, now=NOW)

    assert night(log)["log_entries"] == 0


def test_the_time_of_general_information_does_not_shorten_it() -> None:
    assert StorageTimes(general=1).effective(Stored.LOG_ENTRIES) == 92
    unset = StorageTimes(general=7, log_entries=None)
    assert unset.effective(Stored.LOG_ENTRIES) == 7


def test_an_entry_that_no_purge_tells_of_is_missed(log: Tenant) -> None:
    night(log)
    with scope.writing(log.id):
        Entry.objects.filter(action="purge").delete()

    assert not verify(log.id).ok
