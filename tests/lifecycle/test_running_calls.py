"""What runs is as old as its newest event, though only the end says so of all."""

from datetime import timedelta

import pytest

from tests.cast import OPERATOR
from tests.intake.asking import Source
from tests.laws.laying import ago, told
from valv.archive.models import Interaction, RawEvent
from valv.core.retention import StorageTimes, Stored
from valv.lifecycle import nightly
from valv.lifecycle.foreseen import foreseen
from valv.lifecycle.queries import coming_nights
from valv.tenants.models import Tenant, User
from valv.tenants.operations import set_storage_times
from valv.tenants.signin import caller_of_user

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = StorageTimes(general=50, chat_logs=5, raw_events=5)
BEGAN, LAST = ago(8), ago(2)


@pytest.fixture
def source(acme: Tenant) -> Source:
    """One who told of a call eight days ago, and two days ago again."""
    source = Source.of(acme)
    set_storage_times(source.tenant, TIMES, actor=OPERATOR, now=ago(0))
    source.tell(told("S1", BEGAN, 0, "session.started", media="phone"))
    source.tell(told("S1", LAST, 1, "menu.entered", menu="Main"))
    return source


def night(tenant: Tenant, *, ahead: int = 0) -> None:
    now = ago(-ahead)
    nightly.run(tenant, nightly.today(tenant, now), now=now)


def test_none_goes_before_the_newest_is_past_its_time(source: Source) -> None:
    night(source.tenant)
    kept = len(source.rows(RawEvent))

    night(source.tenant, ahead=5)

    assert (kept, source.rows(RawEvent)) == (2, [])
    assert len(source.rows(Interaction)) == 1


def test_when_it_ends_all_are_as_old_as_the_end(source: Source) -> None:
    source.tell(told("S1", LAST, 5, "session.ended"))

    ages = {row.aged_from for row in source.rows(RawEvent)}

    assert ages == {LAST + timedelta(seconds=5)}


def test_a_chat_that_never_ended_is_foreseen_and_goes(source: Source) -> None:
    said = {"from": "customer", "text": "Hello"}
    source.tell(told("S2", BEGAN, 0, "session.started", media="chat"))
    source.tell(told("S2", BEGAN, 1, "chat.message", **said))
    tenant = source.tenant
    date = nightly.today(tenant, ago(0))

    seen = foreseen(tenant, date)[Stored.CHAT_LOGS]

    went = nightly.run(tenant, date, now=ago(0)).counts
    assert (seen.count, seen.oldest) == (1, BEGAN + timedelta(seconds=1))
    assert went["chat_logs"] == 1


def test_the_forecast_says_the_night_that_takes_them(
    source: Source, cleo: User
) -> None:
    tenant = source.tenant
    first = nightly.today(tenant, ago(0))

    nights = coming_nights(caller_of_user(cleo), first, count=14).nights

    found = {date: counts[Stored.RAW_EVENTS] for date, counts in nights}
    alone = [nightly.preview(tenant, date).counts["raw_events"] for date in found]
    assert [date for date, n in found.items() if n] == [
        date for date, n in zip(found, alone, strict=True) if n
    ][:1]
    assert sum(found.values()) == 2
