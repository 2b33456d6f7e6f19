"""Survey answers and raw events over HTTP."""

from datetime import timedelta

import pytest
from msgspec import json

from tests.api.conftest import Asker, body_of
from tests.cast import NOW
from tests.held import lay_interaction
from valv.archive.flags import Flag
from valv.archive.models import RawEvent, Survey
from valv.archive.raw_events import Body, hash_of, seal_body
from valv.audit import searches
from valv.core.permissions import Scope
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant


def lay_survey(tenant: Tenant, score: int, *, hours: int) -> int:
    at = NOW - timedelta(hours=hours)
    made = lay_interaction(
        tenant, session=f"S{score}", started_at=at, flags=int(Flag.SURVEY)
    )
    with scope.writing(tenant.id):
        Survey.objects.create(interaction_id=made, score=score, at=at, aged_from=at)
    return made


def lay_events(tenant: Tenant, count: int) -> int:
    made = lay_interaction(tenant)
    key = keys.create(tenant.id, KeyKind.TEXT, [made])[made]
    with scope.writing(tenant.id):
        RawEvent.objects.bulk_create(
            RawEvent(
                interaction_id=made,
                event=hash_of(tenant.id, f"E{n}"),
                type="queue.entered",
                at=NOW + timedelta(seconds=n),
                aged_from=NOW,
                body=seal_body(
                    Body(f"E{n}", {"queue": "Support"}),
                    tenant_id=tenant.id,
                    interaction_id=made,
                    key=key,
                ),
            )
            for n in range(count)
        )
    return made


def told(ask: Asker, query: str = "") -> list[dict[str, object]]:
    lines = body_of(ask("GET", f"/raw-events{query}")).splitlines()
    return [json.decode(line) for line in lines]


def test_survey_answers_come_newest_first_and_by_page(acme: Tenant, ask: Asker) -> None:
    for score, hours in ((3, 3), (9, 1), (5, 2)):
        lay_survey(acme, score, hours=hours)

    first = ask("GET", "/surveys?limit=2").json()
    second = ask("GET", f"/surveys?limit=2&cursor={first['next']}").json()

    assert [item["score"] for item in first["items"]] == [9, 5]
    assert [item["score"] for item in second["items"]] == [3]
    assert second["next"] is None


def test_listing_surveys_is_entered(acme: Tenant, ask: Asker) -> None:
    lay_survey(acme, 7, hours=1)

    ask("GET", "/surveys")
    searches.flush()

    (entry,) = ask.entries("search")
    assert entry.details == {"by": ["surveys"], "found": 1, "capped": False}


def test_raw_events_come_oldest_first_and_whole(acme: Tenant, ask: Asker) -> None:
    made = lay_events(acme, 3)

    first, *_, last = told(ask)

    assert first == {
        "event_id": "E0",
        "interaction_id": str(made),
        "session_id": "S1",
        "type": "queue.entered",
        "at": "2026-11-23T13:05:00.000Z",
        "sequence": None,
        "data": {"queue": "Support"},
        "cursor": f"1795439100000.{made}.{hash_of(acme.id, 'E0').hex()}",
    }
    assert last["event_id"] == "E2"


def test_raw_events_are_not_capped_by_a_chunk(acme: Tenant, ask: Asker) -> None:
    lay_events(acme, 1203)

    assert [one["event_id"] for one in told(ask)] == [f"E{n}" for n in range(1203)]
    assert len(told(ask, "?limit=501")) == 501


def test_the_window_of_raw_events_ends_before_its_end(acme: Tenant, ask: Asker) -> None:
    lay_events(acme, 5)

    found = told(ask, "?from=2026-11-23T13:05:01Z&to=2026-11-23T13:05:03Z")

    assert [one["event_id"] for one in found] == ["E1", "E2"]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_raw_events_go_on_after_any_of_them(
    acme: Tenant, ask: Asker, size: int
) -> None:
    lay_events(acme, 5)
    whole = told(ask)

    found = told(ask, f"?limit={size}")
    while page := told(ask, f"?limit={size}&cursor={found[-1]['cursor']}"):
        found += page

    assert found == whole


def test_raw_events_are_narrowed_by_type_and_session(acme: Tenant, ask: Asker) -> None:
    lay_events(acme, 2)

    assert len(told(ask, "?type=queue.entered&type=menu.entered&session=S1")) == 2
    assert told(ask, "?type=menu.entered") == []
    assert told(ask, "?session=S2") == []


def test_events_whose_text_was_cut_tell_type_and_time_alone(
    acme: Tenant, ask: Asker
) -> None:
    made = lay_events(acme, 1)
    keys.destroy(acme.id, {KeyKind.TEXT: [made]})

    (event,) = told(ask)

    assert (event["event_id"], event["data"]) == (None, None)
    assert event["type"] == "queue.entered"


def test_taking_out_raw_events_is_entered(acme: Tenant, ask: Asker) -> None:
    ask("GET", "/raw-events")

    (entry,) = ask.entries("export")
    assert (entry.content, entry.details) == (
        "raw_data",
        {"form": "ndjson", "by": []},
    )


@pytest.mark.parametrize("path", ["/surveys", "/raw-events"])
def test_lists_need_their_scope(acme: Tenant, path: str) -> None:
    machine = Asker(acme, [Scope.CONTENT, Scope.INTAKE, Scope.AUDIT])

    assert machine("GET", path).status_code == 403


@pytest.mark.parametrize("path", ["/surveys", "/raw-events"])
def test_a_stranger_is_told_nothing(acme: Tenant, stranger: Asker, path: str) -> None:
    lay_survey(acme, 7, hours=1)
    lay_events(acme, 1)

    assert body_of(stranger("GET", path)) in {b"", b'{"items":[],"next":null}'}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/surveys?cursor=x", 422),
        ("/surveys?limit=0", 422),
        ("/raw-events?from=x", 422),
        ("/raw-events?cursor=1", 422),
        ("/raw-events?type=queue.left", 422),
        ("/raw-events?colour=red", 400),
    ],
)
def test_what_is_asked_must_be_understood(ask: Asker, path: str, status: int) -> None:
    assert ask("GET", path).status_code == status
