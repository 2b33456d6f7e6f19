"""``valv user`` and ``valv group``: an operator sees to who may, and is named."""

import json
from io import StringIO
from typing import Any

import pytest

from tests.cast import NOW, PASSWORD
from tests.portal.proving import set_up
from tests.portal.visiting import Visitor
from valv.audit.models import Entry
from valv.core.permissions import Right
from valv.jobs.command import FAILED, OK, REFUSED, USAGE, main
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.rights import held_by
from valv.tenants.slowdown import of_password, wait_or_take

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "192.0.2.1"


def entries(tenant: Tenant, setting: str) -> list[tuple[str, str]]:
    with scope.reading(tenant.id):
        rows = Entry.objects.filter(action="setting").order_by("id")
        found = [one for one in rows if one.details.get("setting") == setting]
    return [(one.actor_type, one.actor) for one in found]


def test_unlocking_forgets_failed_tries_and_is_entered(
    acme: Tenant, bo: User, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = of_password(bo.email, HERE)
    for _ in range(9):
        wait_or_take(counts, now=NOW)

    assert main(["user", "unlock", bo.email.upper()], user="root") == OK
    assert wait_or_take(counts, now=NOW) == 0
    assert entries(acme, "unlocked") == [("operator", "root")]


def test_a_second_factor_that_was_lost_is_taken_away(acme: Tenant, bo: User) -> None:
    visitor = Visitor().enters(bo)
    set_up(bo)

    assert main(["user", "reset-second-factor", bo.email], user="root") == OK
    assert visitor.get("/search").status_code == 302
    assert entries(acme, "second_factor_reset") == [("operator", "root")]
    Visitor().enters(bo)


def test_nobody_is_a_sentence(acme: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "unlock", "no@one.example"], user="root") == FAILED
    assert main(["user", "add", "new@acme.example"], user="root") == USAGE
    assert "no such user" in capsys.readouterr().err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: str) -> tuple[int, Any]:
        monkeypatch.setattr("sys.stdin", StringIO(PASSWORD + "\n"))
        code = main([*words, "--json"], user="root")
        return code, json.loads(capsys.readouterr().out or "null")

    return run


def test_a_user_is_added_to_a_group_and_changed(run: Any, alma: User) -> None:
    run("group", "add", "Team", "--grant", "see,play", "--queue", "Support")
    eva = ("eva@acme.example", "--name", "Eva")
    assert run("user", "add", *eva, "--group", "Team", "--password-stdin")[0] == OK

    changed = ("--grant", "surveys", "--deny", "play", "--agent", "a7")
    assert run("user", "change", eva[0], *changed)[0] == OK
    _, told = run("user", "show", eva[0])

    assert (told["group"], told["agent"]) == ("Team", "a7")
    rights = told["effective"]["rights"]
    assert rights["see"] == {"held": True, "by": "group"}
    assert rights["play"] == {"held": False, "by": "user"}
    assert rights["surveys"] == {"held": True, "by": "user"}
    assert (told["effective"]["queues"], told["effective"]["queues_by"]) == (
        ["Support"],
        "group",
    )
    run("user", "change", eva[0], "--group", "", "--role", "agent")
    _, told = run("user", "show", eva[0])
    assert (told["group"], told["stated"]["grant"]) == (None, ["own", "play"])


def test_what_all_inherit_and_groups_by_command(run: Any, alma: User, bo: User) -> None:
    assert run("group", "change", "--grant", "play")[0] == OK
    run("group", "add", "East")
    assert run("group", "change", "East", "--rename", "West", "--deny", "play")[0] == OK

    assert held_by(bo).rights == {Right.SEE, Right.PLAY}
    _, all_inherit = run("group", "show")
    _, west = run("group", "show", "West")
    assert all_inherit["stated"]["grant"] == ["play"]
    assert west["effective"]["rights"]["play"] == {"held": False, "by": "group"}
    _, listed = run("group", "list")
    assert [one["name"] for one in listed["items"]] == ["West"]
    assert run("group", "remove", "West")[0] == OK
    assert run("group", "list")[1]["items"] == []


def test_a_list_of_users_is_entered_and_shutting_out_spares_the_last(
    run: Any, acme: Tenant, alma: User, bo: User
) -> None:
    _, listed = run("user", "list")

    assert [one["email"] for one in listed["items"]] == [alma.email, bo.email]
    with scope.reading(acme.id):
        assert Entry.objects.filter(action="search", actor_type="operator").count() == 1
    assert run("user", "deactivate", alma.email)[0] == REFUSED
    assert run("user", "deactivate", bo.email)[0] == OK
    assert run("user", "activate", bo.email)[0] == OK
    assert entries(acme, "user")[-2:] == [("operator", "root")] * 2


@pytest.mark.parametrize(
    "words",
    [("user", "show"), ("user", "change", "bo@acme.example", "--grant", "fly"),
     ("user", "change", "bo@acme.example", "--grant", "see", "--deny", "see"),
     ("group", "add"), ("group", "remove")],
)  # fmt: skip
def test_what_is_not_said_right_is_wrong_usage(
    run: Any, bo: User, words: tuple[str, ...]
) -> None:
    assert run(*words)[0] == USAGE


def test_words_for_people(alma: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["group", "add", "Team", "--queue", "Support"], user="root") == OK
    for words in (["user", "list"], ["user", "show", alma.email], ["group", "list"],
                  ["group", "show", "Team"]):  # fmt: skip
        assert main(words, user="root") == OK

    said = capsys.readouterr().out
    for told in ("alma@acme.example  Alma", "users  (user)", "Team  0 users",
                 "no right", "queues: Support  (group)"):  # fmt: skip
        assert told in said
