"""Survey results by page: the list, what they come to, and the file."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.archive.factories import Made, make
from tests.portal.visiting import Visitor, text_of
from valv.portal.doors import clock
from valv.tenants.models import Tenant, User


@pytest.fixture
def alma_visits(alma: User) -> Visitor:
    return Visitor().enters(alma)


def answer(
    tenant: Tenant, score: float, *, days: int = 1, queue: str = "Support", **more: str
) -> int:
    now = clock()
    comment = more.get("comment")
    return make(
        tenant,
        Made(
            now - timedelta(days=days), queue=queue, score=score, comment=comment,
            subject="x", identifiers={"phone": "070-174 06 05"},
        ),
        now=now,
    )  # fmt: skip


def page(visitor: Visitor, query: str = "") -> str:
    found = visitor.get(f"/surveys{query}")
    assert found.status_code == 200
    return text_of(found)


def test_answers_are_listed_with_who_and_where(
    alma_visits: Visitor, acme: Tenant
) -> None:
    made = answer(acme, 9, comment="Snabbt och vänligt.")

    html = page(alma_visits)

    assert f'href="/interactions/{made}"' in html
    for told in ("9/10", "Snabbt och vänligt.", "+46701740605", "Support"):
        assert told in html


def test_they_come_to_a_mean_a_distribution_and_a_trend(
    alma_visits: Visitor, acme: Tenant
) -> None:
    for score, days in ((10, 1), (10, 1), (4, 3)):
        answer(acme, score, days=days)

    html = page(alma_visits)

    assert "8,0<small>" in html
    assert '<td>10</td><td class="num">2</td>' in html
    assert '<td>4</td><td class="num">1</td>' in html
    assert html.count("data-on=") == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?queue=Faktura", 1),
        ("?queue=Never", 0),
        ("?score_min=7", 2),
        ("?score_max=7", 1),
        ("?score_min=x&score_max=1.2.3%00", 3),
        ("?from=never&to=2026-99-99", 3),
        ("?from=2020-01-01&to=2020-02-01", 0),
        ("?after=nonsense", 3),
        ("?after=9.9.9", 3),
        ("?after=9." + "9" * 19, 3),
    ],
)
def test_the_form_narrows_them(
    alma_visits: Visitor, acme: Tenant, query: str, count: int
) -> None:
    answer(acme, 9)
    answer(acme, 8, queue="Faktura")
    answer(acme, 2)

    assert page(alma_visits, query).count("data-hit") == count


def test_the_pages_follow_each_other(alma_visits: Visitor, acme: Tenant) -> None:
    for _ in range(53):
        answer(acme, 5)

    first = page(alma_visits, "?queue=Support")
    address = first.rpartition('<p class="paging"><a class="button" href="')[2]
    following = page(alma_visits, "?" + address.partition('"')[0].partition("?")[2]
                     .replace("&amp;", "&"))  # fmt: skip

    assert first.count("data-hit") == 50
    assert following.count("data-hit") == 3


def test_the_list_is_entered_as_a_search(alma_visits: Visitor, acme: Tenant) -> None:
    answer(acme, 9)
    page(alma_visits)

    (entry,) = alma_visits.entries("search")
    assert entry.details["found"] == 1
    assert "surveys" in entry.details["by"]


def test_all_of_it_is_taken_out_as_a_file(alma_visits: Visitor, acme: Tenant) -> None:
    answer(acme, 9, comment="Snabbt.")
    answer(acme, 3, queue="Faktura")

    found = alma_visits.post("/surveys.xlsx", queue="Support")

    book = CalamineWorkbook.from_filelike(BytesIO(found.getvalue()))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    assert "Snabbt." in rows[1]
    assert alma_visits.entries("export")[0].details["form"] == "xlsx"


def test_more_answers_cost_no_more_queries(alma_visits: Visitor, acme: Tenant) -> None:
    answer(acme, 9, comment="a")
    page(alma_visits)
    with CaptureQueriesContext(connection) as few:
        page(alma_visits)
    for _ in range(9):
        answer(acme, 8, comment="b")
    page(alma_visits)
    with CaptureQueriesContext(connection) as many:
        page(alma_visits)

    assert len(many) == len(few)
