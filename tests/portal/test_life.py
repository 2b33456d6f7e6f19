"""A page shows how far its interaction has come, and asks whether there is news."""

import re

import pytest

from tests.intake.asking import Source
from tests.portal.spoken import event, put_recording
from tests.portal.visiting import Visitor, text_of
from valv.tenants.models import Tenant, User

CALL = "call-9"


@pytest.fixture
def source(acme: Tenant) -> Source:
    source = Source.of(acme)
    source.tell(
        event(CALL, "session.started", 0, media="phone"),
        event(CALL, "recording.started", 5, n=1),
    )
    return source


@pytest.fixture
def alma_visits(alma: User) -> Visitor:
    return Visitor().enters(alma)


def asked_by(page: str) -> str:
    """The address that a page asks for news."""
    found = re.search(r'hx-get="([^"]+/state[^"]+)" hx-trigger="every 10s"', page)
    assert found is not None
    return found[1]


def test_a_live_call_is_shown_as_one(source: Source, alma_visits: Visitor) -> None:
    page = text_of(alma_visits.get(f"/interactions/{source.id_of(CALL)}"))

    assert "Pågår" in page
    assert alma_visits.get(asked_by(page)).status_code == 204


def test_there_is_news_when_something_came(
    source: Source, alma_visits: Visitor
) -> None:
    address = asked_by(text_of(alma_visits.get(f"/interactions/{source.id_of(CALL)}")))

    source.tell(event(CALL, "session.ended", 60))
    news = text_of(alma_visits.get(address))

    assert "Väntar på innehåll" in news
    assert f'href="/interactions/{source.id_of(CALL)}"' in news
    assert "hx-get" not in news


def test_asking_for_news_is_no_sight(source: Source, alma_visits: Visitor) -> None:
    address = asked_by(text_of(alma_visits.get(f"/interactions/{source.id_of(CALL)}")))
    alma_visits.get(address)

    assert len(alma_visits.entries("see")) == 1


def test_a_stranger_learns_nothing(
    source: Source, alma_visits: Visitor, dag: User
) -> None:
    address = asked_by(text_of(alma_visits.get(f"/interactions/{source.id_of(CALL)}")))

    assert Visitor().enters(dag).get(address).status_code == 404


def test_what_is_complete_asks_for_nothing(
    source: Source, alma_visits: Visitor
) -> None:
    source.tell(event(CALL, "session.ended", 60))
    put_recording(source, CALL)

    page = text_of(alma_visits.get(f"/interactions/{source.id_of(CALL)}"))

    assert "/state" not in page
    assert "Pågår" not in page


def test_a_hit_is_marked_while_it_is_not_complete(
    source: Source, alma_visits: Visitor
) -> None:
    live = text_of(alma_visits.client.post("/search", follow=True))
    source.tell(event(CALL, "session.ended", 60))
    put_recording(source, CALL)

    assert 'title="Pågår"' in live
    assert "l-live" not in text_of(alma_visits.client.post("/search", follow=True))
