"""The shape of an interaction in JSON: exactly the fields that are promised."""

import re
from io import BytesIO
from typing import Any

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from tests.api.conftest import Asker, body_of
from tests.intake.sounds import tone, wav

FIELDS = [
    "id", "session_id", "media", "direction", "started_at", "ended_at", "queue",
    "agents", "wait_seconds", "talk_seconds", "outcome", "identifiers", "others",
    "subject", "url", "variables", "contents", "survey", "registration", "restricted",
    "held", "anonymised_at", "state", "consents", "copies",
]  # fmt: skip
XLSX = "/interactions.xlsx"
STATED = {
    "started_at": "2026-11-20T10:00:00Z",
    "media": "phone",
    "direction": "inbound",
    "identifiers": {"phone": "070-123 45 67", "name": "Anna"},
    "wait_seconds": 12,
    "talk_seconds": 30.5,
}


def put(ask: Asker, path: str, **told: Any) -> Any:
    body = msgspec.json.encode(told)
    return ask("PUT", f"/interactions/{path}", data=body, content_type="text/json")


@pytest.mark.parametrize("phone", ["070-123 45 67", "anonymous"])
def test_an_item_has_these_fields_and_no_others(ask: Asker, phone: str) -> None:
    told = {**STATED, "identifiers": {"phone": phone}}
    item = put(ask, "s1", **told).json()
    (listed,) = ask("GET", "/interactions").json()["items"]

    assert list(item) == FIELDS
    assert listed == item == ask("GET", f"/interactions/{item['id']}").json()
    assert list(item["identifiers"]) == ["phone", "email", "name", "handle"]


def test_whole_numbers_are_told_whole(ask: Asker) -> None:
    put(ask, "s1", **STATED)
    survey = put(ask, "s1/survey", score=7).content
    item = ask("GET", "/interactions").content

    assert re.findall(rb'"(?:wait|talk)_seconds":([^,]+)', item) == [b"12", b"30.5"]
    assert re.findall(rb'"score":([^,]+)', survey + item) == [b"7", b"7"]
    listed = ask("GET", "/surveys").content
    assert re.findall(rb'"score":([^,]+)', listed) == [b"7"]


def test_a_score_between_whole_numbers_stays_so(ask: Asker) -> None:
    put(ask, "s1", **STATED)
    assert put(ask, "s1/survey", score=7.5).json()["score"] == 7.5


@pytest.mark.parametrize(("phone", "told"), [("anonymous", "yes"), ("070111", "no")])
def test_a_number_withheld_is_told_in_the_spreadsheet(
    ask: Asker, phone: str, told: str
) -> None:
    put(ask, "s1", **{**STATED, "identifiers": {"phone": phone}})
    book = CalamineWorkbook.from_filelike(BytesIO(body_of(ask("GET", XLSX))))
    head, row = book.get_sheet_by_index(0).to_python()

    assert dict(zip(head, row, strict=True))["Number withheld"] == told


def test_a_call_is_live_then_awaits_its_recording_then_is_complete(ask: Asker) -> None:
    mark = {"n": 1, "agent": "a7"}
    body = msgspec.json.encode([told("1", "recording.started", mark)])
    ask("POST", "/events", data=body, content_type="application/json")
    states = [put(ask, "s1", **STATED).json()["state"]]
    states += [put(ask, "s1", ended_at="2026-11-20T10:05:00Z").json()["state"]]
    sound = wav(tone(440, seconds=1))
    ask("PUT", "/interactions/s1/recordings/1", data=sound, content_type="audio/wav")
    (listed,) = ask("GET", "/interactions").json()["items"]

    assert [*states, listed["state"]] == ["live", "awaiting_content", "complete"]


def told(event_id: str, type_: str, data: Any) -> Any:
    at = "2026-11-20T10:01:00Z"
    return {
        "event_id": event_id, "session_id": "s1", "type": type_, "at": at, "data": data,
    }  # fmt: skip


def test_what_came_whole_is_not_live_though_nobody_says_when_it_ended(
    ask: Asker,
) -> None:
    assert put(ask, "s1", **STATED).json()["state"] == "complete"
