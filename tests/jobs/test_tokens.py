"""`valv token`, and what `valv doctor` says of tokens that end."""

import json
from typing import Any

import pytest

from tests.api.test_tokens import status_of
from valv.jobs.command import OK, USAGE, main
from valv.tenants.models import Tenant
from valv.tenants.tokens import tokens_of

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = ("create", "--name", "pbx", "--scope", "intake,read")


@pytest.fixture
def run(acme: Tenant, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, Any]:
        code = main([*words, "--json"], user="root")
        return code, json.loads(capsys.readouterr().out or "null")

    return run


def test_a_token_is_made_listed_rotated_and_revoked(run: Any, acme: Tenant) -> None:
    code, made = run("token", *CREATE)
    _, rotated = run("token", "rotate", made["id"], "--keep-hours", "0")

    assert code == OK
    assert [status_of(made["token"]), status_of(rotated["token"])] == [401, 200]
    _, listed = run("token", "list")
    assert [(one["name"], one["state"]) for one in listed["items"]] == [
        ("pbx", "valid")
    ]
    assert run("token", "revoke", made["id"])[0] == OK
    assert status_of(rotated["token"]) == 401


def test_without_end_is_asked_for_by_name(run: Any, acme: Tenant) -> None:
    run("token", *CREATE)
    run("token", *CREATE, "--expires", "never")
    assert [one.expires_at is None for one in tokens_of(acme)] == [True, False]

    assert run("token", "life", "--longest", "30")[0] == OK
    assert run("token", *CREATE, "--expires", "never")[0] == USAGE
    assert run("token", "life", "--longest", "never")[0] == OK


@pytest.mark.parametrize(
    "words",
    [("create", "--name", "x"), ("create", "--scope", "read"), ("rotate",),
     ("revoke", "x"), ("life",), (*CREATE, "--expires", "soon")],
)  # fmt: skip
def test_what_is_not_said_is_asked_for(run: Any, words: tuple[str, ...]) -> None:
    assert run("token", *words)[0] == USAGE


def test_the_doctor_warns_before_a_token_ends(run: Any, acme: Tenant) -> None:
    run("token", *CREATE, "--expires", "90")
    assert not any("token" in said for said in run("doctor")[1]["warnings"])

    _, made = run("token", *CREATE, "--expires", "20")
    (said,) = [w for w in run("doctor")[1]["warnings"] if "token" in w]
    assert made["id"] in said
