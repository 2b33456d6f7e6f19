"""The page of one interaction."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.portal.spoken import CALL, NUMBER, put_chat, tell_call
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Interaction
from valv.audit.models import Entry
from valv.storage import scope
from valv.tenants.models import Tenant, User


@pytest.fixture
def call(acme: Tenant) -> str:
    return tell_call(acme)


@pytest.fixture
def alma_visits(alma: User) -> Visitor:
    return Visitor().enters(alma)


def page(visitor: Visitor, interaction_id: str) -> str:
    answer = visitor.get(f"/interactions/{interaction_id}")
    assert answer.status_code == 200
    return text_of(answer)


def test_general_information_is_shown(alma_visits: Visitor, call: str) -> None:
    html = page(alma_visits, call)

    for told in (NUMBER, "Anna Exempel", "Support", "Bo Ek", "A-1047", CALL):
        assert told in html
    for told in ("1:23", "4:03", "Leverans", "Snabbt och vänligt."):
        assert told in html


def test_the_timeline_is_read_off_the_events(alma_visits: Visitor, call: str) -> None:
    html = page(alma_visits, call)

    steps = html[html.index('class="steps"') :]
    for step in (
        "Val 1",
        "Support",
        "Inspelning godkänd",
        "Bo Ek",
        "Leverans, Sen",
    ):
        assert step in steps


def test_without_events_the_timeline_is_what_is_known_in_sum(
    alma_visits: Visitor, acme: Tenant
) -> None:
    html = page(alma_visits, put_chat(acme))

    steps = html[html.index('class="steps"') :]
    assert "Bo Ek" in steps
    assert "5:00" in steps


def test_it_says_by_how_many_days_each_part_goes(
    alma_visits: Visitor, call: str
) -> None:
    html = page(alma_visits, call)

    kept = html[html.index('id="h-kept"') :]
    assert "Tas bort natten till" in kept
    assert ' <small class="soft">180 dagar</small>' in kept


def test_opening_is_one_sight_and_no_play(alma_visits: Visitor, call: str) -> None:
    page(alma_visits, call)

    (entry,) = alma_visits.entries("see")
    assert (str(entry.interaction_id), entry.content) == (call, None)
    assert alma_visits.entries("play") == []


def test_opening_loads_neither_sound_nor_words(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    chat = put_chat(acme)

    assert "<audio" not in page(alma_visits, call)
    assert "/plays/" not in page(alma_visits, call)
    assert "Var är min order?" not in page(alma_visits, chat)


def test_who_has_looked_is_told_to_who_may_read_the_log(
    alma_visits: Visitor, bo: User, call: str
) -> None:
    assert "Användare Alma visade förfrågning call-1" in page(alma_visits, call)
    assert "Användare Alma" not in page(Visitor().enters(bo), call)


def test_one_who_sees_general_information_only_is_offered_no_more(
    bo: User, call: str
) -> None:
    html = page(Visitor().enters(bo), call)

    assert "formaction" not in html[html.index("<main") :]
    assert "/delete" not in html


def test_nothing_under_a_hold_can_be_deleted(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    with scope.writing(acme.id):
        Interaction.objects.update(held=True)

    html = page(alma_visits, call)

    assert "/mp3" in html
    assert "/delete" not in html


def test_of_one_forgotten_the_page_tells_no_name_and_no_journey(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    with scope.writing(acme.id):
        Interaction.objects.update(anonymised_at=Interaction.objects.get().started_at)

    html = page(alma_visits, call)

    assert "Anna" not in html
    assert "Val 1" not in html
    assert "Anonymiserat" in html


def test_a_session_leads_to_its_interaction(alma_visits: Visitor, call: str) -> None:
    answer = alma_visits.get(f"/s/{CALL}")

    assert answer.status_code == 302
    assert answer["Location"] == f"/interactions/{call}"
    assert alma_visits.entries("see") == []


def test_the_page_leads_back_to_the_search_one_came_from(
    alma_visits: Visitor, call: str
) -> None:
    came = {"Referer": "http://testserver/search/q7Yd2"}

    html = text_of(alma_visits.get(f"/interactions/{call}", **came))

    assert 'href="/search/q7Yd2"' in html


def test_another_site_is_not_led_back_to(alma_visits: Visitor, call: str) -> None:
    came = {"Referer": "http://elsewhere.example/search/q7Yd2"}

    html = text_of(alma_visits.get(f"/interactions/{call}", **came))

    assert "q7Yd2" not in html


def test_the_address_tells_nobody(alma_visits: Visitor, call: str) -> None:
    html = page(alma_visits, call)

    addresses = [part.split('"')[0] for part in html.split('href="')[1:]]
    assert not any(NUMBER[3:] in one or "Anna" in one for one in addresses)


def test_more_content_costs_no_more_queries(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    from tests.held import lay_content

    page(alma_visits, call)
    with CaptureQueriesContext(connection) as few:
        page(alma_visits, call)
    for n in range(2, 9):
        lay_content(acme, int(call), n=n)
    with CaptureQueriesContext(connection) as many:
        page(alma_visits, call)

    assert len(many) == len(few)


def test_an_entry_stands_for_each_look(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    page(alma_visits, call)
    page(alma_visits, call)

    with scope.reading(acme.id):
        assert Entry.objects.filter(action="see").count() == 2
