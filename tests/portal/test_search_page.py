"""The search page: what is found, who may ask, what is noted, and what no URL tells."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.archive.factories import Made, make
from tests.portal.visiting import Visitor, text_of
from valv.core.interaction import ContentKind, Media
from valv.portal.search_form import first_day
from valv.tenants.models import Tenant, User

PHONE = "+46701740605"
AGO = timedelta(minutes=30)


def lately() -> datetime:
    return datetime.now(UTC) - AGO


def called(tenant: Tenant, phone: str = PHONE, *, ago: timedelta = AGO) -> int:
    at = datetime.now(UTC) - ago
    made = Made(at, identifiers={"phone": phone, "name": "Anna"}, queue="Support")
    return make(tenant, made, now=at)


@pytest.fixture
def visitor(alma: User) -> Visitor:
    return Visitor().enters(alma)


def search_id_in(address: str) -> str:
    match = re.fullmatch(r"/search/([A-Za-z0-9_-]{22})", address)
    assert match is not None, address
    return match[1]


def test_the_page_asks_before_it_shows_anybody(visitor: Visitor, acme: Tenant) -> None:
    called(acme)

    page = visitor.get("/search")

    assert page.status_code == 200
    assert PHONE not in text_of(page)
    assert visitor.entries("search") == []


def test_the_last_four_digits_find_the_caller(visitor: Visitor, acme: Tenant) -> None:
    number = called(acme)
    called(acme, "+46701740699")

    hits = text_of(visitor.asks("/search", phone="0605"))

    assert f'href="/interactions/{number}"' in hits
    assert "+46701740699" not in hits
    assert "<html" not in hits


def test_the_address_of_an_answer_names_nobody(visitor: Visitor, acme: Tenant) -> None:
    called(acme)

    fragment = visitor.asks("/search", phone=PHONE, name="Anna", period="30d")
    plain = visitor.post("/search", phone=PHONE, name="Anna", period="30d")

    search_id_in(fragment["HX-Replace-Url"])
    search_id_in(plain["Location"])
    assert "0701740605" not in str(fragment.headers) + str(plain.headers)


def test_without_script_the_answer_is_a_page_with_the_form_filled(
    visitor: Visitor, acme: Tenant
) -> None:
    called(acme)
    answer = visitor.post("/search", phone=PHONE, media="phone")

    page = text_of(visitor.get(answer["Location"]))

    assert answer.status_code == 303
    assert f'value="{PHONE}"' in page
    assert "1 träff" in page


def test_a_search_is_noted_once_and_tells_kinds_only(
    visitor: Visitor, acme: Tenant
) -> None:
    called(acme)

    visitor.get(visitor.post("/search", phone=PHONE)["Location"])

    (entry,) = visitor.entries("search")
    assert entry.actor == "Alma"
    assert entry.details == {"by": ["phone", "start"], "found": 1, "capped": False}


def test_letters_on_the_way_are_one_search(visitor: Visitor, acme: Tenant) -> None:
    for text in ("Ann*", "Anna*", "Anna E*"):
        visitor.asks("/search", name=text)

    assert len(visitor.entries("search")) == 1


def test_another_user_does_not_get_the_search(
    visitor: Visitor, cleo: User, dag: User
) -> None:
    address = visitor.post("/search", phone=PHONE)["Location"]

    for stranger in (cleo, dag):
        answer = Visitor().enters(stranger).get(address)
        assert answer.status_code == 404
        assert PHONE not in text_of(answer)


@pytest.mark.parametrize("search_id", ["A" * 22, "x", "%00", "a b", "1" * 400])
def test_a_search_that_is_not_there_is_not_found(
    visitor: Visitor, search_id: str
) -> None:
    assert visitor.get(f"/search/{search_id}").status_code == 404


def test_a_search_lives_for_a_day(visitor: Visitor, acme: Tenant) -> None:
    from valv.archive.models import StoredSearch
    from valv.storage import scope

    address = visitor.post("/search", phone=PHONE)["Location"]
    with scope.writing(acme.id):
        StoredSearch.objects.update(created_at=lately() - timedelta(hours=24))

    assert visitor.get(address).status_code == 404


def test_what_is_kept_of_a_search_is_sealed(visitor: Visitor, acme: Tenant) -> None:
    from valv.archive.models import StoredSearch
    from valv.storage import scope

    visitor.post("/search", phone=PHONE)

    with scope.reading(acme.id):
        kept = StoredSearch.objects.get()
    assert b"701740605" not in bytes(kept.sealed)


def test_pages_follow_each_other_without_gap_or_overlap(
    visitor: Visitor, acme: Tenant
) -> None:
    ids = {str(called(acme, ago=AGO + timedelta(minutes=n))) for n in range(60)}
    address = visitor.post("/search", phone=PHONE)["Location"]

    first = text_of(visitor.get(address))
    onward = re.search(r'href="(/search/[^"]+after=[^"]+)"', first)
    assert onward is not None
    second = text_of(visitor.get(onward[1].replace("&amp;", "&")))

    seen = [re.findall(r'href="/interactions/(\d+)"', page) for page in (first, second)]
    assert [len(page) for page in seen] == [50, 10]
    assert set(seen[0]) | set(seen[1]) == ids
    assert "60 träffar" in first
    assert "60 träffar" in second


def test_a_cursor_of_another_search_is_refused(visitor: Visitor, acme: Tenant) -> None:
    address = visitor.post("/search", phone=PHONE)["Location"]

    assert visitor.get(f"{address}?after=AAAA").status_code == 422
    assert visitor.get(f"{address}?after=..").status_code == 422


def test_queries_do_not_grow_with_the_hits(visitor: Visitor, acme: Tenant) -> None:
    counts = []
    for _ in range(2):
        for _ in range(10):
            called(acme)
        visitor.asks("/search", phone=PHONE)
        with CaptureQueriesContext(connection) as queries:
            visitor.asks("/search", phone=PHONE)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_period_is_counted_in_local_days(visitor: Visitor, acme: Tenant) -> None:
    inside = called(acme, ago=timedelta(days=6))
    outside = called(acme, ago=timedelta(days=8))

    week = text_of(visitor.asks("/search", phone=PHONE, period="7d"))
    month = text_of(visitor.asks("/search", phone=PHONE, period="30d"))

    assert str(inside) in week
    assert str(outside) not in week
    assert str(outside) in month


def test_own_days_count_only_when_asked_for(visitor: Visitor, acme: Tenant) -> None:
    called(acme)
    days = {"from": "2001-01-01", "to": "2001-01-31"}

    own = text_of(visitor.asks("/search", phone=PHONE, period="own", **days))
    week = text_of(visitor.asks("/search", phone=PHONE, period="7d", **days))

    assert "data-hit" not in own
    assert "data-hit" in week


def test_a_period_past_what_is_stored_is_told(visitor: Visitor, acme: Tenant) -> None:
    days = {"from": "2001-01-01", "to": "2001-01-31"}

    page = text_of(visitor.asks("/search", period="own", **days))

    assert "längre bak än det som är lagrat" in page


def test_what_cannot_be_searched_for_stands_at_its_field(visitor: Visitor) -> None:
    page = visitor.post("/search", score_min="nine")
    fragment = visitor.asks("/search", score_min="nine")

    assert page.status_code == 422
    assert 'aria-describedby="e-score"' in text_of(page)
    assert 'role="alert"' in text_of(fragment)
    assert "HX-Replace-Url" not in fragment


def test_what_no_database_holds_is_dropped(visitor: Visitor, acme: Tenant) -> None:
    called(acme)

    assert "data-hit" in text_of(visitor.asks("/search", queue="Supp\0ort"))


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("today", date(2026, 5, 31)),
        ("7d", date(2026, 5, 25)),
        ("30d", date(2026, 5, 2)),
        ("3m", date(2026, 2, 28)),
        ("?", date(2026, 2, 28)),
    ],
)
def test_a_period_begins_on_a_local_day(period: str, first: date) -> None:
    assert first_day(period, on=date(2026, 5, 31)) == first


def test_a_form_without_end_is_refused(visitor: Visitor) -> None:
    assert visitor.post("/search", name="a" * 301).status_code == 400
    assert visitor.post("/search", queue=["q"] * 401).status_code == 400


def test_columns_are_remembered(visitor: Visitor, acme: Tenant) -> None:
    called(acme)
    visitor.asks("/search", column=["", "session"])

    hits = text_of(visitor.asks("/search"))

    assert "c-session" in hits
    assert "c-queue" not in hits


def test_nobody_is_shown_a_button_that_would_be_refused(acme: Tenant, bo: User) -> None:
    called(acme)

    hits = text_of(Visitor().enters(bo).asks("/search", phone=PHONE))

    assert "data-hit" in hits
    assert 'name="action"' not in hits
    assert 'name="id"' not in hits


def test_one_without_the_right_is_refused_and_noted(acme: Tenant, bo: User) -> None:
    from valv.storage import scope

    visitor = Visitor().enters(bo)
    with scope.writing(acme.id):
        type(bo).objects.filter(id=bo.id).update(rights=[])

    answer = visitor.post("/search", phone=PHONE)

    assert answer.status_code == 403
    (entry,) = visitor.entries("deny")
    assert (entry.actor, entry.details) == ("Bo", {"page": "search"})


def test_a_stranger_signs_in_first(acme: Tenant) -> None:
    visitor = Visitor()

    assert visitor.get("/")["Location"] == "/search"
    assert visitor.get("/search")["Location"] == "/sign-in?next=%2Fsearch"
    assert visitor.post("/search", phone=PHONE)["Location"] == "/sign-in"


def test_there_are_two_methods(visitor: Visitor) -> None:
    answer = visitor.client.put("/search")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST"


def test_going_back_in_the_browser_brings_the_whole_page(visitor: Visitor) -> None:
    address = visitor.post("/search", phone=PHONE)["Location"]
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "<html" in text_of(visitor.get(address, **headers))


def test_a_row_tells_in_words_what_there_is(visitor: Visitor, acme: Tenant) -> None:
    made = Made(
        lately(),
        media=Media.CHAT,
        identifiers={"email": "anna@example.com"},
        agents=("Bo Ek",),
        outcome="answered",
        contents=(ContentKind.CHAT_LOG,),
        score=9,
    )
    make(acme, made, now=lately())

    hits = text_of(visitor.asks("/search"))

    for words in ("anna@example.com", "Bo Ek", "Besvarad", "Chattlogg: ", ">9/10<"):
        assert words in hits
