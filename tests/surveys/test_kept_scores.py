"""Who answered is cut with the survey's row; its score is kept by day and queue."""

from datetime import datetime, timedelta

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW, OPERATOR
from valv.archive.kept import explain
from valv.archive.models import KeptScore, Survey
from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.core.reach import Reach
from valv.core.retention import FOREVER, Days, StorageTimes, Stored
from valv.lifecycle import nightly
from valv.lifecycle.deletions import deletion_report
from valv.lifecycle.queries import coming_nights
from valv.storage import scope
from valv.surveys.queries import Summary, Wanted, summary
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.storage_terms import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
OLD = NOW - timedelta(days=200)
TODAY = NOW.date()
OWN = {"general": 400, "surveys": 90}


def kept(tenant: Tenant, scores: Days = FOREVER, **times: int) -> None:
    set_storage_times(
        tenant, StorageTimes(scores=scores, **times), actor=OPERATOR, now=NOW
    )


def answer(tenant: Tenant, score: float, at: datetime = OLD, queue: str = "") -> None:
    made = make(tenant, Made(at, score=score, queue=queue or None), now=NOW)
    with scope.writing(tenant.id):
        Survey.objects.filter(interaction_id=made).update(at=at)


def night(tenant: Tenant, now: datetime = NOW) -> nightly.Report:
    report = nightly.run(tenant, nightly.today(tenant, now), now=now)
    assert report.is_whole
    return report


def told(tenant: Tenant, reach: Reach | None = None, **asked: object) -> Summary:
    wanted = Wanted(NOW - timedelta(days=400), NOW + timedelta(days=1), **asked)  # type: ignore[arg-type]
    rights = RIGHTS_OF_ROLE[Role.OWNER]
    return summary(Caller(tenant, OPERATOR, rights, reach=reach or Reach()), wanted)


@pytest.mark.parametrize("times", [{}, OWN], ids=["whole", "own"])
def test_what_goes_is_counted_on_by_day(acme: Tenant, times: dict[str, int]) -> None:
    kept(acme, **times)
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


def test_the_night_takes_them_one_day_after_their_last(acme: Tenant) -> None:
    kept(acme, 400)
    answer(acme, 7)
    night(acme)
    last = OLD + timedelta(days=400)

    assert night(acme, last).counts["scores"] == 0
    gone = night(acme, last + timedelta(days=1))

    assert (gone.counts["scores"], told(acme).count) == (1, 0)


def test_they_are_foreseen_and_reported(acme: Tenant) -> None:
    kept(acme)
    for score in (9, 9, 3):
        answer(acme, score)
    night(acme)
    kept(acme, 10)
    owner = Caller(acme, OPERATOR, RIGHTS_OF_ROLE[Role.OWNER])
    today = nightly.today(acme, NOW)

    assert nightly.preview(acme, today).counts["scores"] == 3
    assert coming_nights(owner, today, count=2).nights[0][1][Stored.SCORES] == 3
    assert night(acme).counts["scores"] == 3

    lines = deletion_report(owner, "", "", today=today).lines
    assert [(one.count, one.days) for one in lines if one.data == "scores"] == [(3, 10)]


def test_what_is_past_its_time_already_is_not_counted(acme: Tenant) -> None:
    kept(acme, 199)
    answer(acme, 7)

    assert night(acme).counts["scores"] == told(acme).count == 0


@pytest.mark.parametrize(
    ("scores", "parts"),
    [(0, ["surveys"]), (90, ["surveys"]), (91, ["surveys", "scores"])],
)
def test_an_interaction_tells_until_when_its_score_counts(
    acme: Tenant, scores: int, parts: list[str]
) -> None:
    kept(acme, scores, **OWN)
    made = make(acme, Made(NOW, score=7), now=NOW)
    owner = Caller(acme, OPERATOR, RIGHTS_OF_ROLE[Role.OWNER])

    found = {one.stored.value: one.goes_on for one in explain(owner, str(made)).parts}

    goes_on = [found[part] for part in parts]
    assert (
        goes_on
        == [TODAY + timedelta(days=91), TODAY + timedelta(days=92)][: len(parts)]
    )
    assert ("scores" in found) == ("scores" in parts)
