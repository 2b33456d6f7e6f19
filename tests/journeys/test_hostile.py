"""The whole API is asked whatever its own description allows, by an unkind program.

Schemathesis makes the requests from the OpenAPI document, right and wrong ones, and
holds each answer against it. Real ids are given, and tokens of each scope, so that it
comes further than the door. No answer may be a fault, be of a status or media type that
is not described, or have another shape. ``make soak`` asks 10,000 times.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi

from tests.intake.sounds import tone, wav
from tests.journeys.serving import SCOPES, Server, databases, served

CASES = int(os.environ.get("VALV_SOAK_CASES", "300"))
SOAKS = CASES > 300
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(7200)]
if not SOAKS:
    pytestmark.append(pytest.mark.postgresql)  # which is the stricter of the two
ANY = random.getrandbits(32) if SOAKS else 1
SEED = int(os.environ.get("VALV_SOAK_SEED", ANY))
CHECKS = (
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
)
LUCKY = st.sampled_from([True, True, True, False])  # mostly there is something there
START = "2026-11-20T10:00:00Z"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(tmp_path / "data", **databases()) as server:
        yield server


def laid(server: Server) -> dict[str, list[str]]:
    """Something of everything, and what fills the holes of addresses with it."""
    started = {"started_at": START, "ended_at": START, "queue": "Support"}
    said = [{"at": START, "from": "customer", "text": "Hej"}]
    call = told(server, "PUT", "/interactions/a-call", media="phone", **started)
    chat = told(server, "PUT", "/interactions/a-chat", media="chat", **started)
    told(server, "PUT", "/interactions/a-chat/chat-log", messages=said)
    told(server, "PUT", "/interactions/a-call/survey", score=7)
    sound = wav(tone(440, seconds=1))
    assert server.ask("PUT", "/interactions/a-call/recordings/1", sound)[0] == 201
    return {
        "id": [call["id"], chat["id"]],
        "session_id": ["a-call", "a-chat"],
        "n": ["1", "2"],
        "seq": ["1", "2"],
        "name": ["gone"],
    }


def told(server: Server, method: str, path: str, **body: Any) -> Any:
    status, answer = server.ask(method, path, json.dumps(body).encode())
    assert status < 300, answer
    return json.loads(answer)


def tokens(server: Server) -> list[str]:
    """That of every scope, mostly, and one of each."""
    made = [
        told(server, "POST", "/tokens", name="x", scopes=[scope])["secret"]
        for scope in SCOPES.split(",")
    ]
    return [*[server.token] * (2 * len(made)), *made]


def _asking(
    operation: Any, there: dict[str, list[str]], keys: list[str], *, each: int
) -> Callable[[], None]:
    """Ask one endpoint so many times, in right and in wrong ways."""
    ways = [operation.as_strategy(mode) for mode in _modes(operation)]
    holes = {
        name: st.sampled_from(values)
        for name, values in there.items()
        if f"{{{name}}}" in operation.path
    }

    @seed(SEED)
    @settings(
        max_examples=each,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(ways), st.fixed_dictionaries(holes), st.sampled_from(keys), LUCKY)
    def ask(case: Any, real: dict[str, str], key: str, lucky: bool) -> None:
        if lucky:
            case.path_parameters = {**(case.path_parameters or {}), **real}
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(answer, checks=list(CHECKS))

    return ask


def _modes(operation: Any) -> list[GenerationMode]:
    """Where nothing can be said, nothing can be said wrongly."""
    said = operation.path_parameters or operation.query or operation.body
    return list(GenerationMode) if said else [GenerationMode.POSITIVE]


def test_no_answer_is_a_fault_or_other_than_described(server: Server) -> None:
    print(f"VALV_SOAK_SEED={SEED}")  # noqa: T201 - to ask the very same again
    home = f"http://127.0.0.1:{server.port}/api/v1"
    schema = schemathesis.openapi.from_url(f"{home}/openapi.json")
    found_all: Any = schema.get_all_operations()
    operations = [one.ok() for one in found_all]
    there, keys = laid(server), tokens(server)
    there["token"] = ["900", "901"]
    found: dict[str, str] = {}
    for operation in operations:
        asked = _asking(operation, there, keys, each=-(-CASES // len(operations)))
        try:
            asked()
        except FailureGroup as failures:
            found[operation.label] = str(failures)
    assert not found, "\n".join(f"{k}: {v}" for k, v in found.items())
