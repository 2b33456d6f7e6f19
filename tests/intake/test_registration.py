"""The topics a tenant defines, over HTTP, and what becomes of others."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import make_token
from tests.intake.asking import Source, accepted, event
from valv.archive.models import Interaction, Session
from valv.audit.models import Entry
from valv.core.permissions import Scope
from valv.tenants.models import Tenant

START = "2026-11-20T09:00:00.000Z"
PATH = "/api/v1/registration-topics"
LISTED = {"categories": [{"category": "Parcel", "topics": ["Late", "Broken"]}]}
LATE, ODD = {"category": "Parcel", "topic": "Late"}, {"topic": "Odd"}


def set_topics(tenant: Tenant, *, refuse: bool = False, **changed: object) -> Any:
    token = make_token(tenant, scopes=[Scope.ADMIN])
    client = Client(headers={"Authorization": f"Bearer {token}"})
    body = {**LISTED, "refuse_undefined": refuse, **changed}
    return client.put(PATH, body, "application/json")


def test_the_list_is_set_whole_and_shown_to_any_token(source: Source) -> None:
    assert source.ask("GET", "/registration-topics").json()["categories"] == []
    answer = set_topics(source.tenant)

    assert answer.status_code == 200
    assert source.ask("GET", "/registration-topics").json() == answer.json()
    assert answer.json()["categories"][0]["topics"] == ["Late", "Broken"]
    changes = source.rows(Entry, action="setting")
    (entry,) = [e for e in changes if e.details["setting"] == "registration_topics"]
    assert entry.action == "setting"


def test_setting_it_needs_the_scope_admin(source: Source) -> None:
    answer = source.ask("PUT", "/registration-topics", b'{"categories": []}')

    assert answer.status_code == 403


def test_one_tenants_list_is_not_anothers(source: Source, borealis: Tenant) -> None:
    set_topics(source.tenant, refuse=True)

    other = Source.of(borealis)

    assert other.ask("GET", "/registration-topics").json()["categories"] == []
    assert other.put("S1", started_at=START, registration=[ODD]).status_code == 201


def test_a_topic_with_a_number_in_it_is_not_taken_into_the_list(
    source: Source,
) -> None:
    listed = [{"category": "Call +46701234567", "topics": ["x"]}]

    answer = set_topics(source.tenant, categories=listed)

    assert answer.status_code == 422
    assert "4670" not in answer.content.decode()


def test_what_is_not_defined_is_kept_unless_refused(source: Source) -> None:
    set_topics(source.tenant)

    answer = source.put("S1", started_at=START, registration=[LATE, ODD])

    assert [one["topic"] for one in answer.json()["registration"]] == ["Late", "Odd"]


def test_a_refused_topic_leaves_nothing_of_its_request(source: Source) -> None:
    set_topics(source.tenant, refuse=True)

    answer = source.put("S1", started_at=START, queue="A", registration=[LATE, ODD])

    assert answer.status_code == 403
    assert answer.json()["rule"] == "topic_undefined"
    assert source.rows(Session) == source.rows(Interaction) == []
    assert [e.details for e in source.rows(Entry, action="refuse")] == [
        {"rule": "topic_undefined"}
    ]


def test_a_refused_event_is_named_and_the_rest_goes_in(source: Source) -> None:
    set_topics(source.tenant, refuse=True)
    alone = event(1, "registration.added", session="S2", **ODD)

    answer = source.tell(
        event(0, "session.started", media="phone"),
        event(4, "registration.added", **ODD),
        event(5, "registration.added", **LATE),
        alone,
    )

    assert accepted(answer) == (2, 0, ["topic_undefined"] * 2)
    assert [line["line"] for line in answer["refused"]] == [2, 4]
    assert [one["topic"] for one in source.item("S1")["registration"]] == ["Late"]
    assert [row.session_id for row in source.rows(Session)] == ["S1"]
    assert len(source.rows(Entry, action="refuse")) == 1


@pytest.mark.parametrize("ended", [True, False])
def test_a_topic_may_come_late(source: Source, *, ended: bool) -> None:
    set_topics(source.tenant, refuse=True)
    end = [event(60, "session.ended")] if ended else []
    source.tell(event(0, "session.started", media="phone"), *end)

    source.tell(event(3_000, "registration.added", **LATE))

    found = source.ask("GET", "/interactions?category=parcel&topic=late").json()
    assert [item["session_id"] for item in found["items"]] == ["S1"]
    assert (source.item("S1")["ended_at"] is not None) is ended
