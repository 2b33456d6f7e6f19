"""The nights to come and the nights behind us."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.lifecycle.archive_of_ages import lay_ages
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Interaction
from valv.lifecycle import nightly
from valv.lifecycle.models import NightlyRun
from valv.portal.doors import clock
from valv.storage import scope
from valv.tenants.models import Tenant, User


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def page(visitor: Visitor) -> str:
    answer = visitor.get("/tonight")
    assert answer.status_code == 200
    return text_of(answer)


def test_the_page_says_what_tonight_will_take(officer: Visitor, acme: Tenant) -> None:
    lay_ages(acme, clock(), (0, 14, 15, 40))

    html = page(officer)

    tally = html[html.index('class="tally"') : html.index("</ul>", html.index("tally"))]
    assert "<b>3</b> <span>Inspelningar" in tally
    assert "<b>1</b> <span>Chattloggar" in tally


def test_a_later_night_counts_only_what_is_its_own(
    officer: Visitor, acme: Tenant
) -> None:
    lay_ages(acme, clock(), (13,))
    date = nightly.today(acme, clock()) + timedelta(days=2)

    html = page(officer)

    row = html[html.index(f'<th scope="row">{date:%Y-%m-%d}') :].split("</tr>")[0]
    assert row.count('<td class="num">1</td>') == 1


def test_what_is_held_is_said_to_stay(officer: Visitor, acme: Tenant) -> None:
    lay_ages(acme, clock(), (200,))
    with scope.writing(acme.id):
        Interaction.objects.update(held=True)

    html = page(officer)

    assert 'class="kept"' in html
    assert "<b>2</b>" in html


def test_the_nights_behind_us_are_told(officer: Visitor, acme: Tenant) -> None:
    lay_ages(acme, clock(), (200,))
    nightly.run(acme, nightly.today(acme, clock()), now=clock())

    assert "<dd>2</dd>" in page(officer)


def test_a_night_that_nobody_goes_on_with_has_failed(
    officer: Visitor, acme: Tenant
) -> None:
    now = clock()
    with scope.writing(acme.id):
        NightlyRun.objects.create(
            date=now.date(), state="running", started_at=now - timedelta(hours=2),
            lease_until=now - timedelta(hours=1),
        )  # fmt: skip

    assert "Misslyckades" in page(officer)


def test_more_rows_cost_no_more_queries(officer: Visitor, acme: Tenant) -> None:
    lay_ages(acme, clock(), (15,))
    page(officer)
    with CaptureQueriesContext(connection) as few:
        page(officer)
    lay_ages(acme, clock(), (10, 20, 40, 181))
    with CaptureQueriesContext(connection) as many:
        page(officer)

    assert len(many) == len(few)
