"""What the coming nights will take, and what is in store."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import NOW, OPERATOR
from tests.lifecycle.archive_of_ages import AGES, lay_ages
from valv.archive.models import Interaction
from valv.core.errors import Forbidden
from valv.core.retention import FOREVER, StorageTimes, Stored
from valv.lifecycle import nightly
from valv.lifecycle.due import present, unheld
from valv.lifecycle.queries import coming_nights, in_store, past_nights
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.operations import set_storage_times
from valv.tenants.signin import caller_of_user


@pytest.fixture(scope="module")
def acme(acme_once: Tenant) -> Tenant:
    return acme_once


@pytest.fixture
def officer(cleo: User) -> Caller:
    return caller_of_user(cleo)


@pytest.fixture(scope="module")
def archive(acme: Tenant) -> Tenant:
    lay_ages(acme, NOW)
    return acme


def test_the_nights_to_come_add_up_to_what_each_would_take_alone(
    officer: Caller, archive: Tenant
) -> None:
    first = nightly.today(archive, NOW) + timedelta(days=1)

    nights = coming_nights(officer, first, count=30).nights

    alone = {date: nightly.preview(archive, date).counts for date, _ in nights}
    for stored in Stored:
        taken = 0
        for run_date, counts in nights:
            taken += counts[stored]
            assert taken == alone[run_date][stored.value]


def test_what_is_held_is_not_among_what_goes(officer: Caller, archive: Tenant) -> None:
    with scope.writing(archive.id):
        Interaction.objects.update(held=True)

    coming = coming_nights(officer, nightly.today(archive, NOW), count=14)

    assert coming.held == len(AGES) * 2
    assert not any(sum(counts.values()) for _, counts in coming.nights)


def test_what_is_kept_for_ever_never_goes(officer: Caller, archive: Tenant) -> None:
    for_ever = StorageTimes(general=FOREVER, recordings=FOREVER, chat_logs=FOREVER)
    set_storage_times(archive, for_ever, actor=OPERATOR, now=NOW)

    coming = coming_nights(officer, nightly.today(archive, NOW), count=14)

    assert not any(sum(counts.values()) for _, counts in coming.nights)


def test_many_nights_cost_no_more_queries_than_one(
    officer: Caller, archive: Tenant
) -> None:
    first = nightly.today(archive, NOW)

    with CaptureQueriesContext(connection) as one:
        coming_nights(officer, first, count=1)
    with CaptureQueriesContext(connection) as many:
        coming_nights(officer, first, count=30)

    assert len(many) == len(one)


def test_a_store_says_how_much_and_since_when(officer: Caller, archive: Tenant) -> None:
    found = in_store(officer)

    assert found[Stored.GENERAL].count == len(AGES) * 2
    assert found[Stored.RECORDINGS].count == len(AGES)
    assert found[Stored.RECORDINGS].oldest == NOW - timedelta(days=200)
    assert found[Stored.SURVEYS].oldest is None


def test_the_nights_behind_us_come_newest_first(
    officer: Caller, archive: Tenant
) -> None:
    date = nightly.today(archive, NOW)
    nightly.run(archive, date, now=NOW)
    nightly.run(archive, date + timedelta(days=1), now=NOW + timedelta(days=1))

    assert [run.date for run in past_nights(officer, limit=5)] == [
        date + timedelta(days=1),
        date,
    ]


def test_who_sets_no_storage_times_learns_nothing(bo: User) -> None:
    with pytest.raises(Forbidden):
        in_store(caller_of_user(bo))


@pytest.mark.sqlite
def test_what_is_held_is_counted_by_its_own_index(acme: Tenant) -> None:
    with scope.reading(acme.id):
        plan = Interaction.objects.filter(held=True).explain()

    assert "interaction_held" in plan


@pytest.mark.sqlite
@pytest.mark.parametrize("stored", [Stored.RECORDINGS, Stored.RESTRICTED])
def test_what_is_restricted_or_held_is_listed_once_and_not_asked_of_each(
    acme: Tenant, stored: Stored
) -> None:
    with scope.reading(acme.id):
        plan = unheld(present(stored)).explain()

    assert "interaction_restricted" in plan
    assert "interaction_held" in plan
    assert "CORRELATED" not in plan
