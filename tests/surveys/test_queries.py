"""What survey answers come to."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW
from valv.archive.models import Survey
from valv.core.errors import Forbidden
from valv.storage import scope
from valv.surveys.queries import Wanted, answers, summary, walk
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.signin import caller_of_user

EVER = Wanted(NOW - timedelta(days=400), NOW + timedelta(days=1))


@pytest.fixture
def officer(cleo: User) -> Caller:
    return caller_of_user(cleo)


def answer(
    tenant: Tenant,
    score: float,
    *,
    at: datetime = NOW,
    scale: tuple[int, int] = (0, 10),
) -> int:
    made = make(tenant, Made(at, score=score), now=NOW)
    low, high = scale
    with scope.writing(tenant.id):
        Survey.objects.filter(interaction_id=made).update(
            at=at, scale_from=low, scale_to=high
        )
    return made


def test_a_mean_and_a_distribution_on_the_scale_that_was_asked(
    officer: Caller, acme: Tenant
) -> None:
    for score in (1, 5, 5):
        answer(acme, score, scale=(1, 5))

    told = summary(officer, EVER)

    assert told.mean == pytest.approx(11 / 3)
    assert told.distribution == ((1, 1), (2, 0), (3, 0), (4, 0), (5, 2))


def test_scores_of_different_scales_are_brought_to_one(
    officer: Caller, acme: Tenant
) -> None:
    answer(acme, 10, scale=(0, 10))
    answer(acme, 3, scale=(1, 5))

    told = summary(officer, EVER)

    assert told.mean == pytest.approx(7.5)
    assert dict(told.distribution)[5] == 1
    assert len(told.distribution) == 11


def test_a_scale_too_fine_to_draw_is_brought_to_the_usual(
    officer: Caller, acme: Tenant
) -> None:
    answer(acme, 80, scale=(0, 100))

    assert dict(summary(officer, EVER).distribution)[8] == 1


def test_the_trend_goes_by_the_tenants_own_days(officer: Caller, acme: Tenant) -> None:
    answer(acme, 4, at=datetime(2026, 11, 22, 22, 59, tzinfo=UTC))
    answer(acme, 8, at=datetime(2026, 11, 22, 23, 0, tzinfo=UTC))

    assert summary(officer, EVER).trend == (
        (date(2026, 11, 22), 4.0, 1),
        (date(2026, 11, 23), 8.0, 1),
    )


def test_no_answers_come_to_nothing(officer: Caller, acme: Tenant) -> None:
    told = summary(officer, EVER)

    assert (told.count, told.mean, told.trend) == (0, None, ())


def test_the_pages_are_all_of_it_newest_first(officer: Caller, acme: Tenant) -> None:
    made = [answer(acme, 5, at=NOW - timedelta(hours=i)) for i in range(7)]

    first, after = answers(officer, EVER, after=None, limit=4)
    rest, end = answers(officer, EVER, after=after, limit=4)

    assert [int(one.id) for one in first + rest] == made
    assert end is None
    assert sum(map(len, walk(officer, EVER))) == 7


def test_from_is_in_and_to_is_out(officer: Caller, acme: Tenant) -> None:
    answer(acme, 5, at=NOW)

    assert summary(officer, Wanted(NOW, NOW + timedelta(seconds=1))).count == 1
    assert summary(officer, Wanted(NOW - timedelta(seconds=1), NOW)).count == 0


def test_another_tenants_answers_do_not_count(
    officer: Caller, acme: Tenant, borealis: Tenant
) -> None:
    answer(borealis, 5)

    assert summary(officer, EVER).count == 0


def test_without_the_right_nothing_is_told(bo: User) -> None:
    with pytest.raises(Forbidden):
        summary(caller_of_user(bo), EVER)
