"""Reasons over HTTP: the setting, and the acts that ask for one."""

import json
from typing import Any

import pytest

from tests.api.conftest import Asker
from tests.held import LOG, lay_content, lay_interaction
from valv.core.interaction import ContentKind
from valv.core.permissions import Scope
from valv.core.reasons import Needs
from valv.tenants.models import Tenant


@pytest.fixture
def held(acme: Tenant) -> dict[str, int]:
    """A call with a recording, and a chat with its log."""
    call, chat = lay_interaction(acme), lay_interaction(acme, session="S2")
    lay_content(acme, call)
    body = json.dumps(LOG).encode()
    lay_content(acme, chat, kind=ContentKind.CHAT_LOG, body=body, form="json")
    return {"call": call, "chat": chat}


def put(ask: Asker, **fields: Any) -> Any:
    return ask("PUT", "/settings/reasons", data=json.dumps(fields))


ASKS = [
    (Needs.PLAY, "GET", "/interactions/{call}/recordings/1?", "play"),
    (Needs.PLAY, "GET", "/interactions/{chat}/chat-log?", "see"),
    (Needs.DOWNLOAD, "GET", "/interactions/{call}/recordings/1?download=mp3&", None),
    (Needs.DELETE, "DELETE", "/interactions/{call}/recordings/1?", "delete"),
    (Needs.DELETE, "DELETE", "/interactions/{chat}/chat-log?", "delete"),
    (Needs.EXPORT, "GET", "/interactions.xlsx?", "export"),
    (Needs.EXPORT, "GET", "/raw-events?", "export"),
]


@pytest.mark.parametrize(("needs", "method", "path", "action"), ASKS)
def test_an_act_that_needs_a_reason_is_refused_without_and_keeps_it(
    ask: Asker,
    held: dict[str, int],
    needs: Needs,
    method: str,
    path: str,
    action: str | None,
) -> None:
    others = [one.value for one in Needs if one is not needs]
    put(ask, required=others)
    action = action or needs.value
    place = path.format(**held)
    put(ask, required=[needs.value])

    refused = ask(method, f"{place}reason=%20")

    assert (refused.status_code, refused.json()["rule"]) == (422, "reason_required")
    assert ask.entries(action) == []
    assert ask(method, f"{place}reason=Klagom%C3%A5l").status_code < 300
    assert [one.reason for one in ask.entries(action)] == ["Klagomål"]


def test_an_act_that_needs_none_asks_for_none(ask: Asker, held: dict[str, int]) -> None:
    put(ask, required=["download", "delete", "export"])

    assert ask("GET", f"/interactions/{held['call']}/recordings/1").status_code == 200


def test_the_setting_is_shown_and_what_it_was_is_entered(ask: Asker) -> None:
    put(ask, required=["export", "play"], proposed=["Klagomål", " Klagomål ", ""])

    answer = put(ask, proposed=["Kvalitet"])

    held = {"required": ["play", "export"], "proposed": ["Kvalitet"]}
    assert answer.json() == ask("GET", "/settings/reasons").json() == held
    assert ask.entries("setting")[-1].details == {
        "setting": "reasons",
        "changes": [{"what": "proposed", "from": ["Klagomål"], "to": ["Kvalitet"]}],
    }


def test_what_changes_nothing_is_not_entered(ask: Asker) -> None:
    put(ask, required=["play"])
    before = len(ask.entries("setting"))

    put(ask, required=["play"])

    assert len(ask.entries("setting")) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"required": ["sing"]},
        {"proposed": ["Ring 0701234567"]},
        {"proposed": ["x" * 101]},
        {"proposed": [str(n) for n in range(21)]},
    ],
)
def test_what_cannot_be_set_is_refused(ask: Asker, fields: dict[str, Any]) -> None:
    assert put(ask, **fields).status_code == 422


def test_the_setting_needs_its_right(acme: Tenant) -> None:
    machine = Asker(acme, [Scope.READ, Scope.AUDIT])

    assert put(machine, required=["play"]).status_code == 403


def test_a_job_that_deletes_needs_a_reason_and_keeps_it(
    ask: Asker, held: dict[str, int]
) -> None:
    put(ask, required=[Needs.DELETE.value])
    asked = {"kind": "delete", "interactions": [str(held["call"])]}

    refused = ask("POST", "/jobs", data=json.dumps(asked))
    done = ask("POST", "/jobs", data=json.dumps({**asked, "reason": "Klagomål"}))

    assert (refused.status_code, refused.json()["rule"]) == (422, "reason_required")
    assert (done.status_code, done.json()["status"]) == (201, "done")
    entries = ask.entries("delete")
    assert [one.reason for one in entries if one.interaction_id] == ["Klagomål"]


def test_who_is_forgotten_is_reason_enough(ask: Asker, held: dict[str, int]) -> None:
    put(ask, required=[Needs.DELETE.value])
    asked = {"kind": "forget", "interactions": [str(held["call"])]}

    assert ask("POST", "/jobs", data=json.dumps(asked)).status_code == 201
