"""Score, day and queue of surveys that go, where the tenant keeps them."""

from datetime import datetime, timedelta

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW, OPERATOR
from valv.archive.models import KeptScore, Survey
from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.core.reach import Reach
from valv.core.retention import StorageTimes
from valv.lifecycle import nightly
from valv.storage import scope
from valv.surveys.queries import Summary, Wanted, summary
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.operations import set_content_kept, set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
OLD = NOW - timedelta(days=200)
OWN = StorageTimes(general=400, surveys=90)


def kept(tenant: Tenant, *, on: bool = True) -> None:
    set_content_kept(tenant, keep_scores=on, actor=OPERATOR, now=NOW)


def answer(tenant: Tenant, score: float, at: datetime = OLD, queue: str = "") -> None:
    made = make(tenant, Made(at, score=score, queue=queue or None), now=NOW)
    with scope.writing(tenant.id):
        Survey.objects.filter(interaction_id=made).update(at=at)


def night(tenant: Tenant) -> None:
    assert nightly.run(tenant, NOW.date(), now=NOW).is_whole


def told(tenant: Tenant, reach: Reach | None = None, **asked: object) -> Summary:
    wanted = Wanted(NOW - timedelta(days=400), NOW + timedelta(days=1), **asked)  # type: ignore[arg-type]
    rights = RIGHTS_OF_ROLE[Role.OWNER]
    return summary(Caller(tenant, OPERATOR, rights, reach=reach or Reach()), wanted)


@pytest.mark.parametrize("times", [StorageTimes(), OWN], ids=["whole", "own"])
def test_what_goes_is_counted_on_by_day(acme: Tenant, times: StorageTimes) -> None:
    kept(acme)
    set_storage_times(acme, times, actor=OPERATOR, now=NOW)
    for score, at in ((9, OLD), (9, OLD), (3, OLD), (5, OLD - timedelta(days=1))):
        answer(acme, score, at)
    answer(acme, 10, NOW)
    before = told(acme)

    night(acme)

    with scope.reading(acme.id):
        assert [row.score for row in Survey.objects.all()] == [10]
    assert told(acme) == before
    assert (before.count, len(before.trend)) == (5, 3)
    assert told(acme, lowest=5.0, highest=9.0).count == 3


def test_a_queue_keeps_its_own(acme: Tenant) -> None:
    kept(acme)
    for queue in ("Claims", "Claims", "Sales", ""):
        answer(acme, 7, queue=queue)

    night(acme)

    assert [told(acme, queue=q).count for q in ("Claims", "Sales", "None")] == [2, 1, 0]


def test_nights_add_up(acme: Tenant) -> None:
    kept(acme)
    for _ in range(2):
        answer(acme, 7)
        night(acme)

    assert told(acme).count == 2


def test_nothing_is_kept_unless_it_is_wanted(acme: Tenant) -> None:
    kept(acme)
    kept(acme, on=False)
    answer(acme, 7)

    night(acme)

    assert told(acme).count == 0
    with scope.reading(acme.id):
        assert not KeptScore.objects.exists()


def test_who_sees_a_part_is_not_told_of_the_whole(acme: Tenant) -> None:
    kept(acme)
    answer(acme, 7, queue="Claims")

    night(acme)

    assert told(acme, Reach(queues=frozenset({"Sales"}))).count == 0


def test_another_tenant_is_told_nothing(acme: Tenant, borealis: Tenant) -> None:
    kept(acme)
    answer(acme, 7)

    night(acme)

    assert (told(acme).count, told(borealis).count) == (1, 0)
