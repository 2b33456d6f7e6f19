"""Recordings and chat logs sent in over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.api.conftest import Asker, body_of
from tests.files import held_under
from tests.intake.sounds import tone, wav
from valv.archive.models import Content, Interaction
from valv.core.permissions import Scope
from valv.storage import scope
from valv.storage.models import SealingKey
from valv.tenants.models import Tenant

SOUND = wav(tone(440, seconds=2))
OTHER = wav(tone(660, seconds=2))
LOG = {
    "messages": [
        {"at": "2026-11-23T12:00:00Z", "from": "customer", "text": "Hej", "name": "Eva"}
    ]
}
AT = "started_at=2026-11-23T12:00:00Z"


def put(
    ask: Asker, session: str = "S1", *, body: bytes = SOUND, query: str = AT
) -> Any:
    path = f"/interactions/{session}/recordings/1?{query}"
    return ask("PUT", path, data=body, content_type="audio/wav")


def put_log(ask: Asker, log: Any = LOG) -> Any:
    body = json.dumps(log).encode()
    path = "/interactions/C1/chat-log"
    return ask("PUT", path, data=body, content_type="application/json")


def the_interaction(tenant: Tenant) -> Interaction:
    with scope.reading(tenant.id):
        return Interaction.objects.get()


def content_keys() -> int:
    return SealingKey.objects.using("keys").filter(kind=3).count()


def test_a_recording_comes_in_and_is_heard(ask: Asker, acme: Tenant) -> None:
    answer = put(ask)

    assert answer.status_code == 201
    assert answer.json()["state"] == "present"
    assert answer.json()["seconds"] == pytest.approx(2, abs=0.1)
    path = f"/interactions/{the_interaction(acme).id}/recordings/1"
    assert body_of(ask("GET", path))[0] == 0xFF


def test_the_same_bytes_twice_are_one_recording(ask: Asker) -> None:
    put(ask)

    assert put(ask).status_code == 200
    assert content_keys() == 1


def test_other_bytes_in_the_same_place_are_a_conflict(ask: Asker) -> None:
    put(ask)

    assert put(ask, body=OTHER).status_code == 409
    assert content_keys() == 1


def test_a_deleted_recording_does_not_come_back(ask: Asker, acme: Tenant) -> None:
    put(ask)
    path = f"/interactions/{the_interaction(acme).id}/recordings/1"
    ask("DELETE", path + "?reason=Asked")

    answer = put(ask)

    assert answer.status_code == 410
    assert "Asked" in answer.json()["detail"]
    assert content_keys() == 0


def test_a_recording_names_its_agent_and_start(ask: Asker, acme: Tenant) -> None:
    put(ask, query=AT + "&agent=a7&channels=1")

    with scope.reading(acme.id):
        row = Content.objects.get()
    assert row.agent_id is not None
    assert str(row.started_at) == "2026-11-23 12:00:00+00:00"
    assert row.channels == 1


def test_broken_audio_leaves_nothing(ask: Asker, acme: Tenant) -> None:
    answer = put(ask, body=b"RIFF" + b"broken" * 1000)

    assert answer.status_code == 422
    assert content_keys() == 0
    with scope.reading(acme.id):
        assert not Interaction.objects.exists()


def test_empty_audio_is_said_to_be_empty(ask: Asker) -> None:
    answer = put(ask, body=b"")

    assert answer.status_code == 422
    assert "empty" in answer.json()["title"].lower()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("started_at=yesterday", 422),
        ("started_at=2026-11-23T12:00:00", 422),
        ("channels=3", 422),
        ("color=red", 400),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Asker, query: str, status: int) -> None:
    assert put(ask, query=query).status_code == status


@pytest.mark.parametrize(("n", "status"), [("0", 422), ("x", 404), ("10001", 422)])
def test_a_recording_has_a_number_from_one(ask: Asker, n: str, status: int) -> None:
    answer = ask("PUT", f"/interactions/S1/recordings/{n}", data=SOUND)

    assert answer.status_code == status


def test_a_body_that_is_too_long_is_refused_at_once(ask: Asker) -> None:
    answer = ask(
        "PUT", "/interactions/S1/recordings/1", data=b"", CONTENT_LENGTH=str(5 << 30)
    )

    assert answer.status_code == 413


def test_sending_needs_the_scope(acme: Tenant) -> None:
    assert put(Asker(acme, scopes=[Scope.READ])).status_code == 403


def test_sending_needs_a_token(acme: Tenant) -> None:
    answer = Client().put("/api/v1/interactions/S1/recordings/1", data=SOUND)

    assert answer.status_code == 401


def test_a_name_in_a_chat_log_becomes_the_chatters(ask: Asker, acme: Tenant) -> None:
    assert put_log(ask).status_code == 201
    assert put_log(ask).status_code == 200

    path = f"/interactions/{the_interaction(acme).id}"
    answer = ask("GET", f"{path}/chat-log").json()
    assert answer["messages"][0]["text"] == "Hej"
    assert answer["messages"][0]["name"] == "Eva"
    assert ask("GET", path).json()["identifiers"]["name"] == "Eva"


def test_a_chat_log_without_messages_is_no_log(ask: Asker) -> None:
    assert put_log(ask, {"messages": []}).status_code == 422


def test_the_chat_log_decides_that_it_was_a_chat(ask: Asker, acme: Tenant) -> None:
    put(ask, session="C1")

    assert put_log(ask).status_code == 201
    assert the_interaction(acme).media == 1


def test_no_upload_lies_in_the_data_folder_in_the_clear(ask: Asker) -> None:
    put(ask)
    put_log(ask, {"messages": [{**LOG["messages"][0], "text": "tell-tale words"}]})

    files = list(held_under(Path(settings.VALV_DATA)))
    assert files
    assert not any(b"tell-tale" in held for _, held in files)
