"""Law 4: the body of an e-mail or e-task is refused at the door, and kept nowhere."""

from typing import Any

import pytest

from tests.intake.asking import Source, event
from tests.intake.made import vcon, written
from tests.laws.canary import places_of
from valv.archive.models import Interaction, RawEvent
from valv.audit.models import Entry

BODY = "Dear Sir quagga-5518"
START = "2026-11-20T09:00:00.000Z"
pytestmark = pytest.mark.django_db(transaction=True)
CARRIERS: list[dict[str, Any]] = [
    {"body": BODY},
    {"html": BODY},
    {"variables": {"Body-Text": BODY}},
    {"content": {"parts": [BODY]}},
    {"attachments": [{"name": "a.txt", "data": BODY}]},
]


@pytest.mark.parametrize("media", ["email", "etask"])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_body_that_is_put_is_refused(
    source: Source, media: str, carrier: dict[str, Any]
) -> None:
    answer = source.put("S1", started_at=START, media=media, **carrier)

    assert (answer.status_code, answer.json()["rule"]) == (403, "email_body")
    assert source.rows(Interaction) == []
    assert source.rows(Entry, action="refuse")[0].details == {"rule": "email_body"}
    assert places_of(BODY) == set()


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_body_is_refused_when_the_medium_was_said_before(
    source: Source, carrier: dict[str, Any]
) -> None:
    source.put("S1", started_at=START, media="email")

    assert source.put("S1", **carrier).status_code == 403
    assert places_of(BODY) == set()


@pytest.mark.parametrize("is_told_first", [True, False])
def test_a_body_in_events_goes_whenever_the_medium_is_told(
    source: Source, is_told_first: bool
) -> None:
    start = event(0, "session.started", media="email")
    bodies = [
        event(1, "chat.message", from_="customer", text=BODY),
        event(2, "variable.set", name="body", value=BODY),
    ]

    batches = [[start], bodies] if is_told_first else [bodies, [start]]
    for batch in batches:
        source.tell(*batch)

    assert [row.type for row in source.rows(RawEvent)] == ["session.started"]
    assert source.item("S1")["variables"] == {}
    assert source.chat_log("S1").status_code in (404, 410)
    assert places_of(BODY) == set()


def test_a_chat_log_of_an_email_is_refused(source: Source) -> None:
    source.put("S1", started_at=START, media="email")

    log = [{"at": START, "from": "customer", "text": BODY}]
    answer = source.put_chat_log("S1", log)

    assert (answer.status_code, answer.json()["rule"]) == (403, "email_body")
    assert places_of(BODY) == set()


@pytest.mark.parametrize("media", ["email", "etask"])
@pytest.mark.parametrize("is_stated_last", [True, False])
def test_a_body_goes_when_the_medium_is_stated(
    source: Source, media: str, is_stated_last: bool
) -> None:
    def tell_bodies() -> None:
        source.tell(
            event(1, "chat.message", from_="customer", text=BODY),
            event(2, "variable.set", name="body", value=BODY),
            event(3, "variable.set", name="order", value="17"),
        )

    steps = [tell_bodies, lambda: source.put("S1", started_at=START, media=media)]
    for step in steps if is_stated_last else reversed(steps):
        step()

    assert {row.type for row in source.rows(RawEvent)} == {"variable.set"}
    assert len(source.rows(RawEvent)) == 1
    assert source.item("S1")["variables"] == {"order": "17"}
    assert places_of(BODY) == set()


@pytest.mark.parametrize("how", ["by event", "by statement", "by vCon"])
def test_a_stated_body_goes_when_the_medium_is_told(source: Source, how: str) -> None:
    stated = {"Body": BODY, "order": "17"}
    source.put("S1", started_at=START, subject="Late", url="https://x.example/1")
    source.put("S1", variables=stated)

    match how:
        case "by event":
            source.tell(event(0, "session.started", media="email"))
        case "by statement":
            source.put("S1", media="email")
        case _:
            came = {"type": "incomplete", "start": START, "interaction_type": "email"}
            sent = vcon("S1", transcript=False, dialog=[came])
            assert source.ask("POST", "/vcons", written(sent)).status_code == 200

    assert source.item("S1")["media"] == "email"
    assert source.item("S1")["variables"] == {"order": "17"}
    assert places_of(BODY) == set()


def test_a_start_that_had_a_body_goes_when_the_medium_is_another(
    source: Source,
) -> None:
    variables = {"body": BODY}
    source.tell(event(0, "session.started", media="phone", variables=variables))

    source.put("S1", started_at=START, media="email")

    assert source.rows(RawEvent) == []
    assert places_of(BODY) == set()
