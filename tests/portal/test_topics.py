"""The page of topics: set by the administrator, marked on an interaction."""

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW
from tests.portal.visiting import Visitor, text_of
from valv.core.registration import Category, Topics
from valv.intake.registration import topics
from valv.tenants.models import Tenant, User

FORM = {
    "category": ["Parcel", "", ""],
    "topics": ["Late\r\n Broken \r\n\r\n", "Other", ""],
}
LISTED = Topics(
    categories=(Category(("Late", "Broken"), "Parcel"), Category(("Other",)))
)


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


def test_the_list_is_saved_as_it_was_typed(
    administrator: Visitor, acme: Tenant
) -> None:
    answer = administrator.post("/topics", **FORM)

    assert answer.status_code == 303
    assert topics(acme) == LISTED
    html = text_of(administrator.get("/topics"))
    assert "Late\nBroken</textarea>" in html
    details = administrator.entries("setting")[-1].details
    assert details["setting"] == "registration_topics"
    assert [one["from"] for one in details["changes"]] == [None] * len(
        LISTED.categories
    )


def test_what_cannot_be_saved_stays_in_the_form(
    administrator: Visitor, acme: Tenant
) -> None:
    answer = administrator.post("/topics", category=["A"], topics=["x\nX"])

    assert answer.status_code == 422
    assert "x\nX</textarea>" in text_of(answer)
    assert topics(acme) == Topics()


def test_an_emptied_form_is_an_empty_list(administrator: Visitor, acme: Tenant) -> None:
    administrator.post("/topics", **FORM)
    administrator.post("/topics", category=["", ""], topics=["", ""])

    assert topics(acme) == Topics()


def test_what_is_not_defined_is_told_apart(
    administrator: Visitor, acme: Tenant
) -> None:
    picked = (("Parcel", "Late"), ("Parcel", "Odd"))
    number = make(acme, Made(started_at=NOW, registration=picked), now=NOW)
    plain = text_of(administrator.get(f"/interactions/{number}"))
    administrator.post("/topics", **FORM)

    html = text_of(administrator.get(f"/interactions/{number}"))
    listed = text_of(administrator.get("/topics"))

    assert "ej definierad" not in plain
    assert html.count("ej definierad") == 1
    assert "</span> Odd</li>" in listed
    assert "</span> Late</li>" not in listed


def test_a_search_finds_what_was_registered(
    administrator: Visitor, acme: Tenant
) -> None:
    make(acme, Made(started_at=NOW), now=NOW)
    make(acme, Made(started_at=NOW, registration=(("Parcel", "Late"),)), now=NOW)

    asked = {"period": "own", "from": "2026-11-01", "to": "2026-11-30"}
    answer = administrator.asks("/search", category="Parcel", topic="Late", **asked)

    assert "1 träff" in text_of(answer)
