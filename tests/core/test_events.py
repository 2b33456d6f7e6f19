"""Events are checked by type, and masked digits are never held."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.masks import read_event
from valv.core.errors import Malformed, Refused
from valv.core.events import (
    TYPES,
    DigitsEntered,
    VariableSet,
    event_id_of,
)

AT = "2026-11-23T14:05:00.000Z"
SAMPLES: dict[str, dict[str, object]] = {
    "session.started": {
        "media": "phone",
        "direction": "inbound",
        "access_point": "+4680000",
        "identifiers": {"phone": "0701234567"},
        "subject": "x",
        "url": "https://example.com/1",
        "variables": {"a": 1},
    },
    "menu.entered": {"menu": "main"},
    "digits.entered": {"module": "pin", "digits": "1", "mask": False},
    "variable.set": {"name": "a", "value": True},
    "consent.given": {"purpose": "recording", "how": "key", "question": "May we?"},
    "consent.refused": {"purpose": "recording"},
    "queue.entered": {"queue": "support"},
    "agent.connected": {"agent": "a1", "name": "Bo"},
    "agent.disconnected": {"agent": "a1"},
    "recording.requested": {"action": "start", "agent": "a1", "informed": "true"},
    "recording.started": {"n": 1, "agent": "a1"},
    "recording.stopped": {"n": 1},
    "chat.storage_refused": {},
    "chat.message": {"from": "customer", "name": "Anna", "text": "Hi"},
    "registration.added": {"category": "c", "topic": "t"},
    "survey.answered": {"score": 9, "scale": [0, 10], "comment": "ok"},
    "session.ended": {"outcome": "answered"},
}
SECRET = "19121212-1212"


def payload(type_: str, data: object, **more: object) -> dict[str, object]:
    event = {"event_id": "e1", "session_id": "s1", "type": type_, "at": AT}
    return {**event, "data": data, **more}


def test_there_is_a_sample_of_every_type() -> None:
    assert SAMPLES.keys() == TYPES.keys()


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_is_read_and_survives_being_written(type_: str) -> None:
    event = read_event(payload(type_, SAMPLES[type_]))

    assert read_event(payload(type_, event.as_json())) == event


@pytest.mark.parametrize("type_", TYPES)
def test_an_unknown_field_is_refused(type_: str) -> None:
    with pytest.raises(Malformed, match="unknown field"):
        read_event(payload(type_, SAMPLES[type_] | {"surprise": SECRET}))


@pytest.mark.parametrize("mask", [True, "true", "True", "TRUE"])
@pytest.mark.parametrize("secret", [SECRET, 191212121212])
def test_masked_digits_are_in_no_event(mask: object, secret: object) -> None:
    digits = read_event(
        payload("digits.entered", {"module": "pin", "digits": secret, "mask": mask})
    )
    variable = read_event(
        payload("variable.set", {"name": "pin", "value": secret, "mask": mask})
    )

    assert digits.data == DigitsEntered(module="pin", mask=True)
    assert variable.data == VariableSet(name="pin", mask=True)
    assert "1212" not in json.dumps([digits.as_json(), variable.as_json()])


@given(st.text(min_size=4), st.sampled_from(["digits.entered", "variable.set"]))
def test_a_mask_that_says_neither_is_refused_without_quoting(
    mask: str, type_: str
) -> None:
    field = "digits" if type_ == "digits.entered" else "value"
    data = {"name": "x", "module": "x", field: SECRET, "mask": f"{mask}?"}

    with pytest.raises(Malformed) as caught:
        read_event(payload(type_, data))

    assert SECRET not in f"{caught.value.detail} {caught.value.field}"


def test_what_is_not_masked_is_kept() -> None:
    event = read_event(payload("digits.entered", {"digits": "42", "mask": "false"}))

    assert isinstance(event.data, DigitsEntered)
    assert event.data.digits == "42"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "session.exploded"}, "type"),
        ({"at": "yesterday"}, "at"),
        ({"at": "1950-01-01T00:00:00Z"}, None),
        ({"event_id": ""}, "event_id"),
        ({"session_id": "a\nb"}, "session_id"),
        ({"session_id": 7}, "session_id"),
        ({"data": {"menu": ""}}, "data.menu"),
        ({"data": {}}, "data"),
        ({"data": None}, "data"),
        ({"data": []}, "data"),
        ({"more": 1}, None),
    ],
)
def test_a_bad_event_says_where(change: dict[str, object], field: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        read_event(payload("menu.entered", {"menu": "m"}) | change)

    assert caught.value.field == field


@pytest.mark.parametrize("rubbish", [None, 1, "x", [], [1]])
def test_rubbish_is_malformed(rubbish: object) -> None:
    with pytest.raises(Malformed):
        read_event(rubbish)


def test_the_body_of_an_email_is_refused_at_the_start() -> None:
    with pytest.raises(Refused) as caught:
        read_event(payload("session.started", {"media": "email", "body": "Dear"}))

    assert caught.value.rule == "email_body"


def test_an_unsafe_link_is_refused() -> None:
    data = {"media": "email", "url": "javascript:alert(1)"}

    with pytest.raises(Malformed) as caught:
        read_event(payload("session.started", data))

    assert caught.value.field == "data.url"


def test_a_refused_event_is_named_by_its_id() -> None:
    assert event_id_of({"event_id": "e1"}) == "e1"
    assert event_id_of({"event_id": 5}) is None
    assert event_id_of("e1") is None
