"""The API's own way in: which addresses are its, and what every answer carries."""

from io import BytesIO
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from django.test import Client
from pytest_django import Settings

from tests.api.conftest import Asker

NOISE = {"Content-Security-Policy", "X-Frame-Options", "Vary", "Content-Language"}
STATED = {"started_at": "2026-11-20T10:00:00Z", "media": "phone"}


def put(ask: Asker, path: str, **told: Any) -> Any:
    return ask("PUT", path, data=json(told), content_type="application/json")


def json(value: Any) -> bytes:
    return msgspec.json.encode(value)


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/x", "/api/v1/nothing",
     "/api/v1/openapi.json/", "/api/v1//openapi.json"],
)  # fmt: skip
def test_an_address_that_is_none_is_a_problem(path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/openapi.json", "/interactions", "/nothing"])
def test_an_answer_carries_nothing_that_is_meant_for_pages(
    ask: Asker, path: str
) -> None:
    answer = ask("GET", path)

    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not NOISE & set(answer.headers)
    assert not answer.cookies


def test_a_page_carries_what_pages_need() -> None:
    assert "Content-Security-Policy" in Client().get("/nothing").headers


def test_what_is_done_without_content_has_no_type(ask: Asker) -> None:
    put(ask, "/interactions/s1", **{**STATED, "media": "chat"})
    message = {"at": "2026-11-20T10:00:00Z", "from": "agent", "text": "Hej"}
    put(ask, "/interactions/s1/chat-log", messages=[message])
    (item,) = ask("GET", "/interactions").json()["items"]
    answer = ask("DELETE", f"/interactions/{item['id']}/chat-log")

    assert answer.status_code == 204
    assert not {"Content-Type", "Content-Length"} & set(answer.headers)


@pytest.mark.parametrize("path", ["/openapi.json", "/interactions", "/interactions/1"])
def test_head_answers_as_get_without_the_body(ask: Asker, path: str) -> None:
    got, headed = ask("GET", path), ask("HEAD", path)

    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert dict(headed.headers) == dict(got.headers)


@pytest.mark.parametrize("path", ["/interactions.xlsx", "/raw-events"])
def test_head_does_not_begin_a_stream(ask: Asker, path: str) -> None:
    answer = ask("HEAD", path)

    assert (answer.status_code, answer.streaming) == (200, False)


def test_options_are_no_method_of_ours(ask: Asker) -> None:
    answer = ask("OPTIONS", "/interactions")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "session", ["a/b", "a//b", "a b", "a%b", "å/ä ö", "?#", "x/recordings", "..", "a/1"]
)
def test_a_session_id_may_hold_any_printable_character(
    ask: Asker, session: str
) -> None:
    answer = put(ask, f"/interactions/{quote(session, safe='')}", **STATED)
    found = ask("GET", f"/interactions?session={quote(session, safe='')}").json()

    assert (answer.status_code, answer.json()["session_id"]) == (201, session)
    assert [item["session_id"] for item in found["items"]] == [session]


def test_what_hangs_on_a_session_with_a_slash_finds_it(ask: Asker) -> None:
    put(ask, "/interactions/a%2Fb", **STATED)
    survey = put(ask, "/interactions/a%2Fb/survey", score=7)
    (item,) = ask("GET", "/interactions?session=a/b").json()["items"]

    assert (survey.status_code, item["survey"]["score"]) == (201, 7)


@pytest.mark.parametrize("session", ["%0A", "a%0Ab", "a%00", "%E2%80%AEa", "a" * 201])
@pytest.mark.parametrize("part", ["", "/survey", "/chat-log", "/recordings/1"])
def test_a_session_id_that_cannot_be_kept_is_malformed(
    ask: Asker, session: str, part: str
) -> None:
    told = {"messages": [], "score": 1} if part else STATED
    assert put(ask, f"/interactions/{session}{part}", **told).status_code == 422


@pytest.mark.parametrize("path", ["/interactions/1/x", "/interactions/1/chat-log/"])
def test_a_slash_makes_no_id_of_ours(ask: Asker, path: str) -> None:
    assert ask("GET", path).status_code == 404
    assert ask("DELETE", path).status_code == 404


def test_what_is_left_of_a_refused_body_is_read_off(ask: Asker) -> None:
    body = BytesIO(b"x" * 1_000_000)
    sent: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": "1000000"}
    answer = Client().generic("PUT", "/api/v1/interactions/s1", **sent)

    assert (answer.status_code, body.tell()) == (401, 1_000_000)


def test_a_token_that_asks_too_often_is_told_when_to_come_again(
    ask: Asker, stranger: Asker, settings: Settings
) -> None:
    settings.VALV_TOKEN_RATE = 1
    answers = [ask("GET", "/retention") for _ in range(12)]

    refused = answers[-1]
    assert [one.status_code for one in answers[:10]] == [200] * 10
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    assert refused["Content-Type"] == "application/problem+json"
    assert stranger("GET", "/retention").status_code == 200
